// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// A target may define these; the seeded driver uses them when they are there.
/// Valid inputs, to be mutated. Called once; must give the same each time.
[[gnu::weak]] std::vector<std::vector<std::uint8_t>> fuzz_seeds();
/// How many runs take a second or two (default 20000).
[[gnu::weak]] std::size_t fuzz_runs();
/// Inputs are at most this long (default 1500 bytes).
[[gnu::weak]] std::size_t fuzz_size_max();
