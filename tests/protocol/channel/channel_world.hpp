// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_set.hpp"
#include "protocol/random.hpp"
#include "tests/protocol/channel/channel_notebook.hpp"

namespace causerie::protocol::testing {

/// What the carrier does to frames. It is a link: a reliable frame arrives sooner or later, unless
/// it vanishes, acknowledged, in a mailbox; a fresh one may just be lost.
struct carrier_faults {
  double duplicate = 0, vanish = 0, lose_fresh = 0, refuse = 0;
  duration delay_min = std::chrono::milliseconds{1};
  duration delay_max = std::chrono::milliseconds{1};
};

[[nodiscard]] inline node_id node(std::uint8_t n) {
  node_id id;
  id.octets[0] = n;
  return id;
}

/// Two nodes with a channel_set each, on virtual time, over a seeded carrier of frames.
class channel_world {
public:
  struct side {
    incarnation self;
    std::unique_ptr<channel_set> set;
    std::map<std::uint64_t, channel_set::outcome> outcomes;
    std::vector<channel_key> ready, credits;
    std::size_t outcome_count = 0;
    std::size_t frames_out = 0, bytes_out = 0, largest_frame = 0;
    std::optional<channel_notebook> journal;  ///< Of a node that keeps its durable channels.
  };

  explicit channel_world(std::uint64_t seed, channel_config with = {}, bool introduce = true)
      : chance{seed}, config{with} {
    for (std::uint8_t i = 0; i < 2; ++i) reborn(i, /*tell=*/false);
    if (introduce) meet();
  }

  void meet() {
    for (std::size_t i = 0; i < 2; ++i) side_of(i).set->on_node_up(side_of(1 - i).self, now);
    drain();
  }

  /// Both nodes have journals from here on: their present lives are the first ones in them.
  void keep_journals() {
    for (std::size_t i = 0; i < 2; ++i) keep_journal(i);
  }
  void keep_journal(std::size_t i) {
    auto& x = side_of(i);
    x.journal.emplace(x.self.epoch);
    x.set->restore(x.journal->image(), now);
  }

  /// A new process of the node: its memory is what its journal says, next epoch.
  void reborn(std::size_t i, bool tell = true) {
    auto& x = side_of(i);
    const auto epoch = number(x.self.epoch) + (x.self.epoch == boot_epoch{} ? 100 : 1);
    x.self = {node(static_cast<std::uint8_t>(i + 1)), boot_epoch{epoch}};
    x.set = std::make_unique<channel_set>(x.self, config, chance.next());
    if (x.journal) x.set->restore(x.journal->image(), now);
    if (!tell) return;
    x.set->on_node_up(side_of(1 - i).self, now);
    side_of(1 - i).set->on_peer_up(x.self, now);
    drain();
  }

  side& side_of(std::size_t i) { return sides[i]; }
  channel_set& set(std::size_t i) { return *sides[i].set; }
  /// The channel `name` as the other side sees it from `i`, for sending and for receiving.
  channel_key key(std::size_t i, std::string name = "main") {
    return {side_of(1 - i).self.node, std::move(name)};
  }

  result<std::uint64_t> send(std::size_t i, const std::string& text,
                             const std::string& name = "main", std::optional<instant> deadline = {},
                             std::uint64_t request = 0) {
    auto sent = set(i).send(key(i, name), shared_bytes::copy_of(std::string_view{text}), request,
                            deadline, now);
    return sent;
  }

  /// All that can be read now, and committed if wished.
  std::vector<std::string> receive(std::size_t i, const std::string& name = "main",
                                   bool commit = true, std::size_t messages_max = 100'000) {
    std::vector<std::string> texts;
    const auto from = key(i, name);
    const auto messages = set(i).read(from, set(i).committed(from), messages_max);
    for (const auto& each : messages) texts.emplace_back(each.payload.text());
    if (commit && !messages.empty()) set(i).commit(from, messages.back().position, now);
    return texts;
  }

  void drain() {
    for (std::size_t i = 0; i < 2; ++i) {
      while (auto output = set(i).poll()) std::visit([&](auto& event) { on(i, event); }, *output);
      auto notes = set(i).take_notes();
      if (side_of(i).journal) side_of(i).journal->write(std::move(notes));
    }
  }

