// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <nlohmann/json.hpp>

namespace causerie::apps {

std::size_t latency_histogram::bucket_of(std::uint64_t ns) noexcept {
  constexpr std::uint64_t parts = 1u << parts_bits;
  if (ns < parts) return static_cast<std::size_t>(ns);
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - parts_bits - 1;
  return ((shift + 1) << parts_bits) + static_cast<std::size_t>((ns >> shift) & (parts - 1));
}

std::uint64_t latency_histogram::upper_bound(std::size_t bucket) noexcept {
  constexpr std::uint64_t parts = 1u << parts_bits;
  if (bucket < parts) return bucket;
  const auto shift = (bucket >> parts_bits) - 1;
  return ((parts + (bucket & (parts - 1)) + 1) << shift) - 1;
}

void latency_histogram::add(duration sample) {
  ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<duration::rep>(sample.count(), 0)))];
  ++count_;
}

void latency_histogram::add(const latency_histogram& other) {
  for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

duration latency_histogram::quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets && count_ != 0; ++i) {
    seen += counts_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1))
      return duration{static_cast<duration::rep>(upper_bound(i))};
  }
  return duration{};
}

nlohmann::json latency_histogram::to_json() const {
  auto pairs = nlohmann::json::array();
  for (std::size_t i = 0; i < buckets; ++i)
    if (counts_[i] != 0) pairs.push_back({i, counts_[i]});
  return pairs;
}

latency_histogram latency_histogram::from_json(const nlohmann::json& pairs) {
  latency_histogram read;
  for (const auto& pair : pairs) {
    const auto bucket = pair.at(0).get<std::size_t>();
    if (bucket >= buckets) continue;
    read.counts_[bucket] += pair.at(1).get<std::uint64_t>();
    read.count_ += pair.at(1).get<std::uint64_t>();
  }
  return read;
}

}  // namespace causerie::apps
