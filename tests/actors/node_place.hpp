// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include <asio/io_context.hpp>

namespace causerie::test {

/// Where the nodes of a test keep what outlives them; gone with it.
class node_place {
public:
  node_place()
      : path_{std::filesystem::temp_directory_path() /
              ("causerie-node-test-" + std::to_string(getpid()))} {}
  ~node_place() { std::filesystem::remove_all(path_); }
  node_place(const node_place&) = delete;
  node_place& operator=(const node_place&) = delete;

  /// The folder of one of them.
  [[nodiscard]] std::filesystem::path of(const char* name) const {
    std::filesystem::create_directories(path_ / name);
    return path_ / name;
  }

private:
  std::filesystem::path path_;
};

/// Runs real nodes until `done`; false when that takes longer than the slowest machine needs.
template <class Done>
bool run_until(asio::io_context& io, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!done() && std::chrono::steady_clock::now() < deadline)
    io.run_one_for(std::chrono::milliseconds{50});
  return done();
}

}  // namespace causerie::test
