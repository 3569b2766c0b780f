// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace causerie::trace {

/// `diagram.html` as it lies beside this file, put into the program by the build. `/*RUN*/` in it
/// stands for the run.
[[nodiscard]] std::string_view diagram_template() noexcept;

}  // namespace causerie::trace
