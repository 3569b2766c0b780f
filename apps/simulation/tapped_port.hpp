// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "protocol/transport.hpp"

namespace causerie::simulation {

/// A node's way into the simulated network, with the world listening in: what arrives is handed to
/// the world, refusals too, which passes it on when the node is awake.
class tapped_port final : public protocol::transport {
public:
  tapped_port(std::unique_ptr<protocol::transport> port,
              std::function<void(protocol::datagram_batch)> arrived,
              std::function<void(protocol::socket_address)> refused)
      : port_{std::move(port)}, arrived_{std::move(arrived)}, refused_{std::move(refused)} {}

  void pass_on(protocol::datagram_batch batch) {
    if (receiver_.on_datagrams) receiver_.on_datagrams(std::move(batch));
  }

  void pass_on_refusal(protocol::socket_address where) {
    if (receiver_.on_refused) receiver_.on_refused(where);
  }

  void open(receiver to) override {
    receiver_ = std::move(to);
    port_->open({.on_datagrams = arrived_, .on_refused = refused_});
  }
  void send(protocol::datagram_batch batch) override { port_->send(std::move(batch)); }
  [[nodiscard]] protocol::socket_address local_address() const override {
    return port_->local_address();
  }
  void close() override {
    port_->close();
    receiver_ = {};
  }

private:
  std::unique_ptr<protocol::transport> port_;
  std::function<void(protocol::datagram_batch)> arrived_;
  std::function<void(protocol::socket_address)> refused_;
  receiver receiver_;
};

}  // namespace causerie::simulation
