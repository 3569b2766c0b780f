// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_set.hpp"

#include "tests/catch.hpp"
TEST_CASE("placeholder", "[channel]") {}
