// SPDX-License-Identifier: BSL-1.0
#include "protocol/ids.hpp"

#include "tests/catch.hpp"

using namespace causerie::protocol;

TEST_CASE("a node id reads back from its own text", "[protocol][ids]") {
  node_id id;
  for (std::size_t i = 0; i < id.octets.size(); ++i)
    id.octets[i] = static_cast<std::uint8_t>(i * 13);
  CHECK(node_id::parse(id.text()) == id);
  CHECK(id.text().size() == 40);
  CHECK_FALSE(node_id::parse("xyz"));
  CHECK_FALSE(node_id::parse(std::string(40, 'g')));
}

TEST_CASE("node ids are ordered octet by octet, whichever differs first", "[protocol][ids]") {
  for (std::size_t place = 0; place < node_id{}.octets.size(); ++place) {
    node_id low, high;
    low.octets.fill(7);
    high.octets.fill(7);
    high.octets[place] = 200;  // A signed or a mirrored comparison would take it for less.
    for (std::size_t after = place + 1; after < low.octets.size(); ++after) low.octets[after] = 255;
    CAPTURE(place);
    CHECK(low < high);
    CHECK(low != high);
    CHECK((low <=> high) == (low.octets <=> high.octets));
    low = high;
    CHECK(low == high);
    CHECK((low <=> high) == std::strong_ordering::equal);
  }
}

TEST_CASE("a member tag tells groups, nodes and lives apart", "[protocol][ids]") {
  const auto lobby = make_group_id("causerie", "lobby");
  const incarnation ann{{}, boot_epoch{1}};
  const incarnation reborn{{}, boot_epoch{2}};
  CHECK(make_member_tag(lobby, ann) == make_member_tag(lobby, ann));
  CHECK(make_member_tag(lobby, ann) != make_member_tag(lobby, reborn));
  CHECK(make_member_tag(lobby, ann) != make_member_tag(make_group_id("causerie", "cellar"), ann));
  // Lengths are hashed too, so moving a letter from one name to the other is another group.
  CHECK(make_group_id("ab", "c") != make_group_id("a", "bc"));
}
