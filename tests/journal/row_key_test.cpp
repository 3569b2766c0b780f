// SPDX-License-Identifier: BSL-1.0
#include "journal/row_key.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

namespace causerie::journal::test {
namespace {

TEST_CASE("keys are in the order of their parts", "[journal][row_key]") {
  CHECK(rc::check("order", [](std::uint64_t a, std::uint64_t b, std::uint8_t x, std::uint8_t y) {
    const auto one = row_key{}.add(x).add(a), other = row_key{}.add(y).add(b);
    RC_ASSERT((one.bytes() < other.bytes()) == (std::pair{x, a} < std::pair{y, b}));
  }));
}

TEST_CASE("a prefix and what is beyond it enclose all that begins with it", "[journal][row_key]") {
  CHECK(rc::check("prefix", [](const std::vector<std::uint8_t>& begin, std::uint8_t more) {
    row_key prefix;
    for (const auto octet : begin) prefix.add(octet);
    auto longer = prefix;
    longer.add(more);
    const auto beyond = prefix.beyond();
    RC_ASSERT(longer.bytes() > prefix.bytes());
    RC_ASSERT(beyond.bytes().empty() || longer.bytes() < beyond.bytes());
  }));
}

TEST_CASE("a key gives back what it was made of, and notices when it is cut",
          "[journal][row_key]") {
  const protocol::node_id node{{9, 8, 7}};
  const auto key = row_key{}
                       .add(std::uint8_t{3})
                       .add(node)
                       .add(std::string_view{"mail"})
                       .add(std::uint64_t{1} << 63);
  key_reader reader{key};
  CHECK(reader.octet() == 3);
  CHECK(reader.node() == node);
  CHECK(reader.text() == "mail");
  CHECK(reader.number() == std::uint64_t{1} << 63);
  CHECK(reader.ok());
  key_reader cut{protocol::byte_view{key.bytes()}.first(24)};
  (void)cut.octet();
  (void)cut.node();
  (void)cut.text();
  CHECK_FALSE(cut.ok());
}

}  // namespace
}  // namespace causerie::journal::test
