// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "protocol/assert.hpp"
#include "protocol/errors.hpp"
#include "protocol/link/link_set.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol::test {

inline std::uint64_t seed_of_run(std::uint64_t fallback) {
  const char* text = std::getenv("CAUSERIE_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 0);
}

inline node_id id_of(std::uint8_t number) {
  node_id id;
  id.octets.fill(number);
  return id;
}
inline socket_address address_of(std::uint8_t number) {
  return socket_address::v4(127, 0, 0, 1, static_cast<std::uint16_t>(7000 + number));
}

inline outgoing_frame frame_of(std::string_view text, frame_care care = frame_care::reliable,
                               std::uint64_t slot = 0, std::uint64_t token = 0) {
  outgoing_frame frame;
  frame.kind = frame_kind::group;
  frame.care = care;
  frame.lane = frame_lane::group;
  frame.slot = slot;
  frame.token = token;
  frame.body = shared_bytes::copy_of(text);
  return frame;
}

/// What a wire does to datagrams; chances per datagram.
struct weather {
  double loss = 0, duplicate = 0, reorder = 0;
  duration delay = std::chrono::microseconds{100};
  duration jitter = std::chrono::microseconds{20};
};

/// Link sets joined by a simulated wire. Node numbers are addresses and ids at once.
class wire_pair {
public:
  explicit wire_pair(std::uint64_t seed, weather conditions = {})
      : chance{seed}, conditions_{conditions} {
    start(1, boot_epoch{10});
    start(2, boot_epoch{20});
  }

  struct node {
    std::unique_ptr<link_set> links;
    std::vector<std::string> received;
    std::vector<incarnation> peers_up;
    std::vector<node_id> unreachable;
    std::vector<std::uint64_t> acked;
    std::vector<frame_lane> writable;
    std::vector<std::string> swim;
    std::size_t wakeups = 0;
  };

  random_source chance;
  instant now{std::chrono::seconds{1000}};
  std::map<std::uint8_t, node> nodes;
  std::size_t datagrams = 0;
  bool cut = false;  ///< Nothing gets through.
  link_config config;

  void start(std::uint8_t number, boot_epoch epoch) {
    auto& made = nodes[number];
    made = {};
    made.links =
        std::make_unique<link_set>(incarnation{id_of(number), epoch}, config, chance.next());
    for (auto& [other, peer] : nodes)
      if (other != number) {
        made.links->on_address(id_of(other), address_of(other), now);
        peer.links->on_address(id_of(number), address_of(number), now);
      }
  }

  std::error_code send(std::uint8_t from, std::uint8_t to, outgoing_frame frame) {
    return nodes[from].links->send(id_of(to), std::move(frame), now);
  }

  void flush(std::uint8_t number) {
    nodes[number].links->flush(now);
    drain(number);
  }

  /// Delivers what is due and fires timers until `until`. True when nothing was left to do.
  bool run_until(instant until) {
    for (auto& [number, each] : nodes) flush(number);
    for (;;) {
      auto next = until + duration{1};
      if (!flying_.empty()) next = std::min(next, flying_.begin()->first);
      for (auto& [number, each] : nodes)
        if (const auto deadline = each.links->next_deadline()) next = std::min(next, *deadline);
      if (next > until) break;
      now = std::max(now, next);
      deliver();
      for (auto& [number, each] : nodes) fire(number, each);
    }
    now = until;
    return flying_.empty();
  }
  bool run_for(duration time) { return run_until(now + time); }

private:
  struct flying {
    std::uint8_t from, to;
    shared_bytes bytes;
  };

  void fire(std::uint8_t number, node& each) {
    const auto deadline = each.links->next_deadline();
    if (!deadline || *deadline > now) return;
    ++each.wakeups;
    each.links->on_deadline(now);
    const auto after = each.links->next_deadline();
    CAUSERIE_ASSERT(!after || *after > now);
    drain(number);
  }

  void deliver() {
    while (!flying_.empty() && flying_.begin()->first <= now) {
      const auto arrived = flying_.extract(flying_.begin()).mapped();
      const auto found = nodes.find(arrived.to);
      if (found == nodes.end()) continue;
      const datagram one{address_of(arrived.from), arrived.bytes};
      found->second.links->on_datagrams({&one, 1}, now);
      flush(arrived.to);
    }
  }

  void drain(std::uint8_t number) {
    auto& each = nodes[number];
    while (auto output = each.links->poll())
      std::visit([&](auto& event) { on(number, each, event); }, *output);
  }

  void on(std::uint8_t from, node&, link_set::transmit& event) {
    ++datagrams;
    CAUSERIE_ASSERT(event.bytes.size() <= 1200);
    if (cut || chance.chance(conditions_.loss)) return;
    const auto to = static_cast<std::uint8_t>(event.to.port - 7000);
    const int copies = chance.chance(conditions_.duplicate) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      // Jitter alone keeps the order, as queues do.
      auto& last = arrivals_[{from, to}];
      last =
          std::max(last, now + conditions_.delay + chance.between(duration{0}, conditions_.jitter));
      const auto late = chance.chance(conditions_.reorder) ? 3 * conditions_.delay : duration{0};
      flying_.emplace(last + late, flying{from, to, event.bytes});
    }
  }
  void on(std::uint8_t, node& each, link_set::frame_received& event) {
    each.received.emplace_back(event.body.text());
  }
  void on(std::uint8_t, node& each, link_set::swim_received& event) {
    each.swim.emplace_back(event.body.text());
  }
  void on(std::uint8_t, node& each, link_set::peer_up& event) {
    each.peers_up.push_back(event.peer);
  }
  void on(std::uint8_t, node& each, link_set::peer_unreachable& event) {
    each.unreachable.push_back(event.peer);
  }
  void on(std::uint8_t, node& each, link_set::frame_acked& event) {
    each.acked.push_back(event.token);
  }
  void on(std::uint8_t, node& each, link_set::lane_writable& event) {
    each.writable.push_back(event.lane);
  }

  weather conditions_;
  std::multimap<instant, flying> flying_;
  std::map<std::pair<std::uint8_t, std::uint8_t>, instant> arrivals_;  // The latest, per way.
};

}  // namespace causerie::protocol::test
