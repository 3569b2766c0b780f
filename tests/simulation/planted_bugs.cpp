// SPDX-License-Identifier: BSL-1.0
// Searches each planted bug: a simulator that cannot find them proves nothing by finding none.
//   planted_bugs [--seeds N] [--jobs J] [--bug NAME] [--shrink 1]
// Fails when a bug is not found within N seeds, or when its day fails without the bug too; with
// --shrink also when what is found does not become a much smaller day that fails the same way.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "apps/simulation/search.hpp"
#include "apps/simulation/shrink.hpp"
#include "protocol/planted.hpp"

namespace {

using namespace causerie::simulation;
using causerie::protocol::planted_bug;
using causerie::protocol::planted_now;

struct planted_row {
  planted_bug bug;
  std::string_view name;
};

constexpr std::array<planted_row, causerie::protocol::planted_bug_count> bugs{{
    {planted_bug::join_adopts_delivered_vector, "join_adopts_delivered_vector"},
    {planted_bug::dead_leave_stability, "dead_leave_stability"},
    {planted_bug::gap_raises_single_entry, "gap_raises_single_entry"},
    {planted_bug::gap_not_declared, "gap_not_declared"},
    {planted_bug::no_duplicate_check, "no_duplicate_check"},
    {planted_bug::dependencies_ignored, "dependencies_ignored"},
    {planted_bug::frontier_forgets, "frontier_forgets"},
    {planted_bug::founding_not_merged, "founding_not_merged"},
    {planted_bug::repair_asks_origin_only, "repair_asks_origin_only"},
    {planted_bug::cursor_skips, "cursor_skips"},
    {planted_bug::history_trimmed_above_cut, "history_trimmed_above_cut"},
    {planted_bug::channel_trusts_link_ack, "channel_trusts_link_ack"},
    {planted_bug::channel_no_duplicate_check, "channel_no_duplicate_check"},
    {planted_bug::channel_outcome_on_ack, "channel_outcome_on_ack"},
    {planted_bug::retire_unasked, "retire_unasked"},
    {planted_bug::frontier_not_restored, "frontier_not_restored"},
    {planted_bug::log_not_restored, "log_not_restored"},
    {planted_bug::members_not_kept, "members_not_kept"},
    {planted_bug::durable_not_awaited, "durable_not_awaited"},
    {planted_bug::sync_not_awaited, "sync_not_awaited"},
    {planted_bug::stable_when_sent, "stable_when_sent"},
    {planted_bug::row_claims_known, "row_claims_known"},
    {planted_bug::channel_unknown_is_not_sent, "channel_unknown_is_not_sent"},
    {planted_bug::channel_expired_is_not_sent, "channel_expired_is_not_sent"},
    {planted_bug::channel_answer_ignored, "channel_answer_ignored"},
    {planted_bug::channel_commits_unread, "channel_commits_unread"},
    {planted_bug::channel_hole_skipped, "channel_hole_skipped"},
    {planted_bug::no_refutation, "no_refutation"},
    {planted_bug::refutation_not_counted, "refutation_not_counted"},
    {planted_bug::old_accusation_counts, "old_accusation_counts"},
    {planted_bug::dead_not_visited, "dead_not_visited"},
    {planted_bug::suspicion_never_ends, "suspicion_never_ends"},
    {planted_bug::journal_keeps_first, "journal_keeps_first"},
    {planted_bug::outbox_not_restored, "outbox_not_restored"},
    {planted_bug::position_not_restored, "position_not_restored"},
    {planted_bug::receipt_not_kept, "receipt_not_kept"},
    {planted_bug::durable_channel_renewed, "durable_channel_renewed"},
    {planted_bug::second_waiter_forgotten, "second_waiter_forgotten"},
    {planted_bug::lives_confused, "lives_confused"},
    {planted_bug::channel_out_of_order, "channel_out_of_order"},
    {planted_bug::epoch_reused, "epoch_reused"},
}};

struct asked {
  std::uint64_t seeds = 2000;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::string_view only;
  bool shrink = false;
};

asked parse(int argc, char** argv) {
  asked options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--seeds") options.seeds = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--jobs")
      options.jobs = static_cast<unsigned>(std::strtoul(argv[i + 1], nullptr, 10));
    if (flag == "--bug") options.only = argv[i + 1];
    if (flag == "--shrink") options.shrink = std::string_view{argv[i + 1]} == "1";
  }
  return options;
}

