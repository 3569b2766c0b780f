// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/group_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "apps/checker/group_record.hpp"

namespace causerie::checker {
namespace {

using message = group_record::message;
using participant = group_record::participant;

/// What one participant knows of one message.
enum class standing : std::uint8_t {
  unseen,
  delivered,
  lost,
  open
};  // open: only its effect seen.

class group_judge {
public:
  group_judge(group_record& record, const check_options& options, ledger& book)
      : record_{record},
        options_{options},
        book_{book},
        width_{record.participants.size()},
        past_(record.messages.size() * width_),
        sent_(record.messages.size()),
        waiters_(record.messages.size()) {
    for (const auto& who : record.participants) views_.emplace_back(who, record, width_);
  }

  void judge() {
    replay();
    for (std::uint32_t q = 0; q < width_; ++q) settle(q);
  }

private:
  /// A participant's progress through its own history.
  struct view {
    view(const participant& whose, const group_record& record, std::size_t width)
        : who{whose},
          standings(record.messages.size()),
          clock(width),
          covered(width),
          stream_from(width, group_record::none) {}
    const participant& who;
    std::vector<standing> standings;   // Per message.
    std::vector<std::uint32_t> clock;  // Highest index known, per author: Lamport's past.
    std::vector<std::uint32_t>
        covered;  // Highest index that deliveries have asked for, per author.
    std::vector<std::uint32_t> stream_from;  // First index seen since it joined, per author.
    std::int64_t joined_at_ns = 0;
    std::size_t next_step = 0;
  };

  [[nodiscard]] std::uint32_t* past(std::uint32_t m) { return past_.data() + m * width_; }
  [[nodiscard]] std::uint32_t message_at(std::uint32_t author, std::uint32_t index) const {
    return record_.participants[author].first_message + index - 1;
  }
  [[nodiscard]] const std::string& text(std::uint32_t m) const {
    return record_.messages[m].sent->message;
  }

  /// Takes every history's steps in an order in which no delivery comes before its send.
  void replay() {
    std::deque<std::uint32_t> runnable;
    for (std::uint32_t q = 0; q < width_; ++q) runnable.push_back(q);
    while (!runnable.empty()) {
      const auto q = runnable.front();
      runnable.pop_front();
      run(q, runnable);
    }
    for (auto& at : views_)
      if (at.next_step < at.who.steps.size()) {
        const auto m = at.who.steps[at.next_step].message;
        book_.add(violation_kind::causal_inversion, at.who.node(), [&] {
          return fmt::format("{} delivered {} before it was sent", at.who.node(), text(m));
        });
        ++book_.row(at.who.node()).causal_inversions;
      }
  }

  void run(std::uint32_t q, std::deque<std::uint32_t>& runnable) {
    auto& at = views_[q];
    for (; at.next_step < at.who.steps.size(); ++at.next_step) {
      const auto& step = at.who.steps[at.next_step];
      switch (step.what->kind) {
        case entry_kind::joined: joined(at, *step.what); break;
        case entry_kind::send:
          send(q, step.message);
          runnable.insert(runnable.end(), waiters_[step.message].begin(),
                          waiters_[step.message].end());
          break;
        case entry_kind::deliver:
          if (!sent_[step.message]) {
            waiters_[step.message].push_back(q);
            return;
          }
          deliver(at, step.message);
          break;
        case entry_kind::gap: gap(at, *step.what); break;
        default: break;
      }
    }
  }

  void joined(view& at, const entry& what) {
    at.joined_at_ns = what.at_ns;
    std::fill(at.stream_from.begin(), at.stream_from.end(), group_record::none);
  }

  void send(std::uint32_t q, std::uint32_t m) {
    auto& at = views_[q];
    const auto index = record_.messages[m].index;
    std::copy(at.clock.begin(), at.clock.end(), past(m));
    at.clock[q] = index;
    at.stream_from[q] = std::min(at.stream_from[q], index);
    sent_[m] = true;
  }

  void deliver(view& at, std::uint32_t m) {
    auto& here = at.standings[m];
    if (here == standing::delivered) {
      ++book_.row(at.who.node()).doubled;
      say(violation_kind::doubled, at, m, "delivered twice");
      return;
    }
    if (here == standing::lost)
      say(violation_kind::delivered_after_gap, at, m, "delivered after a gap declared it lost");
    if (here == standing::open) {
      ++book_.row(at.who.node()).causal_inversions;
      say(violation_kind::causal_inversion, at, m, "delivered after something it caused");
    }
    here = standing::delivered;
    const auto& what = record_.messages[m];
    for (std::uint32_t author = 0; author < width_; ++author) {
      ask_for(at, author, past(m)[author]);
      at.clock[author] = std::max(at.clock[author], past(m)[author]);
    }
    at.clock[what.author] = std::max(at.clock[what.author], what.index);
    at.covered[what.author] = std::max(at.covered[what.author], what.index);
    at.stream_from[what.author] = std::min(at.stream_from[what.author], what.index);
  }

  /// A delivery's past holds everything of `author` up to `index`: notes what is not there.
  void ask_for(view& at, std::uint32_t author, std::uint32_t index) {
    auto& covered = at.covered[author];
    while (covered < index) {
      auto& here = at.standings[message_at(author, ++covered)];
      if (here == standing::unseen) here = standing::open;
    }
  }

  void gap(view& at, const entry& what) {
    ++book_.row(at.who.node()).gaps;
    for (const auto& range : what.ranges)
      for (const auto& author : record_.participants)
        if (is_called(*author.life, range.node)) lose(at, author, range);
  }

