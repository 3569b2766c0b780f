// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/apps/program_runner.hpp"

namespace causerie::apps {

/// A home for the program under test whose verbs wait as long as the tests do.
class causerie_home : public program_home {
public:
  causerie_home();
};

/// `causerie node`, ready, on a port of its own choice. Killed at the end of the scope.
class running_node {
public:
  /// `more` are flags, such as `--join ADDRESS`; it finds no other node by itself,
  /// and keeps nothing without `--data`.
  running_node(const program_home& home, std::string name, words more = {});

  [[nodiscard]] const nlohmann::json& facts() const noexcept { return facts_; }
  [[nodiscard]] std::string address() const { return facts_["address"]; }
  [[nodiscard]] program_home::running& process() noexcept { return process_; }

  /// Runs a verb against this node.
  [[nodiscard]] program_result run(words verb, const std::string& input = {}) const;
  /// The verb's answer with --json; fails the test when the verb does.
  [[nodiscard]] nlohmann::json ask(words verb) const;
  /// The state in which it sees the member of that name; empty: it does not.
  [[nodiscard]] std::string state_of(const std::string& name) const;
  /// How many members it sees alive, itself included.
  [[nodiscard]] std::size_t alive() const;
  /// Whether it is in the group on behalf of its users.
  [[nodiscard]] bool is_in(const std::string& group) const;
  [[nodiscard]] std::vector<std::string> actors() const;

private:
  const program_home& home_;
  std::string name_;
  program_home::running process_;
  nlohmann::json facts_;
};

/// `causerie sub GROUP --json` at a node, once the node is in the group.
class running_sub {
public:
  running_sub(const program_home& home, const running_node& node, const std::string& group);
  /// Texts of the messages up to and including `last`, each after its author: `a: hello`.
  [[nodiscard]] words texts_until(const std::string& last);

private:
  program_home::running process_;
};

/// The JSON on the next line of the process; fails the test when there is none.
[[nodiscard]] nlohmann::json next_json(program_home::running& from);

}  // namespace causerie::apps
