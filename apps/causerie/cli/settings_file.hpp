// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// Reads a causerie.toml. Throws app_error (exit 78) with `file:line:column` for anything that is
/// not TOML, an unknown key or section (naming the nearest), and a value not of its kind.
class settings_file {
public:
  using taker = std::function<void(const setting_spec& spec, std::vector<std::string> texts,
                                   std::string where)>;

  explicit settings_file(std::filesystem::path path) : path_{std::move(path)} {}
  void read(const taker& take) const;

private:
  std::filesystem::path path_;
};

}  // namespace causerie::apps
