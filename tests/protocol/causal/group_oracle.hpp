// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/causal/group_event.hpp"

namespace causerie::protocol::test {

/// Watches what applications send and receive, and says what a causal broadcast must not do. Knows
/// nothing of clocks on the wire: it builds happened-before from its own list of events.
class group_oracle {
public:
  using past = std::map<incarnation, sequence>;

  void on_send(const incarnation& who, const message_id& id, const std::string& payload,
               instant now) {
    sent_[id] = {payload, members_[who].seen, now};
    members_[who].seen[who] = id.number;
  }

  /// The next life of a durable member goes on where the one before ended.
  void on_resume(const incarnation& before, const incarnation& after) {
    members_[after] = members_[before];
  }

  void on_event(const incarnation& who, const group_event& event, instant now) {
    auto& member = members_[who];
    if (event.position != ++member.position) complain("a cursor was skipped", who);
    std::visit([&](const auto& what) { on(who, member, what, now); }, event.what);
  }

  /// After everything is healed and quiet: the survivors agree.
  void check_agreement(const std::vector<incarnation>& survivors) {
    for (const auto& [id, message] : sent_) {
      bool anybody = false;
      for (const auto& who : survivors) anybody = anybody || members_[who].got.contains(id);
      if (!anybody) continue;
      for (const auto& who : survivors)
        if (owed(who, id, message.at) && !members_[who].got.contains(id))
          complain("a message of " + id.sender.node.short_text() +
                       " is missing: " + std::to_string(id.number),
                   who);
    }
  }

  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  [[nodiscard]] std::size_t deliveries() const { return deliveries_; }
  [[nodiscard]] std::size_t gaps() const { return gaps_; }
  [[nodiscard]] const std::set<message_id>& got(const incarnation& who) {
    return members_[who].got;
  }

private:
  struct sent_message {
    std::string payload;
    past causes;
    instant at{};
  };
  struct history {
    cursor position = 0;
    past seen;     // What a message that it sends now depends on.
    past implied;  // Whatever happened before something that it has received.
    past first;    // First number received of each sender.
    std::set<message_id> got;
    std::vector<gap_event::range> gaps;
    bool joined = false;
    instant joined_at{};
    std::vector<instant> restarted;  // Times of later `joined` events.
  };

  void complain(const std::string& what, const incarnation& who) {
    complaints_.push_back(what + " (at " + who.node.short_text() + ")");
  }
  static sequence at(const past& clock, const incarnation& who) {
    const auto found = clock.find(who);
    return found == clock.end() ? 0 : found->second;
  }
  static bool in_gap(const history& member, const message_id& id) {
    for (const auto& range : member.gaps)
      if (range.sender == id.sender && range.first <= id.number && id.number <= range.last)
        return true;
    return false;
  }

  void on(const incarnation& who, history& member, const message_event& event, instant) {
    ++deliveries_;
    const auto& id = event.id;
    if (!member.joined) complain("a message before the stream began", who);
    if (!member.got.insert(id).second) {
      if (id.sender != who) complain("a duplicate", who);
      return complain("a duplicate of its own", who);
    }
    if (id.sender == who) return;  // Noted when it was sent, and the set checks doubles.
    const auto sent = sent_.find(id);
    if (sent == sent_.end()) return complain("a message that nobody sent", who);
    if (sent->second.payload != event.payload.text()) complain("an altered payload", who);
    if (id.number <= at(member.implied, id.sender)) complain("an effect before its cause", who);
    if (in_gap(member, id)) complain("a message that was declared lost", who);
    if (id.number <= at(member.seen, id.sender)) complain("FIFO order broken", who);
    for (const auto& [sender, number] : sent->second.causes) {
      auto& implied = member.implied[sender];
      implied = std::max(implied, number);
    }
    member.implied[who] = 0;
    auto& seen = member.seen[id.sender];
    seen = std::max(seen, id.number);
    member.first.try_emplace(id.sender, id.number);
  }
  void on(const incarnation&, history& member, const joined_event& joined, instant now) {
    if (joined.resumed) return;
    if (member.joined) member.restarted.push_back(now);
    member.joined = true;
    member.joined_at = now;
  }
  void on(const incarnation& who, history& member, const gap_event& gap, instant) {
    ++gaps_;
    if (gap.missing.empty()) complain("an empty gap", who);
    for (const auto& range : gap.missing) {
      for (auto number = range.first; number <= range.last; ++number)
        if (member.got.contains({range.sender, number})) complain("a gap over a message", who);
      member.gaps.push_back(range);
    }
  }
  template <class Event>
  void on(const incarnation&, history&, const Event&, instant) {}

  bool owed(const incarnation& who, const message_id& id, instant sent_at) {
    auto& member = members_[who];
    if (!member.joined || in_gap(member, id)) return false;
    if (sent_at > member.joined_at) return true;
    const auto first = member.first.find(id.sender);
    return first != member.first.end() && first->second < id.number && member.restarted.empty();
  }

  std::map<message_id, sent_message> sent_;
  std::map<incarnation, history> members_;
  std::vector<std::string> complaints_;
  std::size_t deliveries_ = 0, gaps_ = 0;
};

}  // namespace causerie::protocol::test
