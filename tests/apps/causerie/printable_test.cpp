// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/printable.hpp"

#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("a peer's text cannot steer the terminal", "[apps][printable]") {
  CHECK(printable("plain \xC3\xA9\xE2\x82\xAC") == "plain \xC3\xA9\xE2\x82\xAC");
  CHECK(printable("\x1b[2J") == "\xEF\xBF\xBD[2J");
  CHECK(printable("a\r\nb") ==
        "a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b");
  CHECK(printable("\xC2\x9B"
                  "1m") ==
        "\xEF\xBF\xBD"
        "1m");  // C1's control sequence introducer.
  CHECK(printable("\xFF\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(printable("\xED\xA0\x80").find('\xED') == std::string::npos);  // A surrogate.
}

TEST_CASE("columns are counted in code points", "[apps][printable]") {
  CHECK(columns("n\xC3\xA9") == 2);
  CHECK(shortened("abcdef", 4) == "abc\xE2\x80\xA6");
  CHECK(shortened("abc", 4) == "abc");
}
