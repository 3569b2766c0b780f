// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// A local node's control socket.
struct node_socket {
  std::string name;  ///< Of the node.
  std::filesystem::path path;
};

/// Whether somebody listens there.
[[nodiscard]] bool is_served(const std::filesystem::path& path);

/// Where the node of that name serves. Throws app_error (exit 2) for a name that no file can bear
/// or a path that no socket address can hold (107 bytes).
[[nodiscard]] std::filesystem::path socket_path(const std::filesystem::path& folder,
                                                const std::string& name);

/// This user's running nodes, by name. Sockets that a dead node left behind are removed.
[[nodiscard]] std::vector<node_socket> running_nodes(const std::filesystem::path& folder);

/// The node that `--node` names, or the only one that runs. Throws app_error: none runs, no such
/// name (exit 69), several run (exit 2).
[[nodiscard]] node_socket chosen_node(const settings& chosen);

}  // namespace causerie::apps
