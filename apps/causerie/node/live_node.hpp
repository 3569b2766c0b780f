// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include <asio/io_context.hpp>

#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// Why a node cannot go on.
struct node_failure {
  std::string cause;  ///< broken, disk or refused.
  std::string why;
};

/// A real node behind the control socket: takes what arrives, keeps the last of it for those who
/// ask, and joins groups when they are first mentioned. One thread runs the io_context.
class live_node final : public node_service {
public:
  /// Binds and starts; groups will be joined in the given way.
  /// Throws as causerie::node does.
  live_node(asio::io_context& io, node_options options, join_options membership);
  ~live_node() override;

  /// Goes on with the durable groups of earlier lives.
  void rejoin();
  /// Leaves every group and the cluster in order; afterwards only destroy it.
  [[nodiscard]] asio::awaitable<void> leave();
  [[nodiscard]] causerie::node& node() noexcept;
  /// How it joins groups.
  [[nodiscard]] const join_options& membership() const noexcept;
  /// Completes when the node cannot go on.
  [[nodiscard]] asio::awaitable<node_failure> failure();

  [[nodiscard]] node_facts facts() const override;
  [[nodiscard]] asio::awaitable<std::vector<member_view>> members() override;
  [[nodiscard]] asio::awaitable<result<member_view>> find(std::string text) override;
  [[nodiscard]] asio::awaitable<std::vector<actor_view>> actors() override;
  [[nodiscard]] asio::awaitable<std::map<std::string, std::uint64_t>> counters() override;
  [[nodiscard]] asio::awaitable<result<void>> kill(std::string path) override;
  [[nodiscard]] asio::awaitable<result<message_explanation>> why(std::string group, message_id id,
                                                                 duration within) override;
  [[nodiscard]] asio::awaitable<result<delivery>> send(node_id peer, std::string text,
                                                       duration within) override;
  [[nodiscard]] asio::awaitable<result<message_id>> publish(std::string group, std::string text,
                                                            duration within) override;
  [[nodiscard]] asio::awaitable<result<std::shared_ptr<feed>>> listen(std::string group,
                                                                      duration within) override;
  [[nodiscard]] std::shared_ptr<feed> inbox() override;
  [[nodiscard]] std::shared_ptr<feed> happenings() override;
  void set_faults(net::fault_plan plan) override;
  void set_clock_error(duration error) override;
  [[nodiscard]] result<void> set_disk_faults(const disk_faults& what) override;
  [[nodiscard]] protocol::instant now() const override;

  struct state;

private:
  std::shared_ptr<state> state_;  // Shared with the coroutines that take what arrives.
};

}  // namespace causerie::apps
