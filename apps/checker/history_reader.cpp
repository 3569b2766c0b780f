// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/history_reader.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "apps/checker/history_line.hpp"

namespace causerie::checker {
namespace {

history& life_of(std::vector<history>& lives, const history_line& line) {
  for (auto life = lives.rbegin(); life != lives.rend(); ++life)
    if (life->life == line.life && life->node == line.node) return *life;
  lives.push_back({line.node, line.life, {}});
  return lives.back();
}

}  // namespace

histories_read read_histories(std::istream& in) {
  histories_read read;
  std::string text;
  while (std::getline(in, text)) {
    if (in.eof()) {  // No newline.
      read.torn = !text.empty();
      break;
    }
    ++read.lines;
    auto line = from_line(text);
    if (!line) {
      ++read.lines_unreadable;
      continue;
    }
    auto& life = life_of(read.lives, *line);
    life.entries.push_back(std::move(line->what));
  }
  return read;
}

histories_read read_histories(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) throw std::system_error{errno, std::generic_category(), file.string()};
  return read_histories(in);
}

}  // namespace causerie::checker