  /// Everything that happens until `until`.
  void run_until(instant until) {
    drain();
    for (;;) {
      std::optional<instant> next;
      if (!events.empty()) next = events.begin()->first;
      for (std::size_t i = 0; i < 2; ++i)
        if (const auto due = set(i).next_deadline(); due && (!next || *due < *next)) next = due;
      if (!next || *next > until) break;
      now = std::max(now, *next);
      step();
    }
    now = until;
  }
  void run_for(duration time) { run_until(now + time); }

  /// Frames on their way that nobody has seen: a killed courier's mailbox.
  void lose_everything_under_way() { events.clear(); }

  random_source chance;
  channel_config config;
  carrier_faults faults;
  bool cut = false;  ///< Nothing arrives any more, nothing is acknowledged.
  bool audited = true;
  instant now{};
  std::vector<side> sides{2};
  std::function<void(std::size_t of, const channel_set::outcome&)> on_outcome;
  /// Sees every frame before the carrier; false: it disappears.
  std::function<bool(std::size_t from, const outgoing_frame&)> gate;

private:
  void step() {
    const auto at = now;
    while (!events.empty() && events.begin()->first <= at) {
      auto event = std::move(events.begin()->second);
      events.erase(events.begin());
      event();
    }
    for (std::size_t i = 0; i < 2; ++i)
      if (const auto due = set(i).next_deadline(); due && *due <= at) {
        set(i).on_deadline(at);
        const auto next = set(i).next_deadline();
        if (next && *next <= at) throw std::logic_error{"a deadline that does not move"};
      }
    drain();
    if (audited)
      for (std::size_t i = 0; i < 2; ++i) set(i).audit();
  }

  void on(std::size_t i, channel_set::outcome& event) {
    ++side_of(i).outcome_count;
    side_of(i).outcomes.emplace(event.message, event);
    if (on_outcome) on_outcome(i, event);
  }
  void on(std::size_t i, channel_set::messages_ready& event) {
    side_of(i).ready.push_back(event.from);
  }
  void on(std::size_t i, channel_set::credit& event) { side_of(i).credits.push_back(event.to); }
  void on(std::size_t i, channel_set::send_frame& event) {
    auto& x = side_of(i);
    ++x.frames_out;
    x.bytes_out += event.frame.body.size();
    x.largest_frame = std::max(x.largest_frame, event.frame.body.size());
    if (cut || (gate && !gate(i, event.frame))) return;
    if (chance.chance(faults.refuse)) {
      const auto peer = side_of(1 - i).self.node;
      set(i).on_lane_blocked(peer, std::move(event.frame));
      later([this, i, peer] { set(i).on_lane_writable(peer, now); });
      return;
    }
    carry(i, std::move(event.frame));
  }

  void carry(std::size_t i, outgoing_frame frame) {
    const bool fresh = frame.care == frame_care::fresh;
    const bool vanishes = chance.chance(fresh ? faults.lose_fresh : faults.vanish);
    const int copies = vanishes ? 0 : chance.chance(faults.duplicate) ? 2 : 1;
    const auto from = side_of(i).self;
    for (int copy = 0; copy < copies; ++copy)
      later([this, i, from, body = frame.body] {
        if (!cut) (void)set(1 - i).on_frame(from, body, now);
      });
    if (frame.token != 0)
      later([this, i, from, token = frame.token] {
        if (!cut && side_of(i).self == from)
          set(i).on_frame_acked(side_of(1 - i).self.node, token, now);
      });
  }

  void later(std::function<void()> event) {
    events.emplace(now + chance.between(faults.delay_min, faults.delay_max), std::move(event));
  }

  std::multimap<instant, std::function<void()>> events;
};

/// The seed of a random test: CAUSERIE_SEED, or `otherwise`.
[[nodiscard]] inline std::uint64_t seed_or(std::uint64_t otherwise) {
  const char* given = std::getenv("CAUSERIE_SEED");
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 0);
}

using texts = std::vector<std::string>;

/// Whether node `i` was told that of its message.
[[nodiscard]] inline bool told(channel_world& world, std::size_t i, std::uint64_t message,
                               send_outcome what) {
  const auto& outcomes = world.side_of(i).outcomes;
  const auto found = outcomes.find(message);
  return found != outcomes.end() && found->second.what == what;
}

[[nodiscard]] inline channel_frame decoded(const outgoing_frame& frame) {
  return *decode_channel_frame(frame.body);
}

}  // namespace causerie::protocol::testing
