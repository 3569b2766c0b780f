// SPDX-License-Identifier: BSL-1.0
#include "protocol/identity/node_key.hpp"

#include <cstring>
#include <new>
#include <string_view>

#include "protocol/errors.hpp"
#include "tests/catch.hpp"

using namespace causerie::protocol;

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> from_hex(std::string_view text) {
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i)
    out[i] = static_cast<std::uint8_t>(std::stoi(std::string{text.substr(2 * i, 2)}, nullptr, 16));
  return out;
}

node_key key_of(std::uint8_t first) {
  node_key::seed seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(first + i);
  return node_key::from_seed(secret{seed});
}

byte_view view_of(const auto& octets) { return std::as_bytes(std::span{octets}); }

}  // namespace

TEST_CASE("Ed25519 keys and signatures are those of RFC 8032", "[protocol][node_key]") {
  // Section 7.1, test 1: an empty message.
  node_key::seed seed{};
  const auto secret_key =
      from_hex<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(secret_key.begin(), secret_key.end(), seed.begin());
  const auto key = node_key::from_seed(secret{seed});
  CHECK(key.signing_key() ==
        from_hex<32>("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  CHECK(key.sign({}) ==
        from_hex<64>("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
}

TEST_CASE("X25519 keys are those of RFC 7748", "[protocol][node_key]") {
  // Section 6.1, Alice.
  node_key::seed seed{};
  const auto secret_key =
      from_hex<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  std::copy(secret_key.begin(), secret_key.end(), seed.begin() + 32);
  const auto key = node_key::from_seed(secret{seed});
  CHECK(key.session_key() ==
        from_hex<32>("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
}

TEST_CASE("a signature is good for its message and signer alone", "[protocol][node_key]") {
  const auto ann = key_of(1), bob = key_of(2);
  const auto made = ann.sign(view_of("hello"));
  CHECK(node_key::verify(ann.signing_key(), view_of("hello"), made));
  CHECK_FALSE(node_key::verify(ann.signing_key(), view_of("hullo"), made));
  CHECK_FALSE(node_key::verify(bob.signing_key(), view_of("hello"), made));
}

TEST_CASE("a node id follows from the key and the issuer's nonce", "[protocol][node_key]") {
  CHECK(key_of(1).id() == key_of(1).id());
  CHECK(key_of(1).id() != key_of(2).id());
  CHECK(key_of(1).id() == make_node_id(key_of(1).signing_key(), 0));
  CHECK(key_of(1).id() != make_node_id(key_of(1).signing_key(), 1));
}

TEST_CASE("a key file gives the same key back", "[protocol][node_key]") {
  const auto ann = key_of(1);
  const auto contents = ann.file_contents();
  const auto back = node_key::from_file_contents(view_of(contents.reveal()));
  REQUIRE(back);
  CHECK(back->id() == ann.id());
  CHECK(back->session_key() == ann.session_key());
}

TEST_CASE("a damaged key file is refused, wherever the damage is", "[protocol][node_key]") {
  const auto contents = key_of(1).file_contents();
  for (std::size_t i = 0; i < contents.reveal().size(); ++i) {
    auto damaged = contents.reveal();
    damaged[i] ^= 1;
    CHECK_FALSE(node_key::from_file_contents(view_of(damaged)));
    CHECK_FALSE(node_key::from_file_contents(view_of(contents.reveal()).first(i)));
  }
  auto newer = contents.reveal();
  newer[9] = 2;
  const auto refused = node_key::from_file_contents(view_of(newer));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == protocol_errc::foreign_version);
}

TEST_CASE("a secret is zeros once it has died or moved on", "[protocol][secret]") {
  using octets = std::array<std::uint8_t, 16>;
  octets value;
  value.fill(7);
  secret first{value};
  const secret second{std::move(first)};
  CHECK(first.reveal() == octets{});
  CHECK(second.reveal() == value);

  alignas(secret<octets>) std::array<std::uint8_t, sizeof(secret<octets>)> room{};
  auto* placed = new (room.data()) secret<octets>{value};
  CHECK(room[0] == 7);
  placed->~secret();
  // Read through volatile: the memory is no object's any more.
  for (const volatile auto& octet : room) CHECK(octet == 0);
}
