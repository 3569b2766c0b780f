// SPDX-License-Identifier: BSL-1.0
// house ROOT CHECK: reads the tree at ROOT, prints what CHECK objects to as `file:line: why`, and
// exits 1 if there is anything. `house ROOT report` prints figures instead.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/house/guarantee_rules.hpp"
#include "tests/house/include_rules.hpp"
#include "tests/house/report.hpp"
#include "tests/house/sizes.hpp"
#include "tests/house/snippet_rules.hpp"
#include "tests/house/source_text.hpp"
#include "tests/house/word_rules.hpp"

namespace {

using namespace causerie::house;

using tree_type = std::vector<source_text>;
using check_type = std::function<std::vector<finding>(const tree_type&)>;

std::vector<finding> sizes_with_ratchet(const tree_type& tree) {
  for (const auto& source : tree)
    if (source.path == "tests/house/ratchet.txt") return check_sizes(tree, source);
  return check_sizes(tree, {});
}

const std::map<std::string, check_type>& checks() {
  static const std::map<std::string, check_type> table{
      {"directions", check_directions}, {"public-headers", check_public_headers},
      {"words", check_words},           {"unordered", check_unordered},
      {"licence", check_licence},       {"standing-alone", check_standing_alone},
      {"readmes", check_readmes},       {"snippets", check_snippets},
      {"sizes", sizes_with_ratchet},    {"guarantees", check_guarantees},
  };
  return table;
}

int run(const std::filesystem::path& root, const std::string& verb) {
  const auto tree = read_tree(root);
  if (verb == "report") {
    fmt::print("{}", report(tree));
    return 0;
  }
  const auto check = checks().find(verb);
  if (check == checks().end()) {
    fmt::print(stderr, "error: no check '{}'\n", verb);
    return 2;
  }
  const auto findings = check->second(tree);
  for (const auto& [path, line, why] : findings) fmt::print("{}:{}: {}\n", path, line, why);
  fmt::print("{}: {} files read, {} findings\n", verb, tree.size(), findings.size());
  return findings.empty() && !tree.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: house ROOT CHECK|report\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "error: {}\n", failure.what());
    return 70;
  }
}
