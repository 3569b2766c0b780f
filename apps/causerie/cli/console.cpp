// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/console.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"

namespace causerie::apps {
namespace {

bool wants_color(const settings& chosen) {
  const auto choice = chosen.text("output.color");
  if (choice != "auto") return choice == "always";
  return ::isatty(STDOUT_FILENO) != 0 && chosen.variable("NO_COLOR").empty() &&
         chosen.variable("TERM") != "dumb";
}

void write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  if (errno == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  throw app_error{"disk", exit_code::disk, "standard output cannot be written"};
}

}  // namespace

console::console(const settings& chosen, const arguments& given)
    : json_{chosen.on("output.json")},
      quiet_{given.has("quiet")},
      color_{wants_color(chosen)},
      terminal_{::isatty(STDERR_FILENO) != 0},
      verbosity_{given.times("verbose")} {}

void console::out(std::string_view text) {
  end_progress();
  write_out(text);
}

void console::answer(const nlohmann::json& object) { out(json_line(object) + '\n'); }

void console::say(std::string_view line) {
  if (quiet_ || json_) return;
  end_progress();
  fmt::print(stderr, "{}\n", line);
}

void console::detail(std::size_t level, std::string_view line) {
  if (verbosity_ >= level) say(line);
}

void console::progress(std::string_view line) {
  if (quiet_ || json_ || !terminal_) return;
  fmt::print(stderr, "\r\x1b[K{}", line);
  std::fflush(stderr);
  progress_shown_ = true;
}

void console::end_progress() {
  if (!progress_shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  progress_shown_ = false;
}

std::string console::bold(std::string_view text) const {
  return color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string{text};
}
std::string console::dim(std::string_view text) const {
  return color_ ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string{text};
}

}  // namespace causerie::apps
