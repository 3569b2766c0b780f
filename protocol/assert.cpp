// SPDX-License-Identifier: BSL-1.0
#include "protocol/assert.hpp"

#include <string>

namespace causerie::protocol {

void invariant_failed(const char* condition, const char* file, int line) {
  const std::string path{file};
  const auto slash = path.rfind('/');
  throw broken_invariant{"invariant broken: " + std::string{condition} + " at " +
                         path.substr(slash == std::string::npos ? 0 : slash + 1) + ":" +
                         std::to_string(line)};
}

}  // namespace causerie::protocol
