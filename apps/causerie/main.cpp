// SPDX-License-Identifier: BSL-1.0
#include <csignal>

#include "apps/causerie/program.hpp"

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not the end of a node.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words{argv + 1, argv + argc};
  return static_cast<int>(
      causerie::apps::run_program(words, causerie::apps::process_environment()));
}
