// SPDX-License-Identifier: BSL-1.0
//
// Bytes as the schedule of three nodes: which packets arrive, in what order and how often, who is
// paused, crashes, leaves or comes back, and of whom hosts say that it does not listen. Invariants
// hold after every step, and once the schedule is over and the network kind again, the living find
// each other.
#include <array>
#include <cstdlib>
#include <deque>
#include <memory>

#include "protocol/membership/failure_detector.hpp"
#include "protocol/membership/member_table.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;

namespace {

class schedule {
public:
  static constexpr std::size_t count = 3;
  static constexpr std::size_t in_flight_max = 256;

  schedule() {
    for (std::size_t i = 0; i < count; ++i) start(i);
  }
  void step(std::uint8_t octet) {
    const auto who = octet % count;
    const auto what = octet / count;
    if (what < 30)
      deliver(who, what % 3 == 0, what % 5 == 0);
    else if (what < 50)
      advance(std::chrono::milliseconds{10 << (what % 10)});
    else if (what < 57)
      drop(who);
    else if (what < 60)
      refuse(who);
    else if (what < 66)
      nodes_[who].paused = !nodes_[who].paused;
    else if (what < 72)
      announce(who, what % 2 == 0);
    else if (what < 76)
      leave(who);
    else
      start(who);
  }
  /// Everybody awake, everything delivered: within two minutes all living see all living.
  void heal() {
    for (auto& n : nodes_) n.paused = false;
    for (std::size_t i = 0; i < count; ++i)
      if (nodes_[i].leaving) start(i);
    for (int ticks = 0; ticks < 12'000; ++ticks) {
      while (!flights_.empty()) deliver_next();
      if (ticks % 50 == 0 && all_see_all()) return;
      advance(10ms);
    }
    std::abort();
  }

private:
  struct node {
    incarnation who;
    std::unique_ptr<member_table> table;
    std::unique_ptr<failure_detector> detector;
    bool paused = false, leaving = false;
  };
  struct flight {
    std::size_t from, to;
    shared_bytes bytes;
  };

  static socket_address address_of(std::size_t i) {
    return socket_address::v4(10, 0, 0, static_cast<std::uint8_t>(i + 1), 7450);
  }
  void start(std::size_t i) {
    auto& n = nodes_[i];
    n.who.node.octets.fill(static_cast<std::uint8_t>(i + 1));
    n.who.epoch = boot_epoch{++epoch_};
    n.table =
        std::make_unique<member_table>(n.who, "n", address_of(i), membership_config{}, epoch_);
    n.detector = std::make_unique<failure_detector>(n.who, membership_config{}, epoch_);
    n.paused = n.leaving = false;
    const std::array seeds{address_of(0), address_of(1), address_of(2)};
    n.table->join(seeds, now_);
    drain(i);
  }
  void leave(std::size_t i) {
    nodes_[i].leaving = true;
    nodes_[i].table->leave(now_);
    drain(i);
  }
  void announce(std::size_t i, bool present) {
    nodes_[i].table->announce(make_group_id("causerie", "lobby"), present, now_);
    drain(i);
  }
  void advance(duration span) {
    now_ += span;
    for (std::size_t i = 0; i < count; ++i) {
      auto& n = nodes_[i];
      if (n.paused) continue;
      n.detector->on_deadline(now_);
      n.table->on_deadline(now_);
      check_forward(n.detector->next_deadline());
      check_forward(n.table->next_deadline());
      drain(i);
    }
  }
  void check_forward(std::optional<instant> next) const {
    if (next && *next <= now_) std::abort();
  }
  void deliver(std::size_t skip, bool doubled, bool newest) {
    if (flights_.empty()) return;
    if (newest) std::swap(flights_.front(), flights_.back());
    if (skip < flights_.size()) std::swap(flights_.front(), flights_[skip]);
    if (doubled) flights_.push_back(flights_.front());
    deliver_next();
  }
  void drop(std::size_t which) {
    if (which < flights_.size())
      flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void refuse(std::size_t which) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i == which || nodes_[i].paused) continue;
      nodes_[i].detector->on_refused(address_of(which), now_);
      drain(i);
    }
  }
  void deliver_next() {
    const auto packet = flights_.front();
    flights_.pop_front();
    auto& n = nodes_[packet.to];
    if (n.paused) return;
    const auto probe = n.table->on_packet(address_of(packet.from), packet.bytes, now_);
    if (probe && *probe) n.detector->on_message(**probe, now_);
    drain(packet.to);
  }
  void send(std::size_t from, const socket_address& to, shared_bytes bytes) {
    if (bytes.size() > 1150) std::abort();
    for (std::size_t i = 0; i < count; ++i)
      if (to == address_of(i) && flights_.size() < in_flight_max)
        flights_.push_back({from, i, std::move(bytes)});
  }
  void drain(std::size_t i) {
    auto& n = nodes_[i];
    for (bool more = true; more;) {
      more = false;
      while (auto output = n.table->poll()) {
        more = true;
        if (auto* sent = std::get_if<member_table::send_packet>(&*output))
          send(i, sent->to, sent->bytes);
        if (auto* target = std::get_if<member_table::probe_target>(&*output))
          n.detector->on_target(target->who, target->address, target->wanted, target->suspected,
                                now_);
        if (auto* doubt = std::get_if<member_table::probe_now>(&*output))
          n.detector->on_accused(doubt->who, now_);
        if (std::holds_alternative<member_table::self_refuted>(*output))
          n.detector->on_self_refuted(now_);
      }
      while (auto output = n.detector->poll()) {
        more = true;
        if (auto* sent = std::get_if<failure_detector::send_probe>(&*output))
          send(i, sent->message.address, n.table->pack(sent->message, now_));
        if (auto* alive = std::get_if<failure_detector::alive>(&*output))
          n.table->on_alive(alive->who, alive->round_trip, now_);
        if (auto* failed = std::get_if<failure_detector::probe_failed>(&*output))
          n.table->on_probe_failed(failed->who, failed->refused, now_);
      }
    }
    n.table->audit();
  }
  bool all_see_all() const {
    for (const auto& observer : nodes_)
      for (const auto& subject : nodes_) {
        const auto seen = observer.table->find(subject.who.node);
        if (!seen || seen->who != subject.who || seen->state != member_state::alive) return false;
      }
    return true;
  }

  std::array<node, count> nodes_;
  std::deque<flight> flights_;
  instant now_{std::chrono::seconds{1000}};
  std::uint64_t epoch_ = 0;
};

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  return {std::vector<std::uint8_t>(200, 0), std::vector<std::uint8_t>(200, 100)};
}
std::size_t fuzz_runs() { return 10'000; }
std::size_t fuzz_size_max() { return 400; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  schedule run;
  for (std::size_t i = 0; i < size; ++i) run.step(data[i]);
  run.heal();
  return 0;
}
