// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "protocol/ids.hpp"
#include "protocol/random.hpp"
#include "protocol/transport.hpp"

namespace causerie::simulation {

/// The way into the network of a node that holds sessions and means harm: between its honest
/// datagrams it sends others of the right shape, to the same receivers and under the same sessions.
/// Acknowledgements of what was never sent, lengths that end nowhere, garbage for every machine,
/// frames of a member that it is not, its own frames with bytes changed or cut short, and its own
/// datagrams once more.
///
/// It forges nothing in the names of others: as long as sessions are not sealed and gossip not
/// signed, whoever reaches a node can, and nothing is promised against that.
class hostile_port final : public protocol::transport {
public:
  /// Of the node `self`, which is no member of `group`, whatever it says. Counts its lies in
  /// `told`, which outlives it.
  hostile_port(std::unique_ptr<protocol::transport> port, const protocol::incarnation& self,
               protocol::group_id group, std::uint64_t seed, std::uint64_t& told)
      : port_{std::move(port)},
        group_{group},
        tag_{protocol::make_member_tag(group, self)},
        random_{seed},
        told_{told} {}

  void open(receiver to) override { port_->open(std::move(to)); }
  void send(protocol::datagram_batch batch) override;
  [[nodiscard]] protocol::socket_address local_address() const override {
    return port_->local_address();
  }
  void close() override { port_->close(); }

private:
  [[nodiscard]] protocol::shared_bytes spoil(const protocol::shared_bytes& honest);
  [[nodiscard]] protocol::shared_bytes transport_packet(const protocol::shared_bytes& honest);
  void add_frame(protocol::byte_buffer& bytes);
  void add_garbage_for_a_machine(protocol::byte_buffer& bytes);
  void add_claim_to_be_a_member(protocol::byte_buffer& bytes);
  void change_some(protocol::byte_buffer& bytes, std::size_t from);
  void add_noise(protocol::byte_buffer& bytes, std::size_t size);

  std::unique_ptr<protocol::transport> port_;
  protocol::group_id group_;
  protocol::member_tag tag_;
  protocol::random_source random_;
  std::deque<protocol::datagram> before_;  // A few of its own, to be sent again.
  std::uint64_t& told_;
};

}  // namespace causerie::simulation
