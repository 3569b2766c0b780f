// SPDX-License-Identifier: BSL-1.0
#include "tests/actors/cluster.hpp"

#include <algorithm>

namespace causerie::test {

using protocol::duration;
using protocol::instant;

class cluster::wire final : public protocol::transport {
public:
  wire(cluster& owner, std::size_t index) : owner_{owner}, index_{index} {}

  void open(receiver to) override { receiver_ = std::move(to); }
  void send(protocol::datagram_batch batch) override {
    for (auto& datagram : batch) {
      const std::size_t to = std::size_t{datagram.peer.port} - 1;
      if (to >= owner_.size() || owner_.chance_.chance(owner_.options_.loss)) continue;
      const auto delay = owner_.chance_.between(duration{std::chrono::microseconds{200}},
                                                std::chrono::milliseconds{2});
      owner_.flights_.push(
          {owner_.now_ + delay, owner_.order_++, to, {local_address(), std::move(datagram.bytes)}});
    }
  }
  protocol::socket_address local_address() const override {
    return protocol::socket_address::v4(127, 0, 0, 1, static_cast<std::uint16_t>(index_ + 1));
  }
  void close() override { receiver_ = {}; }
  void arrive(protocol::datagram datagram) {
    if (receiver_.on_datagrams) receiver_.on_datagrams({std::move(datagram)});
  }

private:
  cluster& owner_;
  std::size_t index_;
  receiver receiver_;
};

cluster::cluster(options chosen) : options_{chosen}, chance_{chosen.seed} {
  for (std::size_t i = 0; i < chosen.nodes; ++i) {
    auto& host = *hosts_.emplace_back(std::make_unique<machine_host>());
    actors::use_sim_scheduler(host.config);
    host.system = std::make_unique<caf::actor_system>(host.config);
    actors::sim_coordinator::of(*host.system).advance_to(now_);
    host.network = std::make_unique<wire>(*this, i);
  }
}

cluster::~cluster() {
  for (auto& host : hosts_) {
    host->room.reset();
    host->node.reset();
    host->system.reset();
  }
}

void cluster::start(std::size_t index) {
  auto& host = at(index);
  actors::node_environment given;
  given.system = host.system.get();
  given.network = host.network.get();
  given.self.node.octets[0] = static_cast<std::uint8_t>(index + 1);
  given.self.epoch = protocol::boot_epoch{1};
  given.name = "n" + std::to_string(index);
  given.seed = options_.seed * 1000 + index;
  given.on_failure = [&host](actors::node_failure failure) {
    host.failures.push_back(std::move(failure.why));
  };
  given.on_occurrence = [&host](actors::occurrence what) { host.news.push_back(std::move(what)); };
  host.node = std::make_unique<actors::node_core>(std::move(given));
  std::vector<protocol::socket_address> seeds;
  if (index != 0) seeds.push_back(at(0).network->local_address());
  host.node->start(seeds, now_);
}

void cluster::join_group(std::size_t index, const std::string& name) {
  protocol::group_config config;
  config.name = name;
  at(index).room = at(index).node->open_group(config, now_).value_or(nullptr);
}

bool cluster::gather(joining how) {
  for (std::size_t i = 0; i < size(); ++i) start(i);
  const bool met = run_until([this] {
    return std::ranges::all_of(
        hosts_, [this](const auto& host) { return host->node->members().size() == size(); });
  });
  if (!met) return false;
  for (std::size_t i = 0; i < size(); ++i) {
    join_group(i);
    if (how == joining::in_turn && !run_until([&] { return !at(i).stream.empty(); })) return false;
  }
  return run_until([this] {
    return std::ranges::none_of(hosts_, [](const auto& host) { return host->stream.empty(); });
  });
}

void cluster::say(std::size_t index, const std::string& text) {
  at(index).room->port.send(
      {protocol::shared_bytes::copy_of(text), std::chrono::seconds{60}, [](auto) {}, std::nullopt});
}

std::vector<std::string> cluster::heard(std::size_t index) const {
  std::vector<std::string> texts;
  for (const auto& event : hosts_.at(index)->stream)
    if (const auto* said = std::get_if<protocol::message_event>(&event.what))
      texts.emplace_back(said->payload.text());
  return texts;
}

/// Every actor that has something to do gets its turns, in an order that chance decides.
void cluster::drain() {
  for (bool any = true; any;) {
    any = false;
    for (auto& host : hosts_) {
      if (!host->system) continue;
      auto& scheduler = actors::sim_coordinator::of(*host->system);
      while (scheduler.waiting() != 0) {
        scheduler.run(chance_.below(scheduler.waiting()));
        any = true;
      }
      if (!host->room || !host->reading) continue;
      auto events = host->room->port.take();
      if (events.empty()) continue;
      host->room->port.commit(events.back().position);
      for (auto& event : events) host->stream.push_back(std::move(event));
      any = true;
    }
  }
}

instant cluster::next_event(instant horizon) const {
  auto next = horizon;
  if (!flights_.empty()) next = std::min(next, flights_.top().arrives);
  for (const auto& host : hosts_)
    if (const auto deadline = actors::sim_coordinator::of(*host->system).next_deadline())
      next = std::min(next, *deadline);
  return std::max(next, now_);
}

void cluster::run_for(duration span) {
  const auto end = now_ + span;
  drain();
  while (now_ < end) {
    now_ = next_event(end);
    for (auto& host : hosts_) actors::sim_coordinator::of(*host->system).advance_to(now_);
    while (!flights_.empty() && flights_.top().arrives <= now_) {
      auto arrived = flights_.top();
      flights_.pop();
      static_cast<wire&>(*at(arrived.to).network).arrive(std::move(arrived.what));
    }
    drain();
  }
}

}  // namespace causerie::test
