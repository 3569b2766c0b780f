// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "protocol/assert.hpp"
#include "protocol/membership/failure_detector.hpp"
#include "protocol/membership/member_table.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol::test {

/// Member tables and failure detectors of many nodes on virtual time, wired together as the two
/// actors wire them, over a network that loses, delays and cuts. Same seed: same run.
class swim_cluster {
public:
  struct change {
    instant at;
    std::size_t observer;
    member_view member;
    std::optional<member_state> previous;
  };

  struct node {
    incarnation who;
    socket_address address;
    std::unique_ptr<member_table> table;
    std::unique_ptr<failure_detector> detector;
    bool up = false;
    bool paused = false;
    std::size_t ready = 0, unanswered = 0;
    std::vector<std::string> refused;
    std::vector<member_table::conflict> conflicts;
    std::set<group_id> directories_changed;
    std::uint64_t bytes_out = 0, packets_out = 0, wakeups = 0;
    std::uint64_t life = 0;  // Events for an earlier process are void.
    std::optional<instant> armed;
    std::vector<std::pair<socket_address, shared_bytes>> socket;  // Unread while paused.
  };

  explicit swim_cluster(std::size_t count, std::uint64_t seed, membership_config settings = {})
      : config{std::move(settings)}, random{seed}, nodes(count) {
    for (std::size_t i = 0; i < count; ++i) {
      nodes[i].address = address_of(i);
      for (auto& octet : nodes[i].who.node.octets) octet = static_cast<std::uint8_t>(random.next());
      by_address[nodes[i].address] = i;
    }
  }

  static socket_address address_of(std::size_t index) {
    return socket_address::v4(10, 0, static_cast<std::uint8_t>(index / 250),
                              static_cast<std::uint8_t>(1 + index % 250), 7450);
  }

  /// A new process of that node, in a newer life unless told otherwise.
  void start(std::size_t index, std::vector<std::size_t> seeds,
             std::optional<boot_epoch> epoch = std::nullopt) {
    auto& n = nodes[index];
    n.who.epoch = epoch.value_or(boot_epoch{number(n.who.epoch) + 1000});
    make(index);
    std::vector<socket_address> addresses;
    for (const auto seed : seeds) addresses.push_back(address_of(seed));
    n.table->join(addresses, now);
    flush(index);
  }
  /// All nodes, as if they had known each other for long: nobody has news for anybody.
  void start_settled() {
    for (auto& n : nodes) n.who.epoch = boot_epoch{number(n.who.epoch) + 1000};
    const auto parts = everybody(/*told_by=*/0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      make(i);
      // What a table hears before it is in a cluster is news to itself alone.
      const auto teller = i == 0 ? nodes.size() - 1 : 0;
      for (const auto& part : i == 0 ? everybody(teller) : parts)
        CAUSERIE_ASSERT(nodes[i].table->on_packet(address_of(teller), part, now));
      nodes[i].table->join({}, now);
      flush(i);
    }
  }
  void crash(std::size_t index) {
    nodes[index].up = false;
    ++nodes[index].life;
  }
  void leave(std::size_t index) {
    nodes[index].table->leave(now);
    flush(index);
  }
  void announce(std::size_t index, const group_id& group, bool present) {
    nodes[index].table->announce(group, present, now);
    flush(index);
  }
  /// `observer` hears, true or not, that nobody listens where `subject` is.
  void refuse(std::size_t observer, std::size_t subject) {
    if (!nodes[observer].up || nodes[observer].paused) return;
    nodes[observer].detector->on_refused(nodes[subject].address, now);
    flush(observer);
  }
  void pause(std::size_t index) { nodes[index].paused = true; }
  /// First the timers, then what waited in the socket: the less kind order.
  void resume(std::size_t index) {
    auto& n = nodes[index];
    n.paused = false;
    fire(index);
    for (auto& [from, bytes] : std::exchange(n.socket, {})) receive(index, from, bytes);
  }

  void run_for(duration span) {
    const auto until = now + span;
    while (!events.empty() && events.top().at <= until) {
      const auto next = events.top();
      events.pop();
      now = next.at;
      auto& n = nodes[next.to];
      if (!n.up && next.kind == happening::packet) send_refusal(next);
      if (!n.up || n.life != next.life) continue;
      if (next.kind == happening::refusal) {
        refuse(next.to, by_address.at(next.from));
      } else if (next.kind == happening::timer) {
        if (n.armed == next.at) n.armed.reset();
        if (!n.paused) fire(next.to);
      } else if (n.paused) {
        if (n.socket.size() < 4096) n.socket.emplace_back(next.from, next.bytes);
      } else {
        receive(next.to, next.from, next.bytes);
      }
    }
    now = until;
  }
  /// False when `holds` is still false after `span`.
  template <class Condition>
  bool run_until(Condition holds, duration span) {
    for (const auto until = now + span; now < until; run_for(std::chrono::milliseconds{100}))
      if (holds()) return true;
    return holds();
  }

