// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/table.hpp"

#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("a table lines up text to the left and figures to the right", "[apps][table]") {
  table figures{{{"node"}, {"sent", table::align::right}, {"note"}}};
  figures.row({"n1", "1000", ""});
  figures.row({"wr\xC3\xA9n", "7", "late"});
  CHECK(figures.text() ==
        "node  sent  note\n"
        "n1    1000\n"
        "wr\xC3\xA9n     7  late\n");
}
