// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/wire_model.hpp"

namespace causerie::simulation {
namespace {

constexpr std::int64_t shortest_ns = 50'000;  // Two hosts on one switch.

}  // namespace

wire_model::wire_model(std::size_t nodes, std::uint64_t seed)
    : nodes_{nodes}, paths_(nodes * nodes), random_{seed} {}

void wire_model::heal() {
  for (auto& path : paths_) path = {};
}

bool wire_model::loses(path_state& path) {
  const auto& weather = path.weather;
  if (weather.burst_begin > 0)
    path.in_burst =
        path.in_burst ? !random_.chance(weather.burst_end) : random_.chance(weather.burst_begin);
  return path.in_burst || (weather.loss > 0 && random_.chance(weather.loss));
}

std::int64_t wire_model::travel_ns(const path_weather& weather) {
  auto travel =
      shortest_ns + weather.delay.count() +
      random_.between(protocol::duration{0}, weather.jitter + std::chrono::microseconds{20})
          .count();
  if (weather.spike > 0 && random_.chance(weather.spike))
    travel += random_.between(protocol::duration{0}, weather.spike_max).count();
  if (weather.reorder > 0 && random_.chance(weather.reorder)) {
    ++counts_.reordered;
    travel += weather.reorder_by.count();
  }
  return travel;
}

protocol::shared_bytes wire_model::damaged(const protocol::shared_bytes& bytes) {
  protocol::byte_buffer copy{bytes.view().begin(), bytes.view().end()};
  const auto bit = random_.below(copy.size() * 8);
  copy[bit / 8] ^= std::byte(1u << (bit % 8));
  return protocol::shared_bytes{std::move(copy)};
}

void wire_model::carry(std::size_t from, std::size_t to, const protocol::shared_bytes& bytes,
                       std::int64_t now_ns, std::vector<arrival>& out) {
  ++counts_.sent;
  auto& path = paths_[from * nodes_ + to];
  if (path.blocks > 0) {
    ++counts_.blocked;
    return;
  }
  const auto& weather = path.weather;
  if (loses(path)) {
    ++counts_.lost;
  } else {
    const bool damage = weather.corrupt > 0 && !bytes.empty() && random_.chance(weather.corrupt);
    if (damage) ++counts_.corrupted;
    if (!damage)
      out.push_back({now_ns + travel_ns(weather), bytes});
    else if (!weather.checksums)
      out.push_back({now_ns + travel_ns(weather), damaged(bytes)});
  }
  if (weather.duplicate <= 0 || !random_.chance(weather.duplicate)) return;
  ++counts_.duplicated;
  // Most copies follow at once; one in ten comes back much later, as a replay does.
  const auto extra = random_.chance(0.1)
                         ? random_.between(protocol::duration{0}, weather.late_duplicate_max)
                         : protocol::duration{0};
  out.push_back({now_ns + travel_ns(weather) + extra.count(), bytes});
}

}  // namespace causerie::simulation
