// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <stdexcept>

namespace causerie::protocol {

/// A machine found its own invariant broken. Whoever runs the machine catches this, poisons the
/// machine and rebuilds it under a new epoch; it never continues on half a step.
class broken_invariant : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);

}  // namespace causerie::protocol

/// Checked in every build, release too: a wrong answer is worse than a restarted machine.
#define CAUSERIE_ASSERT(condition) \
  (static_cast<bool>(condition)    \
       ? void(0)                   \
       : ::causerie::protocol::invariant_failed(#condition, __FILE__, __LINE__))
