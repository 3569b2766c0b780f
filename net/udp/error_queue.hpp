// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <vector>

#include "protocol/address.hpp"

namespace causerie::net {

/// Makes a UDP socket keep ICMP errors; an unconnected one reports none otherwise.
void keep_errors(int descriptor, bool v6_socket) noexcept;

/// Empties the socket's error queue, all kinds of errors, and returns the addresses at which
/// nobody listens ("port unreachable"). Hints only: anybody can forge them. At most 64 a call.
[[nodiscard]] std::vector<protocol::socket_address> take_refused(int descriptor);

}  // namespace causerie::net
