// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/identity/secret.hpp"
#include "protocol/ids.hpp"
#include "protocol/result.hpp"

namespace causerie::protocol {

/// A node's two key pairs: Ed25519 to sign (RFC 8032), X25519 for sessions (RFC 7748). Separate
/// keys, both made from one seed, so that 32 bytes are all there is to keep.
class node_key {
public:
  using seed_bytes = secret<32>;
  using public_bytes = std::array<std::uint8_t, 32>;

  /// Deterministic: the same seed gives the same keys. The seed must come from a system source.
  explicit node_key(seed_bytes seed) noexcept;

  [[nodiscard]] const public_bytes& signing_public() const noexcept { return signing_public_; }
  [[nodiscard]] const public_bytes& session_public() const noexcept { return session_public_; }
  [[nodiscard]] const secret<64>& signing_secret() const noexcept { return signing_secret_; }
  [[nodiscard]] const secret<32>& session_secret() const noexcept { return session_secret_; }

  /// The first 20 bytes of BLAKE2b-256(signing key || issuer nonce): nobody can choose an id
  /// without making keys. The nonce is zero until an issuer gives one.
  [[nodiscard]] node_id id(std::uint64_t issuer_nonce = 0) const noexcept;

  /// What a key file holds: a version line and the seed in hexadecimal.
  [[nodiscard]] std::string file_text() const;
  /// The key in such a text; `malformed` for anything else.
  [[nodiscard]] static result<node_key> parse(std::string_view file_text);

private:
  seed_bytes seed_;
  public_bytes signing_public_{}, session_public_{};
  secret<64> signing_secret_;
  secret<32> session_secret_;
};

}  // namespace causerie::protocol
