// SPDX-License-Identifier: BSL-1.0
#include "protocol/identity/node_key.hpp"

#include <sodium/crypto_box.h>
#include <sodium/crypto_kdf.h>
#include <sodium/crypto_sign.h>

#include <algorithm>

#include "protocol/hash.hpp"

namespace causerie::protocol {
namespace {

constexpr std::string_view file_head = "causerie-key-1 ";
constexpr char kdf_context[] = "causerie";  // Exactly crypto_kdf_CONTEXTBYTES without the zero.
constexpr std::uint64_t signing_subkey = 1;
constexpr std::uint64_t session_subkey = 2;

/// The two pairs get seeds of their own, so that neither tells anything of the other.
secret<32> derived(const secret<32>& seed, std::uint64_t subkey) noexcept {
  secret<32> derived;
  crypto_kdf_derive_from_key(derived.reveal().data(), derived.reveal().size(), subkey, kdf_context,
                             seed.reveal().data());
  return derived;
}

}  // namespace

node_key::node_key(seed_bytes seed) noexcept : seed_{std::move(seed)} {
  const auto signing = derived(seed_, signing_subkey);
  crypto_sign_seed_keypair(signing_public_.data(), signing_secret_.reveal().data(),
                           signing.reveal().data());
  const auto session = derived(seed_, session_subkey);
  crypto_box_seed_keypair(session_public_.data(), session_secret_.reveal().data(),
                          session.reveal().data());
}

node_id node_key::id(std::uint64_t issuer_nonce) const noexcept {
  hasher<32> hash;
  hash.add(signing_public_);
  hash.add(issuer_nonce);
  const auto digest = hash.finish();
  node_id id;
  std::copy_n(digest.begin(), id.octets.size(), id.octets.begin());
  return id;
}

std::string node_key::file_text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{file_head};
  for (const auto octet : seed_.reveal()) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text + "\n";
}

result<node_key> node_key::parse(std::string_view text) {
  if (!text.starts_with(file_head)) return failure(protocol_errc::foreign_version);
  text.remove_prefix(file_head.size());
  if (text.ends_with('\n')) text.remove_suffix(1);
  seed_bytes seed;
  if (text.size() != seed.reveal().size() * 2) return failure(protocol_errc::malformed);
  std::size_t octets = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(seed.reveal().data(), seed.reveal().size(), text.data(), text.size(), nullptr,
                     &octets, &end) != 0 ||
      octets != seed.reveal().size())
    return failure(protocol_errc::malformed);
  return node_key{std::move(seed)};
}

}  // namespace causerie::protocol
