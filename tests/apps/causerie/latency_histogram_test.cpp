// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/bench/latency_histogram.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("quantiles are within three percent", "[apps][bench]") {
  latency_histogram samples;
  for (int us = 1; us <= 10'000; ++us) samples.add(std::chrono::microseconds{us});
  const auto ns = [&](double share) {
    return static_cast<double>(samples.quantile(share).count());
  };
  CHECK(ns(0.5) == Approx(5e6).epsilon(0.035));
  CHECK(ns(0.99) == Approx(9.9e6).epsilon(0.035));
  CHECK(ns(1) == Approx(10e6).epsilon(0.035));
  CHECK(latency_histogram{}.quantile(0.5) == duration{});
}

TEST_CASE("histograms add up, over JSON too", "[apps][bench]") {
  latency_histogram one, other;
  one.add(std::chrono::nanoseconds{0});
  one.add(std::chrono::hours{24'000});
  other.add(std::chrono::nanoseconds{31});
  one.add(latency_histogram::from_json(other.to_json()));
  CHECK(one.count() == 3);
  CHECK(one.quantile(0.6).count() == 31);
  CHECK(latency_histogram::from_json(one.to_json()).to_json() == one.to_json());
}
