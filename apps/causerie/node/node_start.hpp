// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>

#include <asio/io_context.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/settings.hpp"
#include "apps/causerie/control/control_server.hpp"
#include "apps/causerie/node/live_node.hpp"

namespace causerie::apps {

/// A node that runs and can be reached by this user's other programs.
struct started_node {
  std::unique_ptr<live_node> node;
  std::unique_ptr<control_server> control;
  std::filesystem::path socket;
};

/// Starts what the settings describe. Without `node.join`, this user's other nodes of the same
/// cluster are asked for their addresses and joined (`node.discover`). Starts in one runtime
/// folder take turns, so that two nodes started at once find each other.
/// Throws app_error: port in use (73), name taken (73), a setting that makes no sense (2 or 78).
[[nodiscard]] started_node start_node(asio::io_context& io, const settings& chosen);

/// Why a program ends whose node cannot go on: status 70, 74 or 77.
[[nodiscard]] app_error node_failed(const node_failure& why);

/// The injected faults that the settings ask for.
[[nodiscard]] net::fault_plan fault_plan_of(const settings& chosen);

}  // namespace causerie::apps
