// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <causerie/causerie.hpp>

#include "apps/causerie/control/feed.hpp"

namespace causerie::apps {

/// What does not change, or hardly, while a node runs.
struct node_facts {
  std::string name;
  node_id id;
  boot_epoch epoch{};
  protocol::socket_address address;
  std::string cluster;
  std::int64_t pid = 0;
  std::chrono::system_clock::time_point started_at;
  std::vector<std::string> groups;
};

/// What the control socket asks of a node. Implemented over a real node, and by tests.
/// Every awaitable ends by the deadline it is given, or within seconds.
class node_service {
public:
  virtual ~node_service() = default;

  [[nodiscard]] virtual node_facts facts() const = 0;
  [[nodiscard]] virtual asio::awaitable<std::vector<member_view>> members() = 0;
  [[nodiscard]] virtual asio::awaitable<result<member_view>> find(std::string text) = 0;
  [[nodiscard]] virtual asio::awaitable<std::vector<actor_view>> actors() = 0;
  [[nodiscard]] virtual asio::awaitable<std::map<std::string, std::uint64_t>> counters() = 0;
  [[nodiscard]] virtual asio::awaitable<result<void>> kill(std::string path) = 0;
  /// `not_a_member`: this node is not in that group.
  [[nodiscard]] virtual asio::awaitable<result<message_explanation>> why(std::string group,
                                                                         message_id id,
                                                                         duration within) = 0;

  [[nodiscard]] virtual asio::awaitable<result<delivery>> send(node_id peer, std::string text,
                                                               duration within) = 0;
  /// Joins the group first if need be.
  [[nodiscard]] virtual asio::awaitable<result<message_id>> publish(std::string group,
                                                                    std::string text,
                                                                    duration within) = 0;
  /// The group's messages, gaps and members as JSON; joins the group first if need be.
  [[nodiscard]] virtual asio::awaitable<result<std::shared_ptr<feed>>> listen(std::string group,
                                                                              duration within) = 0;
  /// Private messages that arrive here.
  [[nodiscard]] virtual std::shared_ptr<feed> inbox() = 0;
  /// Everything that happens in the node.
  [[nodiscard]] virtual std::shared_ptr<feed> happenings() = 0;
  /// Replaces the faults that the node injects into what it sends, now.
  virtual void set_faults(net::fault_plan plan) = 0;
  /// What the node's wall clock shows wrongly from now on.
  virtual void set_clock_error(duration error) = 0;
  /// What goes wrong with the journal's disk from now on. `refused`: there is no journal.
  [[nodiscard]] virtual result<void> set_disk_faults(const disk_faults& what) = 0;
  /// The node's monotonic time, for "last heard".
  [[nodiscard]] virtual protocol::instant now() const = 0;
};

}  // namespace causerie::apps
