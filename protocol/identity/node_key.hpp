// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/identity/secret.hpp"
#include "protocol/ids.hpp"
#include "protocol/result.hpp"

namespace causerie::protocol {

/// What a node proves itself with: an Ed25519 pair that signs and an X25519 pair that sessions are
/// made of. Two keys, so that no message of one protocol can ever mean something in the other.
class node_key {
public:
  static constexpr std::size_t seed_bytes = 64;
  using seed = std::array<std::uint8_t, seed_bytes>;  ///< 32 for Ed25519, then 32 for X25519.
  using public_key = std::array<std::uint8_t, 32>;
  using signature = std::array<std::uint8_t, 64>;

  /// The same seed gives the same keys. The seed must come from the system's secure generator.
  [[nodiscard]] static node_key from_seed(secret<seed> random);

  [[nodiscard]] const public_key& signing_key() const noexcept { return signing_key_; }
  [[nodiscard]] const public_key& session_key() const noexcept { return session_key_; }
  [[nodiscard]] const secret<std::array<std::uint8_t, 32>>& session_secret() const noexcept {
    return session_secret_;
  }
  /// The node's id, as long as no authority has issued another one.
  [[nodiscard]] node_id id() const;

  [[nodiscard]] signature sign(byte_view message) const;
  [[nodiscard]] static bool verify(const public_key& signer, byte_view message,
                                   const signature& signed_as);

  /// The contents of a key file: a magic, a version, the seed, and a checksum that tells a damaged
  /// file from another node's. Keep it where only its owner can read.
  [[nodiscard]] secret<std::array<std::uint8_t, 90>> file_contents() const;
  /// Errors: `malformed`, `foreign_version` (written by a later causerie).
  [[nodiscard]] static result<node_key> from_file_contents(byte_view contents);

private:
  node_key() = default;

  secret<seed> seed_;
  secret<std::array<std::uint8_t, 64>> signing_secret_;
  secret<std::array<std::uint8_t, 32>> session_secret_;
  public_key signing_key_{}, session_key_{};
};

/// The first 20 bytes of BLAKE2b-256(signing key, issuer nonce): an authority that wants ids spread
/// evenly, whatever keys people try, chooses the nonce. Without an authority it is zero.
[[nodiscard]] node_id make_node_id(const node_key::public_key& signing_key,
                                   std::uint64_t issuer_nonce);

}  // namespace causerie::protocol
