// SPDX-License-Identifier: BSL-1.0
#include "protocol/address.hpp"

#include "tests/catch.hpp"

using causerie::protocol::socket_address;

TEST_CASE("an address reads back from its own text, in both families", "[protocol][address]") {
  for (const auto* text : {"127.0.0.1:7450", "[::1]:65535", "[2001:db8::7]:1", "0.0.0.0:0"}) {
    const auto address = socket_address::parse(text);
    REQUIRE(address);
    CHECK(address->text() == text);
  }
  CHECK(socket_address::parse("127.0.0.1:1")->is_loopback());
  CHECK(socket_address::parse("[::1]:1")->is_loopback());
  CHECK_FALSE(socket_address::parse("10.0.0.1:1")->is_loopback());
}

TEST_CASE("an address that is none is refused", "[protocol][address]") {
  for (const auto* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "1.2.3:4", "::1:80",
                           "[::1]", "localhost:80", "127.0.0.1:8x"})
    CHECK_FALSE(socket_address::parse(text));
}
