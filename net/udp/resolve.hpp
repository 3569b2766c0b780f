// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include "protocol/address.hpp"

namespace causerie::net {

/// The first address of `host:port`, numeric or a name. Blocks while a name is looked up: for
/// start-up only. Throws std::invalid_argument (no such form), std::system_error (unknown host).
[[nodiscard]] protocol::socket_address resolve(const std::string& text);

}  // namespace causerie::net
