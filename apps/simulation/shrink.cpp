// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/shrink.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "apps/simulation/search.hpp"

namespace causerie::simulation {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t lucks_per_try = 3;

class shrinker {
public:
  shrinker(const scenario& today, const seed_result& failed, const shrink_options& options)
      : today_{today},
        options_{options},
        seed_{failed.seed},
        ends_{steady_clock::now() + options.time_max} {
    found_.kind = failed.kinds.front();
    found_.from = failed.lived;
    found_.day = failed;
  }

  shrink_result run() {
    const auto began = steady_clock::now();
    for (bool smaller = true; smaller && !late();) {
      smaller = fewer(&excerpt::faults, 0);
      smaller |= shorter();
      smaller |= fewer(&excerpt::nodes, 1);
      smaller |= fewer(&excerpt::with, 0);
      smaller |= quieter();
    }
    found_.finished = !late();
    found_.took = steady_clock::now() - began;
    found_.replay = replay_command(today_, seed_, options_.level, smallest());
    return std::move(found_);
  }

private:
  [[nodiscard]] bool late() const { return steady_clock::now() >= ends_; }
  [[nodiscard]] const excerpt& smallest() const { return found_.day.lived; }
  [[nodiscard]] bool fails(const seed_result& day) const {
    return std::find(day.kinds.begin(), day.kinds.end(), found_.kind) != day.kinds.end();
  }

  /// Takes the first of them that fails, whichever thread is done first.
  bool take_first(const std::vector<excerpt>& candidates) {
    std::vector<excerpt> days;
    for (const auto& candidate : candidates)
      for (std::uint64_t luck = 0; luck < lucks_per_try; ++luck) {
        auto day = candidate;
        day.luck += luck;
        if (!tried_.contains(day.text())) days.push_back(std::move(day));
      }
    std::atomic<std::size_t> next{0}, first{days.size()};
    std::optional<seed_result> best;
    const auto work = [&] {
      if (options_.on_thread) options_.on_thread();
      for (auto mine = next++; mine < first && !late(); mine = next++)
        live(days[mine], mine, first, best);
    };
    {
      std::vector<std::jthread> workers;
      for (unsigned job = 0; job < std::max(1u, options_.jobs); ++job) workers.emplace_back(work);
    }
    if (best) found_.day = std::move(*best);
    return best.has_value();
  }

  void live(const excerpt& only, std::size_t mine, std::atomic<std::size_t>& first,
            std::optional<seed_result>& best) {
    auto day = run_seed(today_, seed_, {.level = options_.level, .trace_sink = {}, .only = only});
    std::lock_guard lock{mutex_};
    ++found_.tries;
    // What fails and is not taken, because something smaller does, may be wanted later.
    if (!fails(day)) tried_.insert(only.text());
    if (options_.progress)
      options_.progress({best ? best->lived : smallest(), found_.tries,
                         options_.time_max - (ends_ - steady_clock::now())});
    if (!fails(day) || mine >= first) return;
    first = mine;
    best = std::move(day);
  }

  /// Leaves out as many of a list as can be, in larger parts first.
  template <class List>
  bool fewer(std::optional<List> excerpt::*list, std::size_t size_min) {
    bool any = false;
    for (std::size_t parts = 1; !late();) {
      const auto all = *(smallest().*list);
      if (all.size() <= size_min) return any;
      parts = std::min(parts, all.size());
      std::vector<excerpt> candidates;
      for (std::size_t part = 0; part < parts; ++part) {
        const auto begin = static_cast<std::ptrdiff_t>(part * all.size() / parts);
        const auto end = static_cast<std::ptrdiff_t>((part + 1) * all.size() / parts);
        auto rest = all;
        // From the end: what came late is less likely to be the reason.
        rest.erase(rest.end() - end, rest.end() - begin);
        if (rest.size() < size_min) continue;
        candidates.push_back(smallest());
        candidates.back().*list = std::move(rest);
      }
      if (take_first(candidates)) {
        any = true;
        parts = std::max<std::size_t>(parts - 1, 2);
      } else if (parts == all.size()) {
        return any;
      } else {
        parts *= 2;
      }
    }
    return any;
  }

  /// Less of something that is counted: tries an eighth, a half, three quarters, all but one.
  template <class Set>
  bool less(std::uint64_t now, std::uint64_t step, Set&& set) {
    std::vector<excerpt> candidates;
    std::uint64_t before = now;
    for (const auto share : {now / 8, now / 2, now * 3 / 4, now - std::min(now, step)}) {
      const auto wanted = share / step * step;
      if (wanted >= now || wanted == before) continue;
      before = wanted;
      candidates.push_back(smallest());
      set(candidates.back(), wanted);
    }
    return take_first(candidates);
  }

  bool shorter() {
    bool any = false;
    const auto milliseconds = [this] {
      return static_cast<std::uint64_t>(*smallest().chaos / std::chrono::milliseconds{1});
    };
    while (!late() && less(milliseconds(), 100, [](excerpt& day, std::uint64_t wanted) {
      day.chaos = std::chrono::milliseconds{wanted};
    }))
      any = true;
    return any;
  }

  bool quieter() {
    bool any = false;
    while (!late() && less(*smallest().messages, 1,
                           [](excerpt& day, std::uint64_t wanted) { day.messages = wanted; }))
      any = true;
    return any;
  }

  const scenario& today_;
  const shrink_options& options_;
  const std::uint64_t seed_;
  const steady_clock::time_point ends_;
  std::mutex mutex_;
  std::set<std::string> tried_;
  shrink_result found_;
};

}  // namespace

shrink_result shrink(const scenario& today, const seed_result& failed,
                     const shrink_options& options) {
  return shrinker{today, failed, options}.run();
}

}  // namespace causerie::simulation
