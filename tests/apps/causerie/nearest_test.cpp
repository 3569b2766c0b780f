// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/nearest.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("two swapped letters are one mistake", "[apps][nearest]") {
  CHECK(edit_distance("sned", "send") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("listn", "listen") == 1);
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("only a near word is suggested", "[apps][nearest]") {
  const std::vector<std::string_view> verbs{"send", "sub", "status", "members"};
  CHECK(nearest("sned", verbs) == "send");
  CHECK(nearest("memebrs", verbs) == "members");
  CHECK(nearest("refrigerate", verbs).empty());
  CHECK(nearest("x", verbs).empty());
}
