// SPDX-License-Identifier: BSL-1.0
#include <fstream>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/verbs/live_run.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "apps/trace/exporters.hpp"
#include "apps/trace/run_reader.hpp"

namespace causerie::apps {
namespace {

constexpr std::string_view trace_formats = "text|jsonl|chrome|shiviz|html";
constexpr std::uint64_t last_in_terminal = 40;

trace::run run_to_show(const invocation& run) {
  const auto from = run.given.text("RUN");
  if (from.empty()) return live_run(run);
  try {
    return trace::read_run(from);
  } catch (const trace::unreadable& why) {
    const auto place =
        why.line == 0 ? why.file.string() : fmt::format("{}:{}", why.file.string(), why.line);
    throw app_error{"cannot-read", exit_code::no, fmt::format("{}: {}", place, why.why),
                    "RUN is what 'sim run --trace FILE' or 'demo --keep DIR' wrote"};
  }
}

/// --format, or what the name of the output says.
std::string format_of(const invocation& run) {
  if (run.given.has("format")) return run.given.text("format");
  const auto out = run.given.text("out");
  if (out.ends_with(".html")) return "html";
  if (out.ends_with(".json")) return "chrome";
  if (out.ends_with(".shiviz")) return "shiviz";
  return !out.empty() || run.terminal.json() ? "jsonl" : "text";
}

/// Keeps the newest events only, linked anew.
void keep_last(trace::run& told, std::uint64_t events_max) {
  if (told.events.size() <= events_max) return;
  told.events.erase(told.events.begin(),
                    told.events.end() - static_cast<std::ptrdiff_t>(events_max));
  trace::put_in_order(told);
}

void write_as(const std::string& format, const trace::run& told, const trace::sink& to) {
  if (format == "jsonl") return trace::write_lines(told, to);
  if (format == "chrome") return trace::write_chrome(told, to);
  if (format == "shiviz") return trace::write_shiviz(told, to);
  if (format == "html") return trace::write_page(told, to);
  const auto text = trace::terminal_text(told, told.events.size());
  for (std::size_t from = 0; from < text.size();) {
    const auto to_end = std::min(text.find('\n', from), text.size());
    to(printable(text.substr(from, to_end - from)) + "\n");
    from = to_end + 1;
  }
}

void write_file(const std::string& path, const std::string& format, const trace::run& told) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  if (!file)
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("cannot write {}", path)};
  write_as(format, told, [&](std::string_view piece) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  });
  if (!file.flush())
    throw app_error{"disk", exit_code::disk, fmt::format("{} could not be written", path)};
}

exit_code run_trace(invocation& run) {
  const auto format = format_of(run);
  auto told = run_to_show(run);
  const auto out = run.given.text("out");
  const bool to_terminal = out.empty() && format == "text";
  keep_last(told, run.given.count("last", to_terminal ? last_in_terminal : UINT64_MAX));
  if (out.empty())
    write_as(format, told, [&](std::string_view piece) { run.terminal.out(piece); });
  else
    write_file(out, format, told);
  run.terminal.say(fmt::format("{} events of {} nodes{}", told.events.size(), told.nodes.size(),
                               out.empty() ? "" : fmt::format(" in {} ({})", out, format)));
  return exit_code::done;
}

}  // namespace

verb_spec trace_verb() {
  return {.name = "trace",
          .summary = "a run as a space-time diagram, or for other tools",
          .about =
              "Shows what happened in RUN: the trace of a simulated day ('sim run --trace FILE'),\n"
              "a history, or a folder of them ('demo --keep DIR'). Without RUN: in this user's\n"
              "running nodes, as far as they remember. html is a page with the whole diagram;\n"
              "chrome opens in Perfetto, shiviz in ShiViz. The name of --out tells the format:\n"
              ".html, .json (chrome), .shiviz, else JSON Lines.",
          .positionals = {{"RUN", /*required=*/false}},
          .flags = {{.name = "format",
                     .kind = value_kind::choice,
                     .placeholder = trace_formats,
                     .summary = "what to write"},
                    {.name = "out",
                     .kind = value_kind::text,
                     .placeholder = "FILE",
                     .summary = "where to; default: standard output",
                     .letter = 'o'},
                    {.name = "last",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "only the last N events; 40 in a terminal"}},
          .run = run_trace};
}

}  // namespace causerie::apps
