// SPDX-License-Identifier: BSL-1.0
#include "protocol/identity/node_key.hpp"

#include <sodium/core.h>
#include <sodium/crypto_sign.h>

#include "tests/catch.hpp"

using namespace causerie::protocol;

namespace {

node_key key_of(std::uint8_t first) {
  node_key::seed_bytes seed;
  seed.reveal()[0] = first;
  return node_key{std::move(seed)};
}

}  // namespace

TEST_CASE("a seed makes the same keys every time, and another seed others",
          "[protocol][identity]") {
  REQUIRE(sodium_init() >= 0);
  CHECK(key_of(1).id() == key_of(1).id());
  CHECK(key_of(1).id() != key_of(2).id());
  CHECK(key_of(1).signing_public() != key_of(1).session_public());
  CHECK(key_of(1).id(0) != key_of(1).id(1));
}

TEST_CASE("what the signing key signs, its public half verifies", "[protocol][identity]") {
  const auto key = key_of(7);
  const unsigned char text[] = "an answer";
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, nullptr, text, sizeof text, key.signing_secret().reveal().data());
  CHECK(crypto_sign_verify_detached(signature, text, sizeof text, key.signing_public().data()) ==
        0);
  CHECK(crypto_sign_verify_detached(signature, text, sizeof text - 1,
                                    key.signing_public().data()) != 0);
}

TEST_CASE("a key file gives the key back, and nothing else is taken for one",
          "[protocol][identity]") {
  const auto key = key_of(9);
  const auto text = key.file_text();
  const auto again = node_key::parse(text);
  REQUIRE(again);
  CHECK(again->id() == key.id());
  CHECK_FALSE(node_key::parse(""));
  CHECK_FALSE(node_key::parse("causerie-key-2 00"));
  CHECK_FALSE(node_key::parse(text.substr(0, text.size() - 3)));
  auto bent = text;
  bent[20] = 'x';
  CHECK_FALSE(node_key::parse(bent));
  CHECK_FALSE(node_key::parse(text + "00"));
}
