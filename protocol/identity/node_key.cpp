// SPDX-License-Identifier: BSL-1.0
#include "protocol/identity/node_key.hpp"

#include <algorithm>

#include <sodium/crypto_scalarmult.h>
#include <sodium/crypto_sign.h>

#include "protocol/errors.hpp"
#include "protocol/hash.hpp"

namespace causerie::protocol {
namespace {

// Magic, version, seed, checksum.
constexpr std::array<std::uint8_t, 9> magic{'c', 'a', 'u', 's', 'e', 'r', 'i', 'e', '\n'};
constexpr std::uint8_t file_version = 1;
constexpr std::size_t seed_at = magic.size() + 1;
constexpr std::size_t checksum_at = seed_at + node_key::seed_bytes;
constexpr std::size_t file_bytes = checksum_at + 16;
static_assert(file_bytes == 90);

const unsigned char* octets(byte_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::array<std::uint8_t, 16> checksum(byte_view contents) {
  hasher<16> hash;
  hash.add("causerie key file");
  hash.add(contents);
  return hash.finish();
}

}  // namespace

node_key node_key::from_seed(secret<seed> random) {
  node_key key;
  key.seed_ = std::move(random);
  const auto& both = key.seed_.reveal();
  crypto_sign_seed_keypair(key.signing_key_.data(), key.signing_secret_.reveal().data(),
                           both.data());
  std::copy(both.begin() + 32, both.end(), key.session_secret_.reveal().begin());
  crypto_scalarmult_base(key.session_key_.data(), key.session_secret_.reveal().data());
  return key;
}

node_id node_key::id() const { return make_node_id(signing_key_, /*issuer_nonce=*/0); }

node_key::signature node_key::sign(byte_view message) const {
  signature made{};
  crypto_sign_detached(made.data(), nullptr, octets(message), message.size(),
                       signing_secret_.reveal().data());
  return made;
}

bool node_key::verify(const public_key& signer, byte_view message, const signature& signed_as) {
  return crypto_sign_verify_detached(signed_as.data(), octets(message), message.size(),
                                     signer.data()) == 0;
}

secret<std::array<std::uint8_t, file_bytes>> node_key::file_contents() const {
  secret<std::array<std::uint8_t, file_bytes>> contents;
  auto& out = contents.reveal();
  std::copy(magic.begin(), magic.end(), out.begin());
  out[magic.size()] = file_version;
  std::copy(seed_.reveal().begin(), seed_.reveal().end(), out.begin() + seed_at);
  const auto sum = checksum(std::as_bytes(std::span{out}).first(checksum_at));
  std::copy(sum.begin(), sum.end(), out.begin() + checksum_at);
  return contents;
}

result<node_key> node_key::from_file_contents(byte_view contents) {
  const auto* from = octets(contents);
  if (contents.size() <= magic.size() || !std::equal(magic.begin(), magic.end(), from))
    return failure(protocol_errc::malformed);
  if (from[magic.size()] != file_version) return failure(protocol_errc::foreign_version);
  if (contents.size() != file_bytes) return failure(protocol_errc::malformed);
  const auto sum = checksum(contents.first(checksum_at));
  if (!std::equal(sum.begin(), sum.end(), from + checksum_at))
    return failure(protocol_errc::malformed);
  secret<seed> random;
  std::copy(from + seed_at, from + checksum_at, random.reveal().begin());
  return from_seed(std::move(random));
}

node_id make_node_id(const node_key::public_key& signing_key, std::uint64_t issuer_nonce) {
  hasher<32> hash;
  hash.add(signing_key);
  hash.add(issuer_nonce);
  const auto digest = hash.finish();
  node_id id;
  std::copy_n(digest.begin(), id.octets.size(), id.octets.begin());
  return id;
}

}  // namespace causerie::protocol
