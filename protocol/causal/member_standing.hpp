// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace causerie::protocol {

/// Where a member of a group stands, as this node sees it.
enum class member_standing : std::uint8_t { joining, active, down, parked, left };

}  // namespace causerie::protocol
