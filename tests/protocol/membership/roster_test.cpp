// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/roster.hpp"

#include <set>

#include "protocol/membership/presence_directory.hpp"
#include "tests/catch.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;
using namespace std::chrono_literals;

namespace {

member_view view(std::size_t n, member_state state = member_state::alive) {
  member_view made;
  made.who.node.octets[0] = static_cast<std::uint8_t>(n >> 8);
  made.who.node.octets[1] = static_cast<std::uint8_t>(n);
  made.who.epoch = boot_epoch{1};
  made.state = state;
  return made;
}

constexpr instant start{100s};

}  // namespace

TEST_CASE("a roster draws different live peers, never itself", "[protocol][roster]") {
  roster members{view(0), 100};
  for (std::size_t n = 1; n < 30; ++n) members.add(view(n), start);
  random_source random{1};
  std::set<node_id> seen;
  for (int round = 0; round < 200; ++round) {
    const auto drawn = members.draw_live(4, random);
    CHECK(std::set<node_id>{drawn.begin(), drawn.end()}.size() == 4);
    seen.insert(drawn.begin(), drawn.end());
  }
  CHECK(seen.size() == 29);
  CHECK_FALSE(seen.contains(view(0).who.node));
  CHECK(members.draw_live(99, random).size() == 29);
}

TEST_CASE("members move between the living and the gone", "[protocol][roster]") {
  roster members{view(0), 100};
  random_source random{1};
  for (std::size_t n = 1; n < 9; ++n) members.add(view(n), start);
  for (std::size_t n = 1; n < 9; n += 2)
    members.set_state(*members.find(view(n).who.node), member_state::dead, start + 1s * n);
  members.audit();
  CHECK(members.live_count() == 5);
  CHECK(members.gone_count() == 4);
  for (const std::size_t n : {1, 3, 5, 7, 1}) CHECK(members.next_dead() == view(n).who.node);
  CHECK(members.draw_recently_dead(2s, start + 8s, random) == view(7).who.node);
  CHECK_FALSE(members.draw_recently_dead(2s, start + 60s, random));
  members.set_state(*members.find(view(3).who.node), member_state::alive, start + 60s);
  members.audit();
  CHECK(members.live_count() == 6);
}

TEST_CASE("the gone are remembered for a day and in bounded number", "[protocol][roster]") {
  roster members{view(0), 100};
  for (std::size_t n = 1; n <= roster::gone_max; ++n)
    CHECK_FALSE(members.add(view(n, member_state::dead), start + std::chrono::seconds{n}));
  CHECK(members.add(view(9000, member_state::left), start + 2h) == view(1).who.node);
  members.audit();
  CHECK(members.forget_old(start + 23h).empty());
  CHECK(members.forget_old(start + 26h).size() == roster::gone_max);
  CHECK(members.all().size() == 1);
  members.audit();
}

TEST_CASE("a word about groups is worth its life and version", "[protocol][presence_directory]") {
  presence_directory presences;
  using outcome = presence_directory::outcome;
  const auto lobby = make_group_id("causerie", "lobby");
  const auto ann = view(1).who;
  const incarnation reborn{ann.node, boot_epoch{2}};
  CHECK(presences.merge({ann, lobby, 2, true}) == outcome::news);
  CHECK(presences.merge({ann, lobby, 2, true}) == outcome::known);
  CHECK(presences.merge({ann, lobby, 1, false}) == outcome::known);
  CHECK(presences.present_in(lobby) == std::vector{ann});
  CHECK(presences.merge({ann, lobby, 3, false}) == outcome::news);
  CHECK(presences.present_in(lobby).empty());
  CHECK(presences.merge({reborn, lobby, 1, true}) == outcome::news);
  CHECK(presences.present_in(lobby) == std::vector{reborn});
  CHECK(presences.merge({ann, lobby, 9, false}) == outcome::known);
  presences.audit();
  presences.forget(ann.node);
  CHECK(presences.present_in(lobby).empty());
  presences.audit();
}

TEST_CASE("nobody fills the directory", "[protocol][presence_directory]") {
  presence_directory presences;
  using outcome = presence_directory::outcome;
  const auto ann = view(1).who;
  for (std::size_t n = 0; n < presence_directory::groups_per_node_max; ++n)
    CHECK(presences.merge({ann, make_group_id("c", std::to_string(n)), 1, true}) == outcome::news);
  CHECK(presences.merge({ann, make_group_id("c", "one more"), 1, true}) == outcome::full);
  CHECK(presences.merge({ann, make_group_id("c", "7"), 2, false}) == outcome::news);
  presences.audit();
}
