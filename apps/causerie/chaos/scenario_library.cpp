// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/scenario_library.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "apps/causerie/chaos/chaos_file.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {

namespace fs = std::filesystem;

fs::path scenario_folder() {
  std::error_code ignored;
  const auto program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "share" / "causerie" / "scenarios";
}

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{scenario_folder(), ignored})
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

chaos_scenario find_scenario(const std::string& text) {
  std::error_code ignored;
  if (fs::is_regular_file(text, ignored)) return read_scenario(fs::path{text});
  const auto names = shipped_scenarios();
  if (std::ranges::find(names, text) != names.end())
    return read_scenario(scenario_folder() / (text + ".toml"));
  const std::vector<std::string_view> known{names.begin(), names.end()};
  const auto near = nearest(text, known);
  throw usage_error(fmt::format("no file and no scenario is called '{}'", text),
                    near.empty() ? std::string{"'causerie chaos list' shows those that there are"}
                                 : fmt::format("did you mean '{}'?", near));
}

}  // namespace causerie::apps
