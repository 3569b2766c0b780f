// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>

namespace causerie::apps {

/// A new folder under /tmp (mode 0700), where paths are short enough for sockets; it goes with this
/// object. Throws app_error, exit 73, when it cannot be made.
class private_folder {
public:
  private_folder();
  ~private_folder();
  private_folder(const private_folder&) = delete;
  private_folder& operator=(const private_folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

}  // namespace causerie::apps
