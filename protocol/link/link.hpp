// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <optional>

#include "protocol/link/handshake.hpp"
#include "protocol/link/link_services.hpp"

namespace causerie::protocol {

/// One peer: its queue of frames, at most one open session, and at most one handshake on either
/// side. Whoever calls an `on_` function calls `flush` after it.
///
/// When both sides say hello at once the lower node id's hello counts and the other is forgotten.
class link final : private frame_fates {
public:
  link(link_services& services, const node_id& peer, std::uint32_t ordinal);
  ~link() override;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  [[nodiscard]] const node_id& peer() const noexcept { return peer_; }
  [[nodiscard]] std::uint32_t ordinal() const noexcept { return ordinal_; }
  [[nodiscard]] const socket_address& address() const noexcept { return address_; }
  [[nodiscard]] const connection* open() const noexcept { return current_.get(); }
  /// Nothing is queued, open or being opened.
  [[nodiscard]] bool idle() const noexcept {
    return !current_ && !initiation_ && !response_ && queue_.empty();
  }

  [[nodiscard]] std::error_code send(outgoing_frame frame, instant now);
  void on_address(const socket_address& address, instant now);
  void on_hello(const hello& message, const socket_address& from, instant now);
  void on_hello_ack(const hello_ack& message, instant now);
  void on_transport(const transport_header& header, const datagram& packet, instant now);
  /// A packet from the peer's address that belongs to no session: one of the two has restarted.
  void on_stray(instant now);

  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const noexcept;
  void flush(instant now);

  /// Drops everything that is queued, open or being opened. The address stays.
  void give_up();
  /// Says goodbye, and gives up.
  void close();

  // Bookkeeping of the set.
  bool dirty = false;  ///< Waits for `flush`.
  bool known = false;  ///< Membership gave its address.

private:
  void on_frame_acked(queued_frame&& frame) override;
  void on_frame_lost(queued_frame&& frame) override;

  void want_open(instant now);
  void initiate(instant now);
  void send_hello(instant now);
  void send_hello_ack(std::uint8_t attempt, instant now);
  [[nodiscard]] std::unique_ptr<connection> make_connection(const connection::ends& ends,
                                                            instant now);
  void adopt(std::unique_ptr<connection> made, instant now);
  void confirm(instant now);
  void forget_initiation();
  void forget_response();
  void end_session();
  void count_refused(std::error_code why);
  void break_off(instant now);
  void deliver(instant now);
  void on_unreachable();

  link_services& services_;
  node_id peer_;
  std::uint32_t ordinal_;
  socket_address address_;
  boot_epoch epoch_{};  // The highest in which a session was made.
  frame_queue queue_;
  std::unique_ptr<connection> current_;
  bool queue_is_old_ = false;         // Queued for `epoch_`, whose session has ended.
  session_index previous_index_ = 0;  // Late packets of the session before are no strays.
  std::optional<initiation> initiation_;
  std::optional<response> response_;
  std::optional<instant> initiate_at_;  // Later, unless the peer comes first.
  unsigned strays_ = 0;
  instant strays_since_{};
};

}  // namespace causerie::protocol