  [[nodiscard]] std::optional<member_state> view(std::size_t observer, std::size_t subject) const {
    const auto known = nodes[observer].table->find(nodes[subject].who.node);
    if (!known || known->who != nodes[subject].who) return std::nullopt;
    return known->state;
  }
  /// Every running node sees every other running node alive, and nobody else.
  [[nodiscard]] bool converged() const {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!nodes[i].up) continue;
      for (std::size_t j = 0; j < nodes.size(); ++j) {
        const auto seen = view(i, j);
        if (nodes[j].up != (seen == member_state::alive)) return false;
      }
    }
    return true;
  }
  /// Every running node sees every other running node as a member, suspected or not: under heavy
  /// loss somebody is suspected by somebody at any moment.
  [[nodiscard]] bool complete() const {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      for (std::size_t j = 0; j < nodes.size(); ++j)
        if (nodes[i].up && nodes[j].up)
          if (const auto seen = view(i, j); !seen || *seen > member_state::suspect) return false;
    return true;
  }
  [[nodiscard]] bool gone_everywhere(std::size_t subject, member_state gone) const {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].up && i != subject && view(i, subject) != gone) return false;
    return true;
  }
  /// How often a running node was declared dead by somebody.
  [[nodiscard]] std::size_t false_deaths() const { return false_deaths_; }

  void form(duration within = std::chrono::seconds{60}) {
    start(0, {});
    for (std::size_t i = 1; i < nodes.size(); ++i) start(i, {0});
    CAUSERIE_ASSERT(run_until([&] { return converged(); }, within));
  }

  membership_config config;
  random_source random;
  instant now{std::chrono::seconds{1000}};
  double loss = 0;
  duration delay_min = std::chrono::microseconds{200}, delay_max = std::chrono::milliseconds{5};
  std::vector<node> nodes;
  std::map<socket_address, std::size_t> by_address;
  std::set<std::pair<std::size_t, std::size_t>> cut;  // (from, to)
  bool keep_changes = true;                           ///< A long run of many has no use for them.
  std::vector<change> changes;
  /// A running node was declared dead by `observer`; may be empty.
  std::function<void(std::size_t observer, std::size_t victim)> on_false_death;
  bool audit = false;
  /// Hosts say when nobody listens at a port (ICMP); lost as everything else is.
  bool refusals = false;

