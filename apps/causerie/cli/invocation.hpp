// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "apps/causerie/cli/arguments.hpp"
#include "apps/causerie/cli/console.hpp"
#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// What a verb is given to do its work.
struct invocation {
  const verb_spec& verb;
  const arguments& given;
  const settings& chosen;
  console& terminal;
};

}  // namespace causerie::apps
