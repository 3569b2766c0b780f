// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace causerie::apps {

using words = std::vector<std::string>;

/// How long a test waits for what must come: generous, since nothing here is about speed.
inline constexpr std::chrono::seconds patience{300};

/// Lets 10 ms pass between two looks at something that nobody announces.
void breathe();

/// Asks again until it holds, or patience is over.
template <class Condition>
[[nodiscard]] bool soon(Condition holds) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    breathe();
  }
  return true;
}

/// What a finished program left behind.
struct program_result {
  int status = -1;  ///< As a shell shows it: 128 + signal. -1: it had to be killed.
  std::string out, err;
};

/// Runs a real program in a home of its own, so that nothing of the user's is seen or touched.
class program_home {
public:
  explicit program_home(std::string program);
  ~program_home();
  program_home(const program_home&) = delete;
  program_home& operator=(const program_home&) = delete;

  std::map<std::string, std::string> variables;  ///< Beside PATH, HOME and XDG_RUNTIME_DIR.
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  /// Runs to the end; killed when patience is over. `input`, up to 64 KiB, is its standard input.
  [[nodiscard]] program_result run(const words& arguments, const std::string& input = {}) const;

  /// A program that goes on running: killed at the end of the scope, or of the test's process.
  class running {
  public:
    running(const program_home& home, const words& arguments);
    ~running();
    running(const running&) = delete;
    running& operator=(const running&) = delete;
    /// The next line of its standard output; empty at its end, or when patience is over.
    [[nodiscard]] std::string line();
    void signal(int number) const;
    /// Waits for its end; -1 when patience is over.
    [[nodiscard]] int wait();

  private:
    pid_t pid_ = -1;
    int out_ = -1;
    std::string buffer_;
  };

private:
  [[nodiscard]] pid_t spawn(const words& arguments, int in, int out, int err) const;
  std::string program_;
  std::filesystem::path folder_;
};

}  // namespace causerie::apps
