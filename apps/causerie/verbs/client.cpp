// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/client.hpp"

#include <iostream>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/file_text.hpp"
#include "apps/causerie/cli/printable.hpp"

namespace causerie::apps {
namespace {

std::string read_all(std::istream& from) {
  return {std::istreambuf_iterator<char>{from}, std::istreambuf_iterator<char>{}};
}

std::string text_of_file(const std::string& path) {
  auto text = file_text(path);
  if (!text)
    throw app_error{"cannot-read", exit_code::no, fmt::format("--file: cannot read {}", path),
                    "'-' instead of TEXT reads standard input"};
  return std::move(*text);
}

}  // namespace

duration patience_of(const invocation& run) { return run.chosen.time("client.timeout"); }

nlohmann::json ask_node(const invocation& run, nlohmann::json request) {
  control_client client{chosen_node(run.chosen)};
  return client.ask(std::move(request), patience_of(run));
}

exit_code show_answer(invocation& run, const nlohmann::json& request,
                      const std::function<std::string(console&, const nlohmann::json&)>& show) {
  const bool again = run.given.has("watch");
  do {
    const auto answer = ask_node(run, request);
    if (run.terminal.json()) {
      run.terminal.answer(answer);
    } else {
      if (again && run.terminal.colored()) run.terminal.out("\x1b[H\x1b[2J");
      run.terminal.say(show(run.terminal, answer));
    }
    if (again) std::this_thread::sleep_for(std::chrono::seconds{1});
  } while (again);
  return exit_code::done;
}

flag_spec watch_flag() { return {.name = "watch", .summary = "again every second, until Ctrl-C"}; }

std::string text_argument(const invocation& run) {
  const auto file = run.given.text("file");
  if (run.given.has("TEXT") == !file.empty())
    throw usage_error(file.empty() ? "TEXT is missing" : "TEXT and --file are one too many",
                      "'-' reads standard input");
  const auto given = run.given.text("TEXT");
  auto text = !file.empty() ? text_of_file(file) : given == "-" ? read_all(std::cin) : given;
  if (!is_utf8(text)) throw usage_error("the text is not UTF-8", "encode other bytes first");
  return text;
}

}  // namespace causerie::apps
