// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/folders.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"

namespace causerie::apps {
namespace {

std::filesystem::path folder(const settings::environment& variables, const char* variable,
                             const char* below_home) {
  if (const auto own = variables.find(variable); own != variables.end() && !own->second.empty())
    return std::filesystem::path{own->second} / "causerie";
  const auto home = variables.find("HOME");
  return std::filesystem::path{home == variables.end() ? "/" : home->second} / below_home /
         "causerie";
}

}  // namespace

std::filesystem::path config_folder(const settings::environment& variables) {
  return folder(variables, "XDG_CONFIG_HOME", ".config");
}
std::filesystem::path state_folder(const settings::environment& variables) {
  return folder(variables, "XDG_STATE_HOME", ".local/state");
}
std::filesystem::path runtime_folder(const settings::environment& variables) {
  const auto own = variables.find("XDG_RUNTIME_DIR");
  if (own != variables.end() && !own->second.empty())
    return std::filesystem::path{own->second} / "causerie";
  return fmt::format("/tmp/causerie-{}", ::getuid());
}

void prepare_runtime_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    throw app_error{
        "cannot-create", exit_code::cannot_create,
        fmt::format("cannot make the runtime folder {}: {}", path.string(), std::strerror(errno)),
        "XDG_RUNTIME_DIR chooses another place"};
  struct stat facts {};
  // lstat: a symbolic link planted in /tmp must not be followed.
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("the runtime folder {} is no folder", path.string()),
                    "remove it, or choose another by XDG_RUNTIME_DIR"};
  if (facts.st_uid != ::getuid() || (facts.st_mode & 0077) != 0)
    throw app_error{
        "refused", exit_code::refused,
        fmt::format("the runtime folder {} is not this user's alone", path.string()),
        fmt::format("'chmod 700 {}', or choose another by XDG_RUNTIME_DIR", path.string())};
}

}  // namespace causerie::apps
