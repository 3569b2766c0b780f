// SPDX-License-Identifier: BSL-1.0
// What one group commit costs: a group's bundles, the events of its stream, its clock and a cursor.
// Run it with --benchmark_counters_tabular=true; TMPDIR says on which disk.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "journal/node_journal.hpp"
#include "journal/sqlite/sqlite_journal.hpp"

namespace causerie::journal {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t senders = 10;

class scratch_journal {
public:
  explicit scratch_journal(sync_mode sync) {
    auto name = (fs::temp_directory_path() / "causerie-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw fs::filesystem_error{"mkdtemp", {}};
    folder_ = name;
    auto store = open_sqlite({.file = folder_ / "journal.db", .sync = sync});
    if (!store) throw std::runtime_error{store.error().what};
    journal_ = std::make_unique<node_journal>(
        *node_journal::open(std::move(*store), {node_id{{1}}, {}, {}, {}}));
  }
  ~scratch_journal() {
    journal_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  node_journal* operator->() const noexcept { return journal_.get(); }

private:
  fs::path folder_;
  std::unique_ptr<node_journal> journal_;
};

/// What a group of ten says next: `count` bundles of `size` bytes, in turn.
class talk {
public:
  talk(std::size_t count, std::size_t size) : count_{count}, body_{byte_buffer(size)} {}

  batch next() {
    batch work;
    work.records.reserve(2 * count_ + 2);
    for (std::size_t i = 0; i < count_; ++i) {
      const member_tag sender{position_ % senders + 1};
      const auto number = position_ / senders + 1;
      ++position_;
      delivered_.raise(sender, number);
      work.add(bundle_held{group_, sender, number, number, {}, body_})
          .add(event_delivered{group_, position_, {sender, number}, {}});
    }
    work.add(clock_saved{group_, clock_kind::delivered, delivered_});
    work.add(cursor_moved{group_, "screen", position_});
    return work;
  }

private:
  std::size_t count_;
  shared_bytes body_;
  group_id group_{{7}};
  cursor position_ = 0;
  vector_clock delivered_;
};

void group_commit(benchmark::State& state, sync_mode sync) {
  scratch_journal journal{sync};
  talk group{static_cast<std::size_t>(state.range(0)), 200};
  std::vector<double> micros;
  for (auto _ : state) {
    const auto work = group.next();
    const auto begun = std::chrono::steady_clock::now();
    if (!journal->commit(work)) state.SkipWithError("commit failed");
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - begun;
    micros.push_back(taken.count());
    state.SetIterationTime(taken.count() / 1e6);
    if (journal->maintain()) state.SkipWithError("maintain failed");  // Idle moments do this.
  }
  std::ranges::sort(micros);
  const auto at = [&](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["us_per_message"] = at(0.5) / static_cast<double>(state.range(0));
}
BENCHMARK_CAPTURE(group_commit, sync_normal, sync_mode::normal)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(group_commit, sync_full, sync_mode::full)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

void open_and_check(benchmark::State& state) {
  scratch_journal journal{sync_mode::normal};
  talk group{64, 1000};
  for (std::int64_t n = 0; n < state.range(0); n += 64)
    if (!journal->commit(group.next())) state.SkipWithError("commit failed");
  for (auto _ : state)
    if (const auto report = journal->check(); !report || !report->sound())
      state.SkipWithError("not sound");
}
BENCHMARK(open_and_check)->Arg(65'536)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace causerie::journal

BENCHMARK_MAIN();
