// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "net/fault/fault_plan.hpp"
#include "net/sim/burst_loss.hpp"
#include "net/sim/flight_queue.hpp"
#include "protocol/time.hpp"
#include "protocol/transport.hpp"

namespace causerie::net {

/// A fault plan, and what only a simulated network does besides.
struct sim_faults {
  fault_plan plan;
  burst_loss bursts;
  double replay = 0;  ///< Probability that a datagram comes once more, much later.
  protocol::duration replay_within = std::chrono::seconds{60};
  double refusals = 1;  ///< Probability that a sender hears that nobody listens where it sent to.
  std::size_t bytes_max = 65'507;  ///< Larger datagrams vanish: the path's MTU.
};

/// A network without sockets, on virtual time: every datagram arrives when, and as often as, the
/// seed and the faults say. The same calls in the same order bring the same deliveries. One thread.
///
/// Its owner moves the time: `next_event`, then `run_until` that or something earlier. Receivers
/// are called from `run_until` alone, never from `send`; they may send, close, and attach.
class sim_network {
public:
  struct counters {
    std::uint64_t sent = 0, delivered = 0, lost = 0, duplicated = 0, corrupted = 0, replayed = 0;
    std::uint64_t delayed = 0, reordered = 0;  ///< By the plan, beyond the latency.
    std::uint64_t cut = 0, too_large = 0;
    std::uint64_t refused = 0;       ///< Nobody listened at the address.
    std::uint64_t dropped_full = 0;  ///< More on the way than `in_flight_max`.
  };
  static constexpr std::size_t in_flight_max = 1 << 20;

  /// `latency`: what every datagram takes at least; above zero.
  explicit sim_network(std::uint64_t seed,
                       protocol::duration latency = std::chrono::microseconds{100});
  ~sim_network();
  sim_network(const sim_network&) = delete;
  sim_network& operator=(const sim_network&) = delete;

  /// A node's way into the network; destroy it before the network. An address that is closed may
  /// be attached again, and receives what is still on its way there.
  [[nodiscard]] std::unique_ptr<protocol::transport> attach(protocol::socket_address address);

  /// For everything sent from now on, by all who have no faults of their own ...
  void set_faults(sim_faults faults);
  /// ... and by one sender.
  void set_faults(const protocol::socket_address& from, sim_faults faults);

  /// Nothing passes from one to the other any more, on top of all plans; one direction. What is
  /// on its way arrives.
  void cut(const protocol::socket_address& from, const protocol::socket_address& to);
  void heal(const protocol::socket_address& from, const protocol::socket_address& to);
  void heal_all();

  [[nodiscard]] protocol::instant now() const noexcept { return now_; }
  /// When the next datagram arrives.
  [[nodiscard]] std::optional<protocol::instant> next_event() const;
  /// Delivers everything that arrives up to and at `t`, in order, and moves the time there.
  void run_until(protocol::instant t);
  /// Delivers the next arrival, with what arrives at the same place and time right behind it, as
  /// one batch. False when nothing is on its way.
  bool step();

  [[nodiscard]] std::size_t in_flight() const noexcept { return flights_.size(); }
  [[nodiscard]] const counters& counted() const noexcept { return counts_; }

private:
  using number = std::uint32_t;  // Endpoints are counted as they are first heard of.
  class port;
  struct path {
    protocol::random_source fates;   // For the plan.
    protocol::random_source chance;  // For what a simulated network does besides.
    bool bad = false;
    bool is_cut = false;
  };
  struct endpoint {
    protocol::socket_address address;
    std::optional<sim_faults> faults;
    std::vector<std::unique_ptr<path>> paths;  // By destination; null where nothing was sent.
    std::shared_ptr<protocol::transport::receiver> receiver;  // Null: nobody listens.
  };

  [[nodiscard]] number number_of(const protocol::socket_address& address);
  [[nodiscard]] path& path_between(number from, number to);
  void send(number from, protocol::datagram_batch batch);
  void send_one(number from, protocol::datagram datagram, const sim_faults& faults);
  void refuse(number from, number at);
  void launch(number from, number to, protocol::shared_bytes bytes, protocol::duration delay);

  const std::uint64_t seed_;
  const protocol::duration latency_;
  protocol::instant now_{};
  sim_faults faults_;
  std::map<protocol::socket_address, number> numbers_;
  std::vector<std::unique_ptr<endpoint>> endpoints_;
  flight_queue flights_;
  counters counts_;
};

}  // namespace causerie::net
