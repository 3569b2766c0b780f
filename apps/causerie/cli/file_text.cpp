// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/file_text.hpp"

#include <fstream>
#include <iterator>

namespace causerie::apps {

std::optional<std::string> file_text(const std::filesystem::path& path) {
  std::error_code ignored;
  std::ifstream file{path, std::ios::binary};
  if (!file || std::filesystem::is_directory(path, ignored)) return {};
  try {
    std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    return text;
  } catch (const std::ios_base::failure&) {  // The stream buffer throws when read(2) fails.
    return {};
  }
}

}  // namespace causerie::apps
