// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/link/session.hpp"

namespace causerie::protocol {

/// Seals nothing: both boot epochs stand in clear in each packet, sender's first. For trusted
/// networks, and for tests; anyone on the path can forge its packets.
class null_session final : public session {
public:
  null_session(boot_epoch self, boot_epoch peer) noexcept : self_{self}, peer_{peer} {}

  [[nodiscard]] std::size_t before_bytes() const noexcept override { return 16; }
  [[nodiscard]] std::size_t after_bytes() const noexcept override { return 0; }
  void seal(packet_number number, std::span<std::byte> packet) const noexcept override;
  [[nodiscard]] result<shared_bytes> open(packet_number number,
                                          const shared_bytes& packet) const override;

private:
  boot_epoch self_, peer_;
};

}  // namespace causerie::protocol
