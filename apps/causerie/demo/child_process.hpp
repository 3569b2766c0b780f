// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace causerie::apps {

/// This very program once more, as a child that talks JSON Lines over its standard input and
/// output. It dies with its parent (PR_SET_PDEATHSIG), and destroying this kills it.
class child_process {
public:
  struct plan {
    std::vector<std::string> words;                ///< Behind the program's name.
    std::map<std::string, std::string> variables;  ///< Its whole environment, beside PATH.
    std::filesystem::path log;                     ///< Takes its standard error.
  };

  /// Throws app_error (exit 70) when no process can be made.
  explicit child_process(const plan& how);
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Readable when the child has said something or has ended.
  [[nodiscard]] int output() const noexcept { return from_; }
  /// False when the child does not listen any more.
  bool tell(std::string_view line) const;
  /// Reads what is there without waiting, and gives the complete lines. False from `open` when the
  /// child has closed its output.
  [[nodiscard]] std::vector<std::string> take_lines();
  [[nodiscard]] bool open() const noexcept { return open_; }

  void kill_now() const;
  /// The exit status as a shell shows it (128 + signal), or none while it runs.
  [[nodiscard]] std::optional<int> status();
  /// Waits for the end. A child whose output is closed is about to end, and may not have yet: on a
  /// busy machine the two lie far apart.
  [[nodiscard]] std::optional<int> status_within(std::chrono::milliseconds patience);

private:
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  bool open_ = true;
  std::string buffer_;
  std::optional<int> status_;
};

}  // namespace causerie::apps