/// Whether the failed day becomes much smaller, fails the same way, and does so again and again.
bool shrinks(const planted_row& row, std::uint64_t seed, const asked& options) {
  planted_now = row.bug;
  const auto failed = run_seed(scenario{}, seed);
  shrink_options how;
  how.jobs = options.jobs;
  how.on_thread = [&] { planted_now = row.bug; };
  const auto small = shrink(scenario{}, failed, how);
  const auto once =
      run_seed(scenario{}, seed, {.level = 1, .trace_sink = {}, .only = small.day.lived});
  const auto read = excerpt::parse(small.day.lived.text());
  const auto again = run_seed(scenario{}, seed, {.level = 1, .trace_sink = {}, .only = *read});
  planted_now = planted_bug::none;
  const auto& to = small.day.lived;
  fmt::print("  {} in {} tries, {:.1f} s{}\n    {}\n", small.kind, small.tries,
             std::chrono::duration<double>(small.took).count(), small.finished ? "" : ", too late",
             small.replay);
  const bool same = read == to && once.trace_hash == small.day.trace_hash &&
                    again.trace_hash == once.trace_hash && once.kinds == again.kinds;
  const bool fails =
      std::find(once.kinds.begin(), once.kinds.end(), failed.kinds.front()) != once.kinds.end();
  const bool smaller = to.nodes->size() <= small.from.nodes->size() &&
                       4 * to.faults->size() <= small.from.faults->size() &&
                       4 * *to.messages <= *small.from.messages && *to.chaos <= *small.from.chaos;
  if (!same) fmt::print("  the small day is not the same when lived again\n");
  if (!fails) fmt::print("  the small day fails in another way\n");
  if (!smaller) fmt::print("  the small day is not much smaller\n");
  return same && fails && smaller;
}

/// The number of seeds it took, or 0.
std::uint64_t look_for(const planted_row& row, const asked& options) {
  search_options how{.jobs = options.jobs, .failures_max = 1, .repeat_every = 0};
  how.on_thread = [&] { planted_now = row.bug; };
  const auto found = search(scenario{}, 1, options.seeds, how);
  if (found.failed.empty()) {
    fmt::print("{:<30} NOT FOUND in {} seeds\n", row.name, found.seeds);
    return 0;
  }
  const auto& first = found.failed.front();
  const auto sound = run_seed(scenario{}, first.seed);  // On this thread nothing is planted.
  fmt::print("{:<30} {:>5} {:>7.1f} s  {}\n", row.name, first.seed,
             std::chrono::duration<double>(found.wall_time).count(), first.violations.front());
  if (!sound.violations.empty()) {
    fmt::print("  but that day fails without the bug too: {}\n", sound.violations.front());
    return 0;
  }
  if (options.shrink && !shrinks(row, first.seed, options)) return 0;
  return first.seed;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  fmt::print("{:<30} seeds    took     found as\n", "planted bug");
  std::vector<std::uint64_t> needed;
  std::size_t missed = 0;
  for (const auto& row : bugs) {
    if (!options.only.empty() && row.name != options.only) continue;
    const auto seeds = look_for(row, options);
    std::fflush(stdout);
    seeds == 0 ? void(++missed) : needed.push_back(seeds);
  }
  std::sort(needed.begin(), needed.end());
  fmt::print("{} found, {} missed, median {} seeds\n", needed.size(), missed,
             needed.empty() ? 0 : needed[needed.size() / 2]);
  return missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
