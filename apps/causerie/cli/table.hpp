// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

namespace causerie::apps {

/// Aligned columns for people: text to the left, figures to the right, two spaces between.
class table {
public:
  enum class align { left, right };
  struct column {
    std::string title;
    align side = align::left;
  };

  explicit table(std::vector<column> head) : head_{std::move(head)} {}

  /// Precondition: as many cells as columns.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  /// Ends in a newline; no line has trailing spaces. `bold_head`: ANSI bold titles.
  [[nodiscard]] std::string text(bool bold_head = false) const;

private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<column> head_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace causerie::apps
