// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/private_folder.hpp"

#include <cstdlib>

#include "apps/causerie/cli/app_error.hpp"

namespace causerie::apps {

private_folder::private_folder() {
  std::string pattern = "/tmp/causerie-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw app_error{"cannot-create", exit_code::cannot_create, "cannot make a folder in /tmp"};
  path_ = pattern;
}

private_folder::~private_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace causerie::apps
