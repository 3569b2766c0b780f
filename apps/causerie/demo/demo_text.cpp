// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/demo_text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/units.hpp"

namespace causerie::apps {
namespace {

constexpr std::size_t line_bytes_max = 200;
constexpr std::size_t lines_max = 20'000;
constexpr const char* licence_folder = "/usr/share/common-licenses";

constexpr const char* built_in[] = {
    "A causerie is an informal talk.",
    "In this one, no answer arrives before its question.",
    "The network may lose what I say, and I say it again.",
    "It may bring it twice, and you hear it once.",
    "It may bring the second before the first, and you wait for the first.",
    "Who was away asks those who were here.",
    "Whom we do not hear for long we presume gone, and go on.",
    "Nobody here is in charge, and nothing is missing.",
};

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(" \t\r");
  if (first == line.npos) return {};
  return line.substr(first, std::min(line.find_last_not_of(" \t\r") - first + 1, line_bytes_max));
}

/// False when the file cannot be read.
bool add_lines(const std::filesystem::path& file, std::vector<std::string>& lines) {
  std::ifstream in{file};
  if (!in) return false;
  for (std::string line; lines.size() < lines_max && std::getline(in, line);)
    if (auto text = trimmed(line); !text.empty() && is_utf8(text)) lines.push_back(std::move(text));
  return !in.bad();
}

std::vector<std::filesystem::path> licence_texts() {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{licence_folder, ignored})
    if (entry.is_regular_file(ignored) && !entry.is_symlink(ignored)) files.push_back(entry.path());
  std::ranges::sort(files);  // The same text everywhere for the same seed.
  return files;
}

}  // namespace

std::vector<std::string> demo_lines(const std::vector<std::string>& files) {
  std::vector<std::string> lines;
  for (const auto& file : files)
    if (!add_lines(file, lines))
      throw app_error{"cannot-read", exit_code::no, fmt::format("cannot read {}", file),
                      "--text takes files of plain text"};
  if (!files.empty() && lines.empty())
    throw app_error{"cannot-read", exit_code::no, "no line of text in the given files",
                    "--text takes files of plain text"};
  if (files.empty())
    for (const auto& file : licence_texts()) add_lines(file, lines);
  if (lines.empty()) lines.assign(std::begin(built_in), std::end(built_in));
  return lines;
}

std::string to_text(const demo_message& message) {
  return message.question.empty()
             ? fmt::format("[{}] {}", message.id, message.text)
             : fmt::format("[{} re {}] {}", message.id, message.question, message.text);
}

demo_message demo_message_of(std::string_view text) {
  const auto end = text.find("] ");
  if (!text.starts_with('[') || end == text.npos) return {.text = std::string{text}};
  const auto head = text.substr(1, end - 1);
  const auto re = head.find(" re ");
  return {.id = std::string{head.substr(0, re)},
          .question = re == head.npos ? std::string{} : std::string{head.substr(re + 4)},
          .text = std::string{text.substr(end + 2)}};
}

demo_place demo_place_of(std::string_view id) {
  const auto colon = id.rfind(':');
  if (colon == id.npos) return {};
  return {std::string{id.substr(0, colon)}, parse_count(id.substr(colon + 1)).value_or(0)};
}

}  // namespace causerie::apps
