// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

#include <asio/io_context.hpp>

namespace causerie::net::testing {

/// Runs handlers until `holds` does. False after ten seconds, which only a broken program takes.
template <class Condition>
[[nodiscard]] bool run_until(asio::io_context& io, Condition holds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= give_up) return false;
    if (io.stopped()) io.restart();
    io.run_one_for(std::chrono::milliseconds{50});
  }
  return true;
}

}  // namespace causerie::net::testing
