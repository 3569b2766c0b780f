// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/chat_line.hpp"

#include <array>

#include <fmt/format.h>

#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

constexpr std::size_t nick_bytes_max = 32;

std::string_view take_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
  return word;
}

chat_line unknown_word(std::string_view word) {
  constexpr std::array<std::string_view, 5> known{"/who", "/msg", "/nick", "/help", "/quit"};
  const auto near = nearest(word, known);
  return {.what = chat_line::kind::unknown,
          .text = near.empty() ? "/help lists all" : fmt::format("did you mean {}?", near)};
}

}  // namespace

chat_line parse_chat_line(std::string_view line) {
  using enum chat_line::kind;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return {};
  if (line[0] != '/') return {.what = say, .text = std::string{line}};
  if (line.starts_with("//")) return {.what = say, .text = std::string{line.substr(1)}};
  const auto word = take_word(line);
  if (word == "/who") return {.what = who};
  if (word == "/quit") return {.what = quit};
  if (word == "/help") return {.what = help};
  if (word == "/nick" && !line.empty() && line.size() <= nick_bytes_max)
    return {.what = nick, .text = std::string{line}};
  if (word == "/msg") {
    const auto to = take_word(line);
    if (!line.empty()) return {.what = msg, .to = std::string{to}, .text = std::string{line}};
    return {.what = chat_line::kind::unknown, .text = "/msg NAME TEXT"};
  }
  return unknown_word(word);
}

std::string with_nick(std::string_view nick, std::string_view text) {
  return nick.empty() ? std::string{text} : fmt::format("<{}> {}", nick, text);
}

std::string spoken(std::string_view from, std::string_view text) {
  const auto end = text.find("> ");
  if (!text.starts_with('<') || end == text.npos || end < 2 || end > nick_bytes_max + 1)
    return fmt::format("{}: {}", from, text);
  return fmt::format("{} ({}): {}", text.substr(1, end - 1), from, text.substr(end + 2));
}

}  // namespace causerie::apps
