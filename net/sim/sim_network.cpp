// SPDX-License-Identifier: BSL-1.0
#include "net/sim/sim_network.hpp"

#include <algorithm>
#include <utility>

#include "net/fault/fault_decider.hpp"
#include "protocol/assert.hpp"

namespace causerie::net {
namespace {

/// Different for every two endpoints, the same in every run.
std::uint64_t mix(std::uint64_t seed, std::uint64_t salt) {
  return protocol::random_source{seed ^ (salt * 0x9e3779b97f4a7c15)}.next();
}

}  // namespace

class sim_network::port final : public protocol::transport {
public:
  port(sim_network& network, number self) : network_{network}, self_{self} {}
  ~port() override { close(); }

  void open(receiver to) override {
    receiver_ = std::make_shared<receiver>(std::move(to));
    network_.endpoints_[self_]->receiver = receiver_;
  }
  void send(protocol::datagram_batch batch) override {
    if (receiver_) network_.send(self_, std::move(batch));
  }
  [[nodiscard]] protocol::socket_address local_address() const override {
    return network_.endpoints_[self_]->address;
  }
  void close() override {
    auto& current = network_.endpoints_[self_]->receiver;
    if (receiver_ && current == receiver_) current.reset();  // Perhaps attached again since.
    receiver_.reset();
  }

private:
  sim_network& network_;
  const number self_;
  std::shared_ptr<receiver> receiver_;
};

sim_network::sim_network(std::uint64_t seed, protocol::duration latency)
    : seed_{seed}, latency_{latency} {
  CAUSERIE_ASSERT(latency.count() > 0);
}

sim_network::~sim_network() = default;

std::unique_ptr<protocol::transport> sim_network::attach(protocol::socket_address address) {
  return std::make_unique<port>(*this, number_of(address));
}

void sim_network::set_faults(sim_faults faults) { faults_ = std::move(faults); }

void sim_network::set_faults(const protocol::socket_address& from, sim_faults faults) {
  endpoints_[number_of(from)]->faults = std::move(faults);
}

void sim_network::cut(const protocol::socket_address& from, const protocol::socket_address& to) {
  path_between(number_of(from), number_of(to)).is_cut = true;
}

void sim_network::heal(const protocol::socket_address& from, const protocol::socket_address& to) {
  path_between(number_of(from), number_of(to)).is_cut = false;
}

void sim_network::heal_all() {
  for (const auto& each : endpoints_)
    for (auto& way : each->paths)
      if (way) way->is_cut = false;
}

std::optional<protocol::instant> sim_network::next_event() const {
  if (flights_.empty()) return std::nullopt;
  return flights_.next_arrival();
}

void sim_network::run_until(protocol::instant t) {
  while (!flights_.empty() && flights_.next_arrival() <= t) step();
  now_ = std::max(now_, t);
}

bool sim_network::step() {
  if (flights_.empty()) return false;
  now_ = std::max(now_, flights_.next_arrival());
  const auto to = flights_.next().to;
  const auto receiver = endpoints_[to]->receiver;  // Lives on if the call closes its port.
  protocol::datagram_batch batch;
  std::vector<number> refused;
  while (!flights_.empty() && flights_.next_arrival() <= now_ && flights_.next().to == to) {
    auto arrived = flights_.pop();
    if (receiver) {
      batch.push_back({endpoints_[arrived.from]->address, std::move(arrived.bytes)});
    } else {
      refused.push_back(arrived.from);
    }
  }
  counts_.delivered += batch.size();
  if (!batch.empty() && receiver->on_datagrams) receiver->on_datagrams(std::move(batch));
  for (const auto from : refused) refuse(from, to);
  return true;
}

/// The hint comes back at once if it comes: it takes the way back, so that no cut may be on it, and
/// many a firewall eats it.
void sim_network::refuse(number from, number at) {
  const auto& own = endpoints_[from]->faults;
  const auto refusals = own ? own->refusals : faults_.refusals;
  auto& back = path_between(at, from);
  if (back.is_cut || (refusals < 1 && !back.chance.chance(refusals))) return;
  ++counts_.refused;
  const auto asker = endpoints_[from]->receiver;
  if (asker && asker->on_refused) asker->on_refused(endpoints_[at]->address);
}

sim_network::number sim_network::number_of(const protocol::socket_address& address) {
  const auto next = static_cast<number>(endpoints_.size());
  const auto [found, is_new] = numbers_.emplace(address, next);
  if (is_new) endpoints_.push_back(std::make_unique<endpoint>(endpoint{address, {}, {}, {}}));
  return found->second;
}

sim_network::path& sim_network::path_between(number from, number to) {
  auto& paths = endpoints_[from]->paths;
  if (paths.size() <= to) paths.resize(endpoints_.size());
  auto& found = paths[to];
  if (!found) {
    protocol::random_source chance{mix(seed_, (std::uint64_t{from} << 32 | to) + 1)};
    const auto fates = chance.fork();
    found = std::make_unique<path>(path{fates, chance});
  }
  return *found;
}

void sim_network::send(number from, protocol::datagram_batch batch) {
  const auto& own = endpoints_[from]->faults;
  for (auto& each : batch) send_one(from, std::move(each), own ? *own : faults_);
}

void sim_network::send_one(number from, protocol::datagram datagram, const sim_faults& faults) {
  ++counts_.sent;
  const auto to = number_of(datagram.peer);
  auto& way = path_between(from, to);
  const auto bytes = datagram.bytes.size();
  const auto fate = fault_decider::decide(faults.plan.of(datagram.peer), bytes, way.fates);
  const bool burst = faults.bursts.loses(way.bad, way.chance);
  if (way.is_cut) {
    ++counts_.cut;
    return;
  }
  if (bytes > faults.bytes_max) {
    ++counts_.too_large;
    return;
  }
  if (faults.replay > 0 && way.chance.chance(faults.replay)) {
    ++counts_.replayed;
    launch(from, to, datagram.bytes,
           way.chance.between(protocol::duration{0}, faults.replay_within));
  }
  if (burst || fate.count == 0) {
    ++counts_.lost;
    return;
  }
  counts_.duplicated += fate.count - 1;
  for (std::size_t i = 0; i < fate.count; ++i) {
    const auto& copy = fate.copies[i];
    counts_.corrupted += copy.flipped_bit.has_value();
    counts_.delayed += copy.delay.count() != 0;
    counts_.reordered += copy.held_behind;
    launch(from, to,
           copy.flipped_bit ? with_flipped_bit(datagram.bytes, *copy.flipped_bit) : datagram.bytes,
           copy.delay);
  }
}

void sim_network::launch(number from, number to, protocol::shared_bytes bytes,
                         protocol::duration delay) {
  if (flights_.size() >= in_flight_max) {
    ++counts_.dropped_full;
    return;
  }
  flights_.push(now_ + latency_ + delay, {from, to, std::move(bytes)});
}

}  // namespace causerie::net
