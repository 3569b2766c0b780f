// SPDX-License-Identifier: BSL-1.0
#include "journal/lineage.hpp"

#include "tests/journal/journal_world.hpp"

namespace causerie::journal::test {
namespace {

node_journal live(simulated_disk& disk, std::uint8_t token, std::int64_t now = 1) {
  return open_journal(disk, {me, at(now), {}, {token}, /*may_have_moved=*/true});
}

TEST_CASE("copies of a journal know each other by their lives", "[journal][lineage]") {
  simulated_disk disk{{1}};
  const auto original = live(disk, 1).lives();
  auto copy = disk.copy({2});
  CHECK(compare(original, original) == kinship::same);
  const auto moved_on = live(disk, 2).lives();
  CHECK(compare(moved_on, original) == kinship::newer);
  CHECK(compare(original, moved_on) == kinship::older);
  const auto twin = live(copy, 3);
  CHECK(twin.opened().moved);
  // Both have lived epoch 2, and not the same one.
  CHECK(twin.lives().back().epoch == moved_on.back().epoch);
  CHECK(compare(twin.lives(), moved_on) == kinship::twins);
  simulated_disk stranger;
  CHECK(compare(live(stranger, 4).lives(), original) == kinship::strangers);
}

TEST_CASE("a journal at home has not moved", "[journal][lineage]") {
  simulated_disk disk{{1}};
  CHECK_FALSE(live(disk, 1).opened().moved);
  CHECK_FALSE(live(disk, 2).opened().moved);
}

TEST_CASE("a life that somebody else led is not in the lineage", "[journal][lineage]") {
  simulated_disk disk;
  const auto lives = live(disk, 1, 500).lives();
  CHECK(has_lived(lives, boot_epoch{500}));
  CHECK_FALSE(has_lived(lives, boot_epoch{600}));
}

TEST_CASE("a journal remembers its last lives only", "[journal][lineage]") {
  simulated_disk disk;
  for (int i = 0; i < 100; ++i) (void)live(disk, 1);
  const auto lives = live(disk, 1).lives();
  CHECK(lives.size() == lineage_max);
  CHECK(lives.back().epoch == boot_epoch{101});
  CHECK(live(disk, 1).lives().size() == lineage_max);
}

}  // namespace
}  // namespace causerie::journal::test
