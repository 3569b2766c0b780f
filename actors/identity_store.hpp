// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "protocol/ids.hpp"
#include "protocol/result.hpp"

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

/// Another life in the same process: an epoch above the given one and every earlier one of the
/// folder, kept there first. Errors: why it cannot be kept.
[[nodiscard]] protocol::result<protocol::boot_epoch> next_epoch(const std::filesystem::path& data,
                                                                protocol::boot_epoch above);

/// A seed nobody can guess, from the system.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace causerie::actors
