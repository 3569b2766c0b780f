// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/bench_detect.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/bench/detect_run.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/private_folder.hpp"
#include "apps/causerie/cli/table.hpp"

namespace causerie::apps {
namespace {

constexpr std::uint64_t detect_nodes_max = 64;
constexpr std::uint64_t losses_max = 10'000;

detect_options detect_options_of(const invocation& run) {
  detect_options options;
  options.nodes = run.given.count("nodes", 10);
  if (options.nodes < 3 || options.nodes > detect_nodes_max)
    throw usage_error(fmt::format("--nodes: 3 to {}", detect_nodes_max));
  options.kills = run.given.count("kills", 20);
  options.stops = run.given.count("stops", 5);
  if (std::max(options.kills, options.stops) > losses_max)
    throw usage_error(fmt::format("--kills and --stops: up to {}", losses_max));
  options.idle = run.given.time("for", std::chrono::seconds{60});
  options.profile = run.given.text("profile", "any");
  const auto usual = std::chrono::milliseconds{options.profile == "lan" ? 500 : 1000};
  options.ping_interval = run.given.time("ping-interval", usual);
  if (options.ping_interval < std::chrono::milliseconds{10})
    throw usage_error("--ping-interval: at least 10ms");
  return options;
}

std::string table_of(const detect_figures& figures, bool bold) {
  using enum table::align;
  table rows{{{"loss"},
              {"times", right},
              {"first p50", right},
              {"p99", right},
              {"last p50", right},
              {"p99", right}}};
  const auto add = [&](const char* name, const detect_times& times) {
    if (times.first.empty()) return;
    rows.row({name, std::to_string(times.first.size()), duration_text(quantile(times.first, 0.5)),
              duration_text(quantile(times.first, 0.99)), duration_text(quantile(times.last, 0.5)),
              duration_text(quantile(times.last, 0.99))});
  };
  add("killed", figures.killed);
  add("stopped", figures.stopped);
  return rows.text(bold);
}

nlohmann::json times_json(const detect_times& times) {
  const auto seconds = [](duration value) { return std::chrono::duration<double>{value}.count(); };
  return {{"times", times.first.size()},
          {"first_p50_s", seconds(quantile(times.first, 0.5))},
          {"first_p99_s", seconds(quantile(times.first, 0.99))},
          {"last_p50_s", seconds(quantile(times.last, 0.5))},
          {"last_p99_s", seconds(quantile(times.last, 0.99))}};
}

nlohmann::json json_of(const detect_options& options, const detect_figures& figures) {
  return {{"schema", "causerie.bench-detect/1"},
          {"nodes", options.nodes},
          {"bytes_a_second", figures.bytes_a_second},
          {"packets_a_second", figures.packets_a_second},
          {"cpu_share", figures.cpu_share},
          {"cpu_share_max", figures.cpu_share_max},
          {"profile", options.profile},
          {"killed", times_json(figures.killed)},
          {"stopped", times_json(figures.stopped)},
          {"unnoticed", figures.unnoticed},
          {"falsely_dead", figures.falsely_dead}};
}

}  // namespace

exit_code run_bench_detect(invocation& run) {
  const auto options = detect_options_of(run);
  const private_folder own;
  detect_run bench{run.terminal, options, own.path()};
  run.terminal.say(fmt::format("{} node processes; {} killed and {} stopped, one at a time",
                               options.nodes, options.kills, options.stops));
  const auto figures = bench.measure();
  run.terminal.end_progress();
  if (run.terminal.json()) {
    run.terminal.answer(json_of(options, figures));
  } else {
    if (options.idle > duration{})
      run.terminal.say(fmt::format(
          "an idle member: {:.0f} B/s in {:.1f} packets/s, {:.3f} % CPU (the busiest {:.3f} %)",
          figures.bytes_a_second, figures.packets_a_second, 100 * figures.cpu_share,
          100 * figures.cpu_share_max));
    run.terminal.out(table_of(figures, run.terminal.colored()));
    if (figures.unnoticed != 0)
      run.terminal.say(fmt::format("{} not seen by everybody", figures.unnoticed));
    if (figures.falsely_dead != 0)
      run.terminal.say(
          fmt::format("{} times a running member was held dead", figures.falsely_dead));
  }
  return figures.unnoticed + figures.falsely_dead == 0 ? exit_code::done : exit_code::no;
}

}  // namespace causerie::apps