  /// A message that nobody has delivered has no number that is known here: it lies between those
  /// before and behind it.
  [[nodiscard]] bool may_lie_in(const participant& author, std::uint32_t i,
                                const lost_range& range) const {
    const auto message_of = [&](std::uint32_t at) -> const message& {
      return record_.messages[author.first_message + at];
    };
    const auto& own = message_of(i);
    if (own.number != 0) return own.number >= range.first && own.number <= range.last;
    std::uint64_t before = 0, behind = 0;
    for (auto at = i; at-- > 0 && before == 0 && message_of(at).life == own.life;)
      before = message_of(at).number;
    for (auto at = i + 1; at < author.message_count && behind == 0; ++at)
      if (message_of(at).life == own.life) behind = message_of(at).number;
    return range.last > before && (behind == 0 || range.first < behind);
  }

  void lose(view& at, const participant& author, const lost_range& range) {
    for (std::uint32_t i = 0; i < author.message_count; ++i) {
      const auto m = author.first_message + i;
      if (record_.messages[m].life->life != range.life || !may_lie_in(author, i, range)) continue;
      auto& here = at.standings[m];
      ++book_.row(at.who.node()).messages_in_gaps;
      if (here == standing::open) {
        ++book_.row(at.who.node()).causal_inversions;
        say(violation_kind::late_gap, at, m,
            "declared lost after something it caused was delivered");
      }
      if (here != standing::delivered) here = standing::lost;
    }
  }

  /// The lowest index of `author` that is owed to the participant: see `check`.
  [[nodiscard]] std::uint32_t owed_from(const view& at, std::uint32_t author) {
    const auto& messages = record_.participants[author];
    std::uint32_t low = 1, high = messages.message_count + 1;
    while (low < high) {  // What is owed never ends: a later message has a larger past.
      const auto middle = (low + high) / 2;
      if (owed(at, author, middle))
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }

  [[nodiscard]] bool owed(const view& at, std::uint32_t author, std::uint32_t index) {
    const auto m = message_at(author, index);
    if (!sent_[m]) return false;
    if (options_.common_clock && record_.messages[m].sent_at_ns > at.joined_at_ns) return true;
    if (index >= at.stream_from[author]) return true;
    for (std::uint32_t other = 0; other < width_; ++other)
      if (past(m)[other] >= at.stream_from[other]) return true;
    return false;
  }

  /// Whether every survivor must have it.
  [[nodiscard]] bool required(std::uint32_t m) const {
    if (record_.participants[record_.messages[m].author].survives()) return true;
    return std::any_of(views_.begin(), views_.end(), [&](const view& at) {
      return at.who.survives() && at.standings[m] == standing::delivered;
    });
  }

  void settle(std::uint32_t q) {
    auto& at = views_[q];
    const bool survivor = at.who.survives();
    for (std::uint32_t author = 0; author < width_; ++author) {
      const auto count = record_.participants[author].message_count;
      for (auto index = owed_from(at, author); index <= count; ++index) {
        const auto m = message_at(author, index);
        if (at.standings[m] == standing::open) hole(at, m);
        const bool absent =
            at.standings[m] == standing::unseen || at.standings[m] == standing::open;
        if (survivor && absent && required(m)) miss(at, m);
      }
    }
    check_stable(q);
  }

  void hole(const view& at, std::uint32_t m) {
    ++book_.row(at.who.node()).causal_inversions;
    say(violation_kind::causal_hole, at, m, "never delivered, but something it caused was");
  }

  void miss(const view& at, std::uint32_t m) {
    ++book_.row(at.who.node()).missing;
    say(violation_kind::missing, at, m, "never delivered, nor declared lost");
  }

  /// A holder that survives, and had one life only, must have what it is said to hold, or have said
  /// that it lost it.
  void check_stable(std::uint32_t author) {
    const auto& who = views_[author].who;
    const entry* last = nullptr;
    const history* said_in = nullptr;
    for (const auto& step : who.steps)
      if (step.what->kind == entry_kind::stable) last = step.what, said_in = step.life;
    if (last == nullptr) return;
    for (const auto& at : views_) {
      if (!at.who.survives() || book_.row(at.who.node()).lives != 1) continue;
      const auto named = [&](const auto& holder) { return is_called(*at.who.life, holder); };
      if (std::none_of(last->holders.begin(), last->holders.end(), named)) continue;
      for (auto index = owed_from(at, author); index <= who.message_count; ++index) {
        const auto m = message_at(author, index);
        const auto number = record_.messages[m].number;
        if (number == 0 || number > last->number || record_.messages[m].life != said_in ||
            at.standings[m] == standing::delivered || at.standings[m] == standing::lost)
          continue;
        say(violation_kind::false_stable, at, m,
            "never delivered, though its author heard it held");
      }
    }
  }

  void say(violation_kind kind, const view& at, std::uint32_t m, const char* words) {
    book_.add(kind, at.who.node(), [&] {
      const auto& what = record_.messages[m];
      return fmt::format("at {} (life {}): {} of {} was {}", at.who.node(), at.who.life->life,
                         text(m), record_.participants[what.author].node(), words);
    });
  }

  group_record& record_;
  const check_options& options_;
  ledger& book_;
  std::size_t width_;
  std::vector<std::uint32_t> past_;  // Per message, per author: highest index it depends on.
  std::vector<bool> sent_;
  std::vector<std::vector<std::uint32_t>> waiters_;
  std::vector<view> views_;
};

}  // namespace

void check_group(std::span<const history> lives, std::string_view group,
                 const check_options& options, ledger& book) {
  group_record record{lives, group, book};
  group_judge{record, options, book}.judge();
}

}  // namespace causerie::checker
