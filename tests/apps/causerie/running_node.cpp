// SPDX-License-Identifier: BSL-1.0
#include "tests/apps/causerie/running_node.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

words joined(words first, const words& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Without a folder of its own a node keeps nothing.
words node_words(const std::string& name, const words& more) {
  words all{"node", "--name", name, "--no-discover", "--json"};
  if (std::ranges::find(more, "--data") == more.end()) all.emplace_back("--memory-only");
  return joined(std::move(all), more);
}

}  // namespace

causerie_home::causerie_home() : program_home{CAUSERIE_PROGRAM} {
  variables["CAUSERIE_CLIENT_TIMEOUT"] = std::to_string(patience.count() / 2) + "s";
}

json next_json(program_home::running& from) {
  const auto line = from.line();
  REQUIRE_FALSE(line.empty());
  return json::parse(line);
}

running_node::running_node(const program_home& home, std::string name, words more)
    : home_{home},
      name_{std::move(name)},
      process_{home, node_words(name_, more)},
      facts_(next_json(process_)) {}  // Braces would make an array of it.

program_result running_node::run(words verb, const std::string& input) const {
  return home_.run(joined(std::move(verb), {"--node", name_}), input);
}

json running_node::ask(words verb) const {
  const auto asked = verb.front();
  const auto result = run(joined(std::move(verb), {"--json"}));
  INFO(asked << " at " << name_ << ": " << result.err);
  REQUIRE(result.status == 0);
  return json::parse(result.out);
}

std::string running_node::state_of(const std::string& name) const {
  const auto answer = ask({"members"});
  for (const auto& member : answer["members"])
    if (member["name"] == name) return member["state"];
  return {};
}

std::size_t running_node::alive() const {
  const auto answer = ask({"members"});
  return static_cast<std::size_t>(std::ranges::count_if(
      answer["members"], [](const json& member) { return member["state"] == "alive"; }));
}

bool running_node::is_in(const std::string& group) const {
  const auto answer = ask({"status"});
  return std::ranges::find(answer["groups"], json(group)) != answer["groups"].end();
}

std::vector<std::string> running_node::actors() const {
  std::vector<std::string> paths;
  const auto answer = ask({"actors"});
  for (const auto& actor : answer["actors"]) paths.push_back(actor["path"]);
  return paths;
}

running_sub::running_sub(const program_home& home, const running_node& node,
                         const std::string& group)
    : process_{home, {"sub", group, "--from", "0", "--json", "--node", node.facts()["name"]}} {
  REQUIRE(soon([&] { return node.is_in(group); }));
}

words running_sub::texts_until(const std::string& last) {
  words heard;
  while (heard.empty() || heard.back() != last) {
    const auto item = next_json(process_);
    if (item["schema"] != "causerie.message/1") continue;
    heard.push_back(item["from"].get<std::string>() + ": " + item["text"].get<std::string>());
  }
  return heard;
}

}  // namespace causerie::apps
