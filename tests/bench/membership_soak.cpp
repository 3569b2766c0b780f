// SPDX-License-Identifier: BSL-1.0
//
// How quickly the dead are found, how seldom the living are buried, and what that costs: see
// README.md. Exit: 0, 1 when a bar is missed with --check, 2 for arguments that make no sense.
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <exception>

#include "tests/bench/soak_cell.hpp"
#include "tests/bench/soak_ledger.hpp"

using namespace causerie::bench;

namespace {

double cpu_minutes_used() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60; }

void print_head() {
  fmt::print("{:>7} {:>5} {:>14} {:>10} {:>8} {:>8} {:>8} {:>10} {:>9} {:>9} {:>9} {:>8}\n",
             "members", "loss", "how", "node-hours", "crashes", "p50 s", "p99 s", "false dead",
             "/1000 h", "suspected", "packets/s", "bytes/s");
}

void print_row(const soak_figures& shown) {
  const auto* how = !shown.where.pauses      ? shown.where.plain_swim ? "plain SWIM" : ""
                    : shown.where.plain_swim ? "pauses, plain"
                                             : "pauses";
  fmt::print(
      "{:>7} {:>5.2f} {:>14} {:>10.1f} {:>8} {:>8.1f} {:>8.1f} {:>10} {:>9.2f} {:>9} {:>9.2f} "
      "{:>8.0f}\n",
      shown.where.members, shown.where.loss, how, shown.node_hours, shown.crashes(),
      shown.dead_quantile_s(0.5), shown.dead_quantile_s(0.99), shown.false_dead,
      shown.false_dead_per_1000_hours(), shown.suspicions, shown.packets_per_s(),
      shown.bytes_per_s());
}

void print_json(const soak_figures& shown) {
  fmt::print(
      "{{\"schema\": \"causerie.membership-soak/2\", \"members\": {}, \"loss\": {}, \"pauses\": "
      "{}, \"plain_swim\": {}, \"node_hours\": {:.2f}, \"crashes\": {}, \"crashes_unseen\": {}, "
      "\"dead_p50_s\": {:.2f}, \"dead_p99_s\": {:.2f}, \"false_dead\": {}, "
      "\"false_dead_per_1000_hours\": {:.3f}, \"paused_dead\": {}, \"suspicions\": {}, "
      "\"packets_per_s\": {:.3f}, \"bytes_per_s\": {:.1f}}}\n",
      shown.where.members, shown.where.loss, shown.where.pauses, shown.where.plain_swim,
      shown.node_hours, shown.crashes(), shown.crashes_unseen, shown.dead_quantile_s(0.5),
      shown.dead_quantile_s(0.99), shown.false_dead, shown.false_dead_per_1000_hours(),
      shown.paused_dead, shown.suspicions, shown.packets_per_s(), shown.bytes_per_s());
}

/// True when every bar is met, or nobody asked.
bool report(const soak_figures& shown, const soak_options& asked) {
  asked.json ? print_json(shown) : print_row(shown);
  std::fflush(stdout);
  if (!asked.check) return true;
  const auto missed = missed_bars(shown);
  for (const auto& words : missed)
    fmt::print(stderr, "{} members, loss {}: {}\n", shown.where.members, shown.where.loss, words);
  return missed.empty();
}

bool run_cells(const soak_options& asked) {
  bool good = true;
  for (const auto members : asked.members)
    for (const auto loss : asked.losses) {
      const soak_place where{members, loss, asked.pauses, asked.plain_swim};
      good = report(soak_cell{where, asked}.run(), asked) && good;
    }
  return good;
}

bool run_table(const soak_options& asked) {
  soak_ledger ledger{asked.table};
  const auto goals = table_goals();
  while (cpu_minutes_used() < asked.cpu_minutes) {
    const auto goal = ledger.next(goals);
    if (!goal) break;
    soak_options slice;
    slice.seed = ledger.next_seed(goal->where);
    slice.node_hours = goal->slice_hours;
    slice.crashes = goal->slice_crashes;
    ledger.add(soak_cell{goal->where, slice}.run());
  }
  bool good = true;
  for (const auto& goal : goals)
    if (const auto shown = ledger.sum(goal.where)) good = report(*shown, asked) && good;
  if (!asked.check) return true;
  const auto missed = ledger.missed_between();
  for (const auto& words : missed) fmt::print(stderr, "{}\n", words);
  return good && missed.empty();
}

}  // namespace

int main(int argc, char** argv) try {
  const auto asked = parse_options({argv + 1, static_cast<std::size_t>(argc - 1)});
  if (!asked) {
    fmt::print(stderr, "{}", soak_usage);
    return 2;
  }
  if (!asked->json) print_head();
  return (asked->table.empty() ? run_cells(*asked) : run_table(*asked)) ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 2;
}
