// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/table.hpp"

#include <algorithm>

#include "apps/causerie/cli/printable.hpp"

namespace causerie::apps {

std::vector<std::size_t> table::widths() const {
  std::vector<std::size_t> widths;
  for (const auto& [title, _] : head_) widths.push_back(columns(title));
  for (const auto& cells : rows_)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columns(cells[i]));
  return widths;
}

std::string table::text(bool bold_head) const {
  const auto width = widths();
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t i = 0; i < head_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string space(width[i] - columns(cell), ' ');
      if (i != 0) out += "  ";
      out += head_[i].side == align::right ? space + cell : cell + space;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  auto head = line([&](std::size_t i) -> const std::string& { return head_[i].title; });
  auto out = bold_head ? "\x1b[1m" + head + "\x1b[0m\n" : head + '\n';
  for (const auto& cells : rows_)
    out += line([&](std::size_t i) -> const std::string& { return cells[i]; }) + '\n';
  return out;
}

}  // namespace causerie::apps
