// SPDX-License-Identifier: BSL-1.0
#include "protocol/assert.hpp"
#include "protocol/planted.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/channel/channel_schedule.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::testing;

namespace {

/// How many random schedules it takes to see the bug; none within 300.
std::optional<int> schedules_until_found(planted_bug bug) {
  planted_now = bug;
  std::optional<int> found;
  for (int n = 1; n <= 300 && !found; ++n) try {
      if (!channel_schedule{seed_or(7'000) + static_cast<std::uint64_t>(n), {}}.run().empty())
        found = n;
    } catch (const broken_invariant&) {
      found = n;
    }
  planted_now = planted_bug::none;
  return found;
}

}  // namespace

TEST_CASE("the random schedules see each rule of the channel that is left out",
          "[protocol][channel][planted]") {
  for (const auto bug :
       {planted_bug::channel_trusts_link_ack, planted_bug::channel_no_duplicate_check,
        planted_bug::channel_outcome_on_ack, planted_bug::channel_out_of_order}) {
    const auto found = schedules_until_found(bug);
    CAPTURE(static_cast<int>(bug));
    CHECK(found);
    if (found) WARN("bug " << static_cast<int>(bug) << " found after " << *found << " schedules");
  }
}
