// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/causes.hpp"

#include "tests/apps/checker/sample_run.hpp"
#include "tests/catch.hpp"

using namespace causerie::checker;

namespace {

std::string after(const sample_run& run, std::string_view cause, std::string_view but) {
  std::vector<const history*> lives;
  for (const auto& life : run.lives) lives.push_back(&life);
  const auto found = first_after(lives, cause, but);
  return found ? found->later.message : "none";
}

}  // namespace

TEST_CASE("what somebody sends after hearing a message happened after it", "[apps][checker]") {
  sample_run run;
  const auto a = run.begin("a"), b = run.begin("b"), c = run.begin("c");
  run.send(b, "b:1");
  run.send(a, "a:1");
  run.deliver(a, "a:1");
  run.send(a, "a:2");
  run.deliver(a, "a:2");
  run.deliver(b, "b:1");  // Sent before it heard of a:1.
  run.deliver(b, "a:1");
  CHECK(after(run, "a:1", "c") == "none");  // Of others than its author nobody has said anything.
  run.send(b, "b:2");
  CHECK(after(run, "a:1", "c") == "none");  // It may have been refused.
  run.deliver(b, "b:2");
  CHECK(after(run, "a:1", "c") == "b:2");
  CHECK(after(run, "a:1", "b") == "none");
  run.deliver(c, "a:1");
  run.send(c, "c:1");
  run.deliver(c, "c:1");
  CHECK(after(run, "a:1", "b") == "c:1");
}
