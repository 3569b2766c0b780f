// SPDX-License-Identifier: BSL-1.0
#pragma once

// Catch2 v3 (Debian 13) and v2 (Debian 12) differ in their headers only, as far as we use them.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
