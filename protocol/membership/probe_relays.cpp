// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/probe_relays.hpp"

#include <algorithm>

namespace causerie::protocol::swim {

namespace {

probe_message reply_to(const probe_message& request, probe_kind kind) {
  probe_message reply;
  reply.kind = kind;
  reply.address = request.address;
  reply.nonce = request.nonce;
  reply.target = request.target;
  return reply;
}

}  // namespace

bool probe_relays::start(const probe_message& request, socket_address target_address,
                         std::uint64_t nonce, instant now) {
  if (running_.size() >= running_max) return false;
  for (const auto& [ours, running] : running_)
    if (running.request.from == request.from && running.request.nonce == request.nonce)
      return false;
  // An asker asks again after a fifth of its patience: 80 % of what it has left then.
  const auto nack_at = now + (patience_ - patience_ / 5) * 4 / 5;
  relay fresh{request, target_address, now, nack_at, now + patience_};
  fresh.nacked = !nacks_;
  return running_.emplace(nonce, std::move(fresh)).second;
}

std::optional<probe_message> probe_relays::on_ack(const probe_message& ack) {
  const auto at = running_.find(ack.nonce);
  if (at == running_.end() || at->second.request.target != ack.from) return std::nullopt;
  const auto reply = reply_to(at->second.request, probe_kind::ack);
  running_.erase(at);
  return reply;
}

std::vector<probe_message> probe_relays::due(const incarnation& self, instant now) {
  std::vector<probe_message> messages;
  for (auto at = running_.begin(); at != running_.end();) {
    auto& [nonce, running] = *at;
    if (!running.nacked && now >= running.nack_at) {
      running.nacked = true;
      messages.insert(messages.end(), 2, reply_to(running.request, probe_kind::nack));
    }
    if (now >= running.give_up) {
      at = running_.erase(at);
      continue;
    }
    if (running.pings < pings_ && now >= running.next_ping) {
      ++running.pings;
      running.next_ping = now + patience_ / 5;
      messages.push_back({probe_kind::ping,
                          self,
                          running.target_address,
                          nonce,
                          running.request.target,
                          {},
                          running.request.suspected});
    }
    ++at;
  }
  for (auto& message : messages) message.from = self;
  return messages;
}

bool probe_relays::pings(const node_id& target) const {
  return std::any_of(running_.begin(), running_.end(),
                     [&](const auto& entry) { return entry.second.request.target.node == target; });
}

instant probe_relays::next_deadline(const relay& running) const noexcept {
  auto due = running.give_up;
  if (!running.nacked) due = std::min(due, running.nack_at);
  if (running.pings < pings_) due = std::min(due, running.next_ping);
  return due;
}

std::optional<instant> probe_relays::next_deadline() const {
  std::optional<instant> next;
  for (const auto& [nonce, running] : running_) {
    const auto due = next_deadline(running);
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

}  // namespace causerie::protocol::swim
