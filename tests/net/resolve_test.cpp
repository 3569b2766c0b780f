// SPDX-License-Identifier: BSL-1.0
#include "net/udp/resolve.hpp"

#include <stdexcept>
#include <system_error>

#include "tests/catch.hpp"

namespace causerie::net {
namespace {

TEST_CASE("addresses and names are resolved, nonsense is refused", "[net][resolve]") {
  CHECK(resolve("127.0.0.1:80") == protocol::socket_address::v4(127, 0, 0, 1, 80));
  CHECK(resolve("[::1]:80").text() == "[::1]:80");
  CHECK(resolve("localhost:80").is_loopback());
  CHECK(resolve("localhost:80").port == 80);
  for (const auto* text : {"", ":", ":80", "localhost", "localhost:", "localhost:x",
                           "localhost:65536", "localhost:123456", "localhost:-1"})
    CHECK_THROWS_AS(resolve(text), std::invalid_argument);
}

}  // namespace
}  // namespace causerie::net
