// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/units.hpp"

#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace std::chrono_literals;

TEST_CASE("a duration is a number with its unit", "[apps][units]") {
  CHECK(parse_duration("200ms").value() == 200ms);
  CHECK(parse_duration("1.5s").value() == 1500ms);
  CHECK(parse_duration("2m").value() == 2min);
  CHECK(parse_duration("7us").value() == 7us);
  CHECK(parse_duration("0").value() == 0ns);
}

TEST_CASE("a bare number is no duration, and the hint says how to write it", "[apps][units]") {
  const auto problem = parse_duration("200").error();
  CHECK(problem.why == "'200' has no unit");
  CHECK(problem.hint == "say '200ms' or '200s'");
  CHECK(parse_duration("-1s").error().why == "'-1s' is negative");
  CHECK(parse_duration("fast").error().why == "'fast' does not begin with a number");
  CHECK(parse_duration("3 parsecs").error().hint == "units are ns, us, ms, s, m, min, h");
  CHECK_FALSE(parse_duration("1e300h"));
  CHECK_FALSE(parse_duration("nan"));
}

TEST_CASE("byte sizes come in powers of two and of ten", "[apps][units]") {
  CHECK(parse_byte_size("64KiB").value() == 65536);
  CHECK(parse_byte_size("1MB").value() == 1'000'000);
  CHECK(parse_byte_size("100B").value() == 100);
  CHECK(parse_byte_size("64").error().hint == "say '64B' or '64KiB'");
  CHECK_FALSE(parse_byte_size("9999999999GiB"));
}

TEST_CASE("a probability lies between zero and one", "[apps][units]") {
  CHECK(parse_probability("0.3").value() == Approx(0.3));
  CHECK(parse_probability("30%").value() == Approx(0.3));
  CHECK(parse_probability("30").error().why == "30 is not between 0 and 1");
  CHECK(parse_probability("30").error().hint == "30 percent is '30%'");
  CHECK_FALSE(parse_probability("often"));
}

TEST_CASE("times and sizes are printed with the unit that suits", "[apps][units]") {
  CHECK(duration_text(4200us) == "4.20ms");
  CHECK(duration_text(1500ms) == "1.50s");
  CHECK(duration_text(90s) == "90.0s");
  CHECK(duration_text(12ns) == "12ns");
  CHECK(byte_size_text(65536) == "64.0KiB");
  CHECK(time_text(std::chrono::system_clock::time_point{}) == "1970-01-01T00:00:00.000Z");
}
