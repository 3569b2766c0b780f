// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <asio/io_context.hpp>

#include "net/fault/fault_plan.hpp"
#include "protocol/transport.hpp"

namespace causerie::net {

/// Injects faults on the sending side of any transport: loss, delay, duplicates, reordering,
/// corruption, one-way cuts; and withholds on the receiving side; seeded, off by default, settable
/// at run time. With an empty plan and nothing held back, batches pass through untouched. Needs no
/// privilege and no kernel support.
///
/// Thread rule: any thread; held datagrams go out from threads that run the io_context. `close`
/// before the context is destroyed; `below` must outlive the layer.
class fault_layer final : public protocol::transport {
public:
  struct counters {
    std::uint64_t lost = 0, duplicated = 0, delayed = 0, reordered = 0, corrupted = 0;
    std::uint64_t withheld = 0;
    std::uint64_t cut = 0;           ///< Lost because the path was blocked: not in `lost`.
    std::uint64_t dropped_full = 0;  ///< More was to be held back than the bounds allow.
  };
  static constexpr std::size_t held_max = 65'536;  ///< Datagrams.
  static constexpr std::size_t held_bytes_max = 64 << 20;

  fault_layer(asio::io_context& io, protocol::transport& below, fault_plan plan,
              std::uint64_t seed);
  ~fault_layer() override;

  void set_plan(fault_plan plan);
  [[nodiscard]] fault_plan plan() const;
  [[nodiscard]] counters counted() const;

  void open(receiver to) override;
  void send(protocol::datagram_batch batch) override;
  [[nodiscard]] protocol::socket_address local_address() const override;
  void close() override;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace causerie::net
