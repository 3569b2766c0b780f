// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/checker/checker.hpp"

namespace causerie::checker {

/// Collects a verdict: one row a node, violations counted all and listed up to a bound.
class ledger {
public:
  ledger(std::span<const history> lives, const check_options& options);

  [[nodiscard]] node_row& row(std::string_view node);
  /// `words` is called only when the violation will be listed.
  template <class Words>
  void add(violation_kind kind, const std::string& node, Words&& words) {
    ++verdict_.counts[static_cast<std::size_t>(kind)];
    if (verdict_.violations.size() < listed_max_)
      verdict_.violations.push_back({kind, node, words()});
  }
  [[nodiscard]] verdict& so_far() noexcept { return verdict_; }
  [[nodiscard]] verdict finish();

private:
  verdict verdict_;
  std::map<std::string, node_row, std::less<>> rows_;
  std::size_t listed_max_;
};

/// Whether this life was still there when the run ended.
[[nodiscard]] bool survives(const history& life) noexcept;
/// The id that the life's `start` entry gives, or none: empty.
[[nodiscard]] std::string_view id_of(const history& life) noexcept;
/// Whether `name` means this life's node.
[[nodiscard]] bool is_called(const history& life, std::string_view name) noexcept;

}  // namespace causerie::checker
