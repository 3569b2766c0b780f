// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

#include "apps/causerie/chaos/chaos_verdict.hpp"

namespace causerie::apps {

/// The report as one HTML page that needs nothing else: verdicts, steps, and for each world a
/// picture of who was down, stopped or cut off when, and how much was heard. `records` and
/// `verdicts` go together.
[[nodiscard]] std::string chaos_page(const chaos_scenario& scenario,
                                     const std::vector<chaos_record>& records,
                                     const std::vector<chaos_verdict>& verdicts);

/// `<` and its like as HTML has them.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace causerie::apps
