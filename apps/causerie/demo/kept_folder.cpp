// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/kept_folder.hpp"

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"

namespace causerie::apps {

std::filesystem::path kept_folder(const invocation& run, const std::filesystem::path& otherwise) {
  if (!run.given.has("keep")) return otherwise;
  const std::filesystem::path folder = std::filesystem::absolute(run.given.text("keep"));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("cannot make {}: {}", folder.string(), error.message())};
  for (const auto& entry : std::filesystem::directory_iterator{folder, error})
    if (entry.path().native().ends_with(".history.jsonl"))
      throw app_error{"cannot-create", exit_code::cannot_create,
                      fmt::format("{} holds the histories of another run", folder.string()),
                      "--keep takes a new or empty folder"};
  return folder;
}

}  // namespace causerie::apps
