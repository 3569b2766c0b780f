// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "protocol/ids.hpp"

namespace causerie::actors {

/// Who a node is in this life.
struct node_identity {
  protocol::incarnation self;
};

/// The identity kept in `data`, made on first use: a key file (mode 0600, refused if wider) and
/// the boot epoch, raised above every earlier one and fsynced before this returns, so that nothing
/// is ever sent twice under one epoch. An empty path: a fresh identity that nobody keeps.
/// Throws std::system_error when the files cannot be read or written.
[[nodiscard]] node_identity load_identity(const std::filesystem::path& data);

/// A seed nobody can guess, from the system.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace causerie::actors
