// SPDX-License-Identifier: BSL-1.0
#include "tests/house/snippet_rules.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace causerie::house {
namespace {

constexpr std::string_view mark = "<!-- from ";
constexpr std::string_view mark_end = " -->";
constexpr std::string_view fence = "```";

/// The lines between the two fences that follow line `at`.
std::span<const std::string> block_after(const std::vector<std::string>& lines, std::size_t at) {
  const auto is_fence = [](const std::string& line) { return line.starts_with(fence); };
  const auto opens =
      std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end(), is_fence);
  if (opens == lines.end()) return {};
  return {opens + 1, std::find_if(opens + 1, lines.end(), is_fence)};
}

bool stands_in(std::span<const std::string> block, const source_text& source) {
  return !block.empty() && !std::ranges::search(source.lines, block).empty();
}

}  // namespace

std::vector<finding> check_snippets(const std::vector<source_text>& tree) {
  std::vector<finding> findings;
  for (const auto& page : tree) {
    if (!page.path.ends_with(".md")) continue;
    for (std::size_t i = 0; i < page.lines.size(); ++i) {
      const auto& line = page.lines[i];
      if (!line.starts_with(mark) || !line.ends_with(mark_end)) continue;
      const auto path = line.substr(mark.size(), line.size() - mark.size() - mark_end.size());
      const auto source = std::ranges::find(tree, path, &source_text::path);
      if (source == tree.end() || !stands_in(block_after(page.lines, i), *source))
        findings.push_back({page.path, i + 1, "shows what does not stand in " + path});
    }
  }
  return findings;
}

}  // namespace causerie::house
