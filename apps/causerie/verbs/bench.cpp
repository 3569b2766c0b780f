// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/bench/bench_run.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/cli/private_folder.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/verbs/bench_detect.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

constexpr std::string_view bench_kinds = "group|channel|detect";
constexpr std::uint64_t bench_nodes_max = 64;
constexpr std::uint64_t size_bytes_max = 60'000;

bench_options bench_options_of(const invocation& run) {
  bench_options options;
  options.group = run.given.text(bench_kinds) == "group";
  options.nodes = options.group ? run.given.count("nodes", 10) : 2;
  if (options.nodes < 2 || options.nodes > bench_nodes_max)
    throw usage_error(fmt::format("--nodes: 2 to {}", bench_nodes_max));
  options.size_bytes = run.given.bytes("size", 100);
  if (options.size_bytes < 8 || options.size_bytes > size_bytes_max)
    throw usage_error(fmt::format("--size: 8B to {}B", size_bytes_max));
  options.rate = static_cast<double>(run.given.count("rate", 200));
  if (options.rate < 1) throw usage_error("--rate: at least 1");
  options.length = run.given.time("for", std::chrono::seconds{3});
  if (options.length < std::chrono::milliseconds{100} || options.length > std::chrono::hours{1})
    throw usage_error("--for: 100ms to 1h");
  if (run.given.has("sync") && !run.given.has("durable"))
    throw usage_error("--sync: only with --durable");
  if (run.given.has("durable")) options.sync = run.given.text("sync", "normal");
  return options;
}

double per_million(const bench_figures& figures) {
  return figures.delivered == 0
             ? 0
             : figures.cpu_seconds / static_cast<double>(figures.delivered) * 1e6;
}

std::string table_of(const std::vector<bench_figures>& all, bool bold) {
  using enum table::align;
  table rows{{{"phase"},
              {"msg/s", right},
              {"deliveries/s", right},
              {"CPU-s/M deliveries", right},
              {"p50", right},
              {"p99", right},
              {"p99.9", right},
              {"RSS max", right}}};
  for (const auto& figures : all)
    rows.row({figures.phase,
              fmt::format("{:.0f}", static_cast<double>(figures.sent) / figures.seconds),
              fmt::format("{:.0f}", static_cast<double>(figures.delivered) / figures.seconds),
              fmt::format("{:.2f}", per_million(figures)),
              duration_text(figures.latencies.quantile(0.5)),
              duration_text(figures.latencies.quantile(0.99)),
              duration_text(figures.latencies.quantile(0.999)),
              byte_size_text(figures.rss_kib_max * 1024)});
  return rows.text(bold);
}

nlohmann::json json_of(const bench_options& options, const std::vector<bench_figures>& all) {
  const auto us = [](duration value) {
    return std::chrono::duration<double, std::micro>{value}.count();
  };
  auto phases = nlohmann::json::array();
  for (const auto& figures : all)
    phases.push_back({{"phase", figures.phase},
                      {"sent", figures.sent},
                      {"delivered", figures.delivered},
                      {"complete", figures.delivered == figures.deliveries_expected},
                      {"seconds", figures.seconds},
                      {"cpu_s", figures.cpu_seconds},
                      {"cpu_s_per_million_deliveries", per_million(figures)},
                      {"p50_us", us(figures.latencies.quantile(0.5))},
                      {"p99_us", us(figures.latencies.quantile(0.99))},
                      {"p999_us", us(figures.latencies.quantile(0.999))},
                      {"rss_kib_max", figures.rss_kib_max}});
  return {{"schema", "causerie.bench/1"}, {"what", options.group ? "group" : "channel"},
          {"nodes", options.nodes},       {"size_bytes", options.size_bytes},
          {"rate", options.rate},         {"sync", options.sync},
          {"phases", std::move(phases)}};
}

/// A flag that another kind of bench understands would else be forgotten in silence.
void refuse_foreign_flags(const invocation& run, std::string_view kind) {
  using names = std::set<std::string_view>;
  static const std::map<std::string_view, names> known{
      {"group", {"nodes", "size", "rate", "for", "durable", "sync"}},
      {"channel", {"size", "rate", "for"}},
      {"detect", {"nodes", "for", "kills", "stops", "profile", "ping-interval"}}};
  for (const auto& [of, flags] : known)
    for (const auto& flag : flags)
      if (run.given.has(flag) && !known.at(kind).contains(flag))
        throw usage_error(fmt::format("--{} is not of 'bench {}'", flag, kind));
}

exit_code run_bench(invocation& run) {
  refuse_foreign_flags(run, run.given.text(bench_kinds));
  if (run.given.text(bench_kinds) == "detect") return run_bench_detect(run);
  const auto options = bench_options_of(run);
  const private_folder own;
  bench_run bench{run.terminal, options, own.path()};
  run.terminal.say(fmt::format("{} node processes, messages of {}, {} a phase", options.nodes,
                               byte_size_text(options.size_bytes), duration_text(options.length)));
  const auto all = bench.measure();
  run.terminal.end_progress();
  bool complete = true;
  for (const auto& figures : all)
    complete = complete && figures.delivered == figures.deliveries_expected && figures.sent != 0;
  if (run.terminal.json())
    run.terminal.answer(json_of(options, all));
  else
    run.terminal.out(table_of(all, run.terminal.colored()));
  if (!complete) run.terminal.say("not everything that was sent was delivered in time");
  return complete ? exit_code::done : exit_code::no;
}

}  // namespace

verb_spec bench_verb() {
  return {.name = "bench",
          .summary = "messages a second, CPU, latencies; how soon a loss is noticed",
          .about =
              "Runs node processes on this machine. group: each sends to all, paced and then as\n"
              "fast as it may. channel: two processes, ping-pong and then one way as fast as it\n"
              "may (latency of one-way is time in queue). Latencies are from hand-over at the\n"
              "sender to delivery at another member; ping-pong's are of the round trip.\n"
              "detect: members that do nothing are looked at, then one after the other is\n"
              "killed or stopped, until all others know.",
          .positionals = {{bench_kinds}},
          .flags = {{.name = "nodes",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "processes of the group; default 10"},
                    {.name = "size",
                     .kind = value_kind::bytes,
                     .placeholder = "SIZE",
                     .summary = "of a message; default 100B"},
                    {.name = "rate",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "messages a second and member when paced; default 200"},
                    {.name = "durable",
                     .summary = "of group: it outlives processes; compare with a run without"},
                    {.name = "sync",
                     .kind = value_kind::choice,
                     .placeholder = "normal|full",
                     .summary = "of --durable, as of 'causerie node'; default normal"},
                    {.name = "for",
                     .kind = value_kind::time,
                     .placeholder = "DUR",
                     .summary = "length of each phase; default 3s, of detect's idle one 60s"},
                    {.name = "kills",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of detect: members killed (SIGKILL); default 20"},
                    {.name = "stops",
                     .kind = value_kind::count,
                     .placeholder = "N",
                     .summary = "of detect: members stopped (SIGSTOP); default 5"},
                    {.name = "profile",
                     .kind = value_kind::choice,
                     .placeholder = "any|lan",
                     .summary = "of detect: as of 'causerie node'; default any"},
                    {.name = "ping-interval",
                     .kind = value_kind::time,
                     .placeholder = "DUR",
                     .summary = "of detect: how often a member probes; default 1s, lan 500ms"}},
          .run = run_bench};
}

}  // namespace causerie::apps
