// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/null_session.hpp"

namespace causerie::protocol {
namespace {

struct epoch_pair {
  boot_epoch from{}, to{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, epoch_pair& x) {
  return f(wire::fixed(x.from), wire::fixed(x.to));
}

}  // namespace

void null_session::seal(packet_number, std::span<std::byte> packet) const noexcept {
  wire::writer write{packet.data() + transport_header::bytes};
  write(epoch_pair{self_, peer_});
}

result<shared_bytes> null_session::open(packet_number, const shared_bytes& packet) const {
  if (packet.size() < overhead_bytes) return failure(protocol_errc::malformed);
  wire::reader read{packet, transport_header::bytes};
  epoch_pair epochs;
  if (!read(epochs)) return failure(protocol_errc::malformed);
  if (epochs.from != peer_ || epochs.to != self_) return failure(protocol_errc::stale_epoch);
  return packet.slice(overhead_bytes, packet.size() - overhead_bytes);
}

}  // namespace causerie::protocol
