// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/channel_check.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace causerie::checker {
namespace {

struct private_message {
  const history* sender = nullptr;
  const entry* sent = nullptr;
  std::uint64_t order = 0;  // Among all private sends of that life: rises along each channel.
  std::uint64_t deliveries = 0;
  bool kept = false;  // It outlives its sender's process.
  const entry* outcome = nullptr;
};

class channel_judge {
public:
  channel_judge(std::span<const history> lives, ledger& book) : lives_{lives}, book_{book} {}

  void judge() {
    for (const auto& life : lives_) collect(life);
    for (const auto& life : lives_) note_kept(life);
    for (const auto& life : lives_) replay(life);
    for (const auto& life : lives_) hear_outcomes(life);
    for (const auto& message : messages_) settle(message);
    book_.so_far().private_messages += messages_.size();
  }

private:
  void collect(const history& life) {
    std::unordered_set<std::string_view> refused;
    const auto first = messages_.size();
    // A refused message never existed, so its id may be used again: look from the back.
    for (auto at = life.entries.rbegin(); at != life.entries.rend(); ++at) {
      if (at->kind == entry_kind::private_refused) refused.insert(at->message);
      if (at->kind == entry_kind::private_send && refused.erase(at->message) == 0)
        messages_.push_back({&life, &*at, 0});
    }
    const auto count = messages_.size() - first;
    book_.row(life.node).private_sent += count;
    for (auto i = first; i < messages_.size(); ++i) {
      messages_[i].order = count - (i - first);
      if (!by_id_.emplace(messages_[i].sent->message, i).second)
        say(violation_kind::id_reused, life, *messages_[i].sent, "used for two private messages");
    }
  }

  [[nodiscard]] private_message* find(std::string_view id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &messages_[found->second];
  }

  void note_kept(const history& life) {
    for (const auto& what : life.entries)
      if (what.kind == entry_kind::private_accepted)
        if (auto* message = find(what.message)) message->kept = true;
  }

  void replay(const history& life) {
    // What an earlier life of the sender said comes before what a later one says.
    using said = std::pair<std::uint64_t, std::uint64_t>;  // Life, order.
    std::map<std::tuple<std::string_view, std::string_view>, said> last;
    for (const auto& what : life.entries) {
      if (what.kind != entry_kind::private_deliver) continue;
      ++book_.row(life.node).private_delivered;
      ++book_.so_far().private_deliveries;
      auto* message = find(what.message);
      if (message == nullptr || !addressed(*message, life, what)) {
        say(violation_kind::private_invented, life, what, "delivered, but not sent here");
        continue;
      }
      if (message->sent->hash != what.hash)
        say(violation_kind::private_altered, life, what, "delivered with another payload");
      if (++message->deliveries > 1) {
        ++book_.row(life.node).private_doubled;
        say(violation_kind::private_doubled, life, what, "delivered twice");
        continue;
      }
      auto& latest = last[{message->sender->node, what.where}];
      const said said_at{message->sender->life, message->order};
      if (said_at < latest) {
        ++book_.row(life.node).fifo_inversions;
        say(violation_kind::fifo_inversion, life, what,
            "delivered after a later one of its channel");
      }
      latest = std::max(latest, said_at);
    }
  }

  [[nodiscard]] static bool addressed(const private_message& message, const history& life,
                                      const entry& what) {
    return is_called(life, message.sent->peer) && what.where == message.sent->where &&
           (what.peer.empty() || is_called(*message.sender, what.peer));
  }

  void hear_outcomes(const history& life) {
    for (const auto& what : life.entries) {
      if (what.kind != entry_kind::outcome) continue;
      auto* message = find(what.message);
      if (message == nullptr || message->sender != &life) {
        say(violation_kind::private_invented, life, what, "given an outcome, but not sent");
        continue;
      }
      if (message->outcome != nullptr)
        say(violation_kind::outcome_doubled, life, what, "given a second outcome");
      message->outcome = &what;
      auto& row = book_.row(life.node);
      if (what.text == "delivered")
        ++row.outcomes_delivered;
      else if (what.text == "not_sent")
        ++row.outcomes_not_sent;
      else
        ++row.outcomes_unknown;
    }
  }

  void settle(const private_message& message) {
    const auto& life = *message.sender;
    auto& row = book_.row(life.node);
    const auto outcome = message.outcome == nullptr ? std::string_view{} : message.outcome->text;
    if (outcome == "delivered" && message.deliveries == 0)
      say(violation_kind::false_delivered, life, *message.sent,
          "called delivered, but the peer never saw it");
    if (outcome == "not_sent" && message.deliveries != 0)
      say(violation_kind::false_not_sent, life, *message.sent,
          "called not_sent, but the peer saw it");
    if (message.kept && message.deliveries == 0 && survivor(life.node) &&
        survivor(message.sent->peer)) {
      ++row.private_missing;
      return say(violation_kind::private_missing, life, *message.sent,
                 "kept for good, and never delivered");
    }
    if (!outcome.empty() || !survives(life)) return;
    ++row.outcomes_missing;
    say(violation_kind::outcome_missing, life, *message.sent, "never given an outcome");
    if (message.deliveries != 0 || !survivor(message.sent->peer)) return;
    ++row.private_missing;
    say(violation_kind::private_missing, life, *message.sent,
        "never delivered, and nothing says why");
  }

  [[nodiscard]] bool survivor(std::string_view node) const {
    for (const auto& life : lives_)
      if (survives(life) && is_called(life, node)) return true;
    return false;
  }

  void say(violation_kind kind, const history& life, const entry& what, const char* words) {
    book_.add(kind, life.node, [&] {
      return fmt::format("at {} (life {}): private {} on {} was {}", life.node, life.life,
                         what.message, what.where, words);
    });
  }

  std::span<const history> lives_;
  ledger& book_;
  std::vector<private_message> messages_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
};

}  // namespace

void check_channels(std::span<const history> lives, ledger& book) {
  channel_judge{lives, book}.judge();
}

}  // namespace causerie::checker
