// SPDX-License-Identifier: BSL-1.0
//
// A struct with a field of every kind: what decodes must encode to the same bytes again.
#include <cstdlib>

#include "protocol/wire/codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;

namespace {

struct inner {
  std::uint64_t id = 0;
  std::optional<std::string> name;
  friend bool operator==(const inner&, const inner&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, inner& x) {
  return f(wire::fixed(x.id), x.name);
}

enum class colour : std::uint8_t { red = 1, green, blue };

struct everything {
  bool flag = false;
  std::uint8_t octet = 0;
  std::uint16_t small = 0;
  std::uint64_t large = 0;
  colour paint = colour::red;
  member_tag tag{};
  node_id node;
  wall_time wall{};
  std::vector<inner> inners;
  std::vector<std::pair<member_tag, std::uint32_t>> clock;
  shared_bytes body;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, everything& x) {
  return f(x.flag, x.octet, x.small, x.large, wire::ranged(x.paint, colour::red, colour::blue),
           x.tag, x.node, x.wall, wire::limited(x.inners, 8), x.clock, x.body);
}

std::vector<std::uint8_t> octets(const shared_bytes& bytes) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {from, from + bytes.size()};
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  everything full;
  full.large = 1u << 20;
  full.wall = wall_time{std::chrono::milliseconds{1'700'000'000'000}};
  full.inners = {{1, "ann"}, {2, std::nullopt}};
  full.clock = {{member_tag{7}, 9}, {member_tag{8}, 300}};
  full.body = shared_bytes::copy_of(std::string_view{"hello"});
  return {octets(wire::encode(everything{})), octets(wire::encode(full))};
}

std::size_t fuzz_runs() { return 500'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy_of(std::as_bytes(std::span{data, size}));
  if (const auto decoded = wire::decode<everything>(bytes)) {
    const auto again = wire::encode(*decoded);
    if (octets(again) != octets(bytes)) std::abort();
  }
  return 0;
}
