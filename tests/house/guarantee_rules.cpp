// SPDX-License-Identifier: BSL-1.0
#include "tests/house/guarantee_rules.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace causerie::house {
namespace {

constexpr std::string_view page_name = "GUARANTEES.md";
constexpr std::string_view item = "- ";
constexpr std::string_view link_begins = "](";

struct promise {
  std::size_t line = 0;
  std::string text;
};

/// The items of the page's lists; what is indented below one belongs to it.
std::vector<promise> promises_of(const source_text& page) {
  std::vector<promise> all;
  bool inside = false;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    const auto& line = page.lines[i];
    if (line.starts_with(item)) {
      all.push_back({i + 1, line});
      inside = true;
    } else if (inside && line.starts_with("  ")) {
      all.back().text += line.substr(1);
    } else {
      inside = false;
    }
  }
  return all;
}

bool has_test(const source_text& source, std::string_view title) {
  const auto begins = "TEST_CASE(\"" + std::string{title} + '"';
  return std::ranges::any_of(source.lines, [&](const std::string& line) {
    return line.find(begins) != std::string::npos;
  });
}

class judge {
public:
  judge(const std::vector<source_text>& tree, const promise& about)
      : tree_{tree}, about_{about}, rest_{about.text} {}

  std::vector<finding> findings() {
    std::size_t shown = 0;
    while (next_file()) shown += titles();
    if (shown == 0) say("a promise that names no test");
    return std::move(findings_);
  }

private:
  bool next_file() {
    const auto at = rest_.find(link_begins);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + link_begins.size());
    const auto ends = std::min(rest_.find(')'), rest_.size());
    path_ = rest_.substr(0, ends);
    rest_.remove_prefix(std::min(ends + 1, rest_.size()));
    return true;
  }

  /// How many quoted titles stand before the next link.
  std::size_t titles() {
    const auto source = std::ranges::find(tree_, path_, &source_text::path);
    if (source == tree_.end()) say("there is no " + std::string{path_});
    auto own = rest_.substr(0, rest_.find(link_begins));
    std::size_t count = 0;
    for (;;) {
      const auto opens = own.find('"');
      const auto closes = opens == std::string_view::npos ? opens : own.find('"', opens + 1);
      if (closes == std::string_view::npos) return count;
      const auto title = own.substr(opens + 1, closes - opens - 1);
      if (source != tree_.end() && !has_test(*source, title))
        say(std::string{path_} + " has no test \"" + std::string{title} + '"');
      ++count;
      own.remove_prefix(closes + 1);
    }
  }

  void say(std::string why) {
    findings_.push_back({std::string{page_name}, about_.line, std::move(why)});
  }

  const std::vector<source_text>& tree_;
  const promise& about_;
  std::string_view rest_;
  std::string_view path_;
  std::vector<finding> findings_;
};

}  // namespace

std::vector<finding> check_guarantees(const std::vector<source_text>& tree) {
  const auto page = std::ranges::find(tree, page_name, &source_text::path);
  if (page == tree.end()) return {{std::string{page_name}, 0, "is missing"}};
  const auto promises = promises_of(*page);
  if (promises.empty()) return {{page->path, 0, "promises nothing"}};
  std::vector<finding> all;
  for (const auto& each : promises)
    for (auto& found : judge{tree, each}.findings()) all.push_back(std::move(found));
  return all;
}

}  // namespace causerie::house