private:
  enum class happening : std::uint8_t { timer, packet, refusal };
  struct event {
    instant at;
    std::uint64_t order;
    std::size_t to;
    std::uint64_t life;
    happening kind;
    socket_address from;
    shared_bytes bytes;
    bool operator<(const event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void make(std::size_t index) {
    auto& n = nodes[index];
    n.table = std::make_unique<member_table>(n.who, "node-" + std::to_string(index), n.address,
                                             config, random.next());
    n.detector = std::make_unique<failure_detector>(n.who, config, random.next());
    n.up = true;
    n.paused = false;
    n.socket.clear();
    ++n.life;
    n.armed.reset();
  }
  /// Everybody's record, as parts of an exchange.
  [[nodiscard]] std::vector<shared_bytes> everybody(std::size_t told_by) const {
    std::vector<shared_bytes> parts;
    for (std::size_t from = 0; from < nodes.size(); from += 16) {
      swim::swim_datagram part;
      part.head.cluster = swim::cluster_hash(config.cluster);
      part.head.sender = nodes[told_by].who;
      part.body = swim::exchange_part{0, swim::key_range::all(), true};
      for (auto i = from; i < std::min(from + 16, nodes.size()); ++i) {
        swim::member_record record{member_state::alive, nodes[i].who};
        record.profile = {"node-" + std::to_string(i), nodes[i].address};
        part.members.push_back(std::move(record));
      }
      parts.push_back(swim::encode_datagram(part));
    }
    return parts;
  }
  void fire(std::size_t index) {
    auto& n = nodes[index];
    ++n.wakeups;
    n.detector->on_deadline(now);
    n.table->on_deadline(now);
    // No livelock: what is due has been done.
    for (const auto next : {n.detector->next_deadline(), n.table->next_deadline()})
      CAUSERIE_ASSERT(!next || *next > now);
    flush(index);
  }
  void receive(std::size_t index, const socket_address& from, const shared_bytes& bytes) {
    auto& n = nodes[index];
    if (const auto probe = n.table->on_packet(from, bytes, now); probe && *probe)
      n.detector->on_message(**probe, now);
    flush(index);
  }
  void flush(std::size_t index) {
    auto& n = nodes[index];
    for (bool more = true; more;) {
      more = false;
      while (auto output = n.table->poll()) {
        more = true;
        std::visit([&](auto& what) { perform(index, what); }, *output);
      }
      while (auto output = n.detector->poll()) {
        more = true;
        std::visit([&](auto& what) { perform(index, what); }, *output);
      }
    }
    if (audit) n.table->audit();
    arm(index);
  }
  void arm(std::size_t index) {
    auto& n = nodes[index];
    auto next = n.table->next_deadline();
    if (const auto other = n.detector->next_deadline(); other && (!next || *other < *next))
      next = other;
    if (!next || (n.armed && *n.armed <= *next && *n.armed >= now)) return;
    n.armed = std::max(*next, now);
    events.push({*n.armed, order_++, index, n.life, happening::timer, {}, {}});
  }
  void send(std::size_t index, const socket_address& to, const shared_bytes& bytes) {
    CAUSERIE_ASSERT(bytes.size() <= 1150);
    auto& n = nodes[index];
    ++n.packets_out;
    n.bytes_out += bytes.size() + 1;
    const auto target = by_address.find(to);
    if (target == by_address.end() || random.chance(loss) || cut.contains({index, target->second}))
      return;
    events.push({now + random.between(delay_min, delay_max), order_++, target->second,
                 nodes[target->second].life, happening::packet, n.address, bytes});
  }
  void send_refusal(const event& lost) {
    const auto asker = by_address.at(lost.from);
    if (!refusals || random.chance(loss) || cut.contains({lost.to, asker})) return;
    events.push({now + random.between(delay_min, delay_max),
                 order_++,
                 asker,
                 nodes[asker].life,
                 happening::refusal,
                 nodes[lost.to].address,
                 {}});
  }

  void perform(std::size_t i, member_table::send_packet& what) { send(i, what.to, what.bytes); }
  void perform(std::size_t i, member_table::member_changed& what) {
    if (what.member.state == member_state::dead && what.previous &&
        *what.previous != member_state::dead)
      for (std::size_t victim = 0; victim < nodes.size(); ++victim) {
        if (nodes[victim].who != what.member.who || !nodes[victim].up) continue;
        ++false_deaths_;
        if (on_false_death) on_false_death(i, victim);
      }
    if (keep_changes) changes.push_back({now, i, std::move(what.member), what.previous});
  }
  void perform(std::size_t i, member_table::probe_target& what) {
    nodes[i].detector->on_target(what.who, what.address, what.wanted, what.suspected, now);
  }
  void perform(std::size_t i, member_table::directory_changed& what) {
    nodes[i].directories_changed.insert(what.group);
  }
  void perform(std::size_t i, member_table::ready&) { ++nodes[i].ready; }
  void perform(std::size_t i, member_table::join_unanswered&) { ++nodes[i].unanswered; }
  void perform(std::size_t i, member_table::refused& what) {
    nodes[i].refused.push_back(what.reason);
  }
  void perform(std::size_t i, member_table::conflict& what) { nodes[i].conflicts.push_back(what); }
  void perform(std::size_t i, member_table::probe_now& what) {
    nodes[i].detector->on_accused(what.who, now);
  }
  void perform(std::size_t i, member_table::self_refuted&) {
    nodes[i].detector->on_self_refuted(now);
  }
  void perform(std::size_t i, failure_detector::health_changed& what) {
    nodes[i].table->on_health(what.score);
  }
  void perform(std::size_t i, failure_detector::send_probe& what) {
    send(i, what.message.address, nodes[i].table->pack(what.message, now));
  }
  void perform(std::size_t i, failure_detector::alive& what) {
    nodes[i].table->on_alive(what.who, what.round_trip, now);
  }
  void perform(std::size_t i, failure_detector::probe_failed& what) {
    nodes[i].table->on_probe_failed(what.who, what.refused, now);
  }

  std::priority_queue<event> events;
  std::uint64_t order_ = 0;
  std::size_t false_deaths_ = 0;
};

/// CAUSERIE_SEED, or `otherwise`.
inline std::uint64_t seed_or(std::uint64_t otherwise) {
  const auto* text = std::getenv("CAUSERIE_SEED");
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace causerie::protocol::test
