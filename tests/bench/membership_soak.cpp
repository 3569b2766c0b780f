// SPDX-License-Identifier: BSL-1.0
//
// How quickly the dead are found, how seldom the living are buried, and what that costs: see
// README.md. Exit: 0, 1 when a bar is missed with --check, 2 for arguments that make no sense.
#include <fmt/format.h>

#include <cstdio>

#include "tests/bench/soak_cell.hpp"

using namespace causerie::bench;

namespace {

void print_head() {
  fmt::print("{:>7} {:>5} {:>10} {:>8} {:>8} {:>8} {:>10} {:>9} {:>9} {:>9} {:>8}\n", "members",
             "loss", "node-hours", "crashes", "p50 s", "p99 s", "false dead", "/1000 h",
             "suspected", "packets/s", "bytes/s");
}

void print_row(const soak_figures& shown) {
  fmt::print(
      "{:>7} {:>5.2f} {:>10.1f} {:>8} {:>8.1f} {:>8.1f} {:>10} {:>9.2f} {:>9} {:>9.2f} "
      "{:>8.0f}\n",
      shown.members, shown.loss, shown.node_hours, shown.crashes, shown.dead_p50_s,
      shown.dead_p99_s, shown.false_dead, shown.false_dead_per_1000_hours(), shown.suspicions,
      shown.packets_per_s, shown.bytes_per_s);
}

void print_json(const soak_figures& shown, const soak_options& asked) {
  fmt::print(
      "{{\"schema\": \"causerie.membership-soak/1\", \"members\": {}, \"loss\": {}, "
      "\"node_hours\": {:.2f}, \"crashes\": {}, \"crashes_unseen\": {}, \"dead_p50_s\": {:.2f}, "
      "\"dead_p99_s\": {:.2f}, \"false_dead\": {}, \"false_dead_per_1000_hours\": {:.3f}, "
      "\"paused_dead\": {}, \"suspicions\": {}, \"packets_per_s\": {:.3f}, \"bytes_per_s\": "
      "{:.1f}, "
      "\"seed\": {}, \"pauses\": {}, \"refusals\": {}, \"plain_swim\": {}}}\n",
      shown.members, shown.loss, shown.node_hours, shown.crashes, shown.crashes_unseen,
      shown.dead_p50_s, shown.dead_p99_s, shown.false_dead, shown.false_dead_per_1000_hours(),
      shown.paused_dead, shown.suspicions, shown.packets_per_s, shown.bytes_per_s, asked.seed,
      asked.pauses, asked.refusals, asked.plain_swim);
}

/// True when every bar is met.
bool judge(const soak_figures& shown, const soak_options& asked) {
  const auto missed = missed_bars(shown, asked);
  for (const auto& words : missed)
    fmt::print(stderr, "{} members, loss {}: {}\n", shown.members, shown.loss, words);
  return missed.empty();
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = parse_options({argv + 1, static_cast<std::size_t>(argc - 1)});
  if (!asked) {
    fmt::print(stderr, "{}", soak_usage);
    return 2;
  }
  bool good = true;
  if (!asked->json) print_head();
  for (const auto members : asked->members)
    for (const auto loss : asked->losses) {
      const auto shown = soak_cell{members, loss, *asked}.run();
      asked->json ? print_json(shown, *asked) : print_row(shown);
      std::fflush(stdout);
      if (asked->check) good = judge(shown, *asked) && good;
    }
  return good ? 0 : 1;
}
