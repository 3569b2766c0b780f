// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include "protocol/causal/group_frames.hpp"
#include "tests/catch.hpp"
#include "tests/protocol/causal/group_network.hpp"

/// What tests of a group do again and again: gather members, let them speak, ask for complaints.
namespace causerie::protocol::test {

using words = std::vector<std::string>;
inline const words none;

inline words complaints(group_network& net) {
  net.oracle.check_agreement(net.survivors());
  net.audit();
  return net.oracle.complaints();
}

/// `count` members, all active: all but the first start at once.
inline void gather(group_network& net, std::size_t count) {
  net.start();
  REQUIRE(net.run_until([&] { return net.all_active(); }, 5s));
  for (std::size_t i = 1; i < count; ++i) net.start();
  REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  net.run(1s);
}

/// The same, one after the other.
inline void assemble(group_network& net, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    net.start();
    REQUIRE(net.run_until([&] { return net.all_active(); }, 10s));
  }
  net.run(1s);
}

inline void say_many(group_network& net, std::size_t node, int count, duration apart = 5ms) {
  for (int i = 0; i < count; ++i) {
    (void)net.say(node, fmt::format("{} says {}", node, i));
    net.run(apart);
  }
}

inline bool is(byte_view body, causal::frame_type type) {
  return body[16] == static_cast<std::byte>(type);
}

inline group_config short_memory() {
  group_config config;
  config.horizon = 3s;
  config.retire_after = 4s;
  config.history_age_max = 2s;
  return config;
}

inline std::uint64_t sum(group_network& net, std::uint64_t group_counters::*counter) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < net.size(); ++i) all += net.at(i).counters().*counter;
  return all;
}

}  // namespace causerie::protocol::test
