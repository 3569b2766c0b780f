// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "apps/causerie/chaos/scenario_steps.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/file_text.hpp"

namespace causerie::apps {
namespace {

using check = chaos_check;

/// The tables of `[[name]]`, in order.
std::vector<const toml::table*> tables_of(toml_keys& keys, std::string_view name) {
  const auto given = keys.take(name);
  if (!given) return {};
  const auto* list = given->node->as_array();
  std::vector<const toml::table*> tables;
  if (list != nullptr)
    for (const auto& part : *list) tables.push_back(part.as_table());
  if (list == nullptr || std::ranges::find(tables, nullptr) != tables.end())
    given->wrong("not a list of tables", fmt::format("write [[{}]] above each", name));
  return tables;
}

/// Steps may name nodes that other steps add: they are counted first.
std::uint32_t joiners_in(const chaos_scenario& scenario,
                         const std::vector<const toml::table*>& steps) {
  std::uint32_t joiners = 0;
  for (const auto* step : steps) {
    const auto* join = step->get("join");
    if (join == nullptr) continue;
    const toml_value value{
        &scenario.file, "join", {}, {join->source().begin.line, join->source().begin.column}, join};
    for (const auto& name : value.texts()) {
      const auto expected = node_name(scenario.nodes + joiners);
      if (name != expected)
        value.wrong(
            fmt::format("'{}' cannot be the next one to join", name),
            fmt::format("did you mean '{}'?", expected),
            fmt::format("n1 to {} are there before it", node_name(scenario.nodes + joiners - 1)));
      ++joiners;
    }
  }
  return joiners;
}

void read_head(toml_keys& keys, chaos_scenario& scenario) {
  if (const auto name = keys.take("name")) scenario.name = name->text();
  if (scenario.name.empty()) scenario.name = std::filesystem::path{scenario.file}.stem().string();
  if (const auto about = keys.take("about")) scenario.about = about->text();
  scenario.nodes = static_cast<std::uint32_t>(
      keys.need("nodes", "how many: nodes = 5").count(2, chaos_nodes_max));
  if (const auto seed = keys.take("seed")) scenario.seed = seed->count(0, INT64_MAX);
  const auto lasts = keys.need("duration", "how long: duration = \"30s\"");
  scenario.lasts = lasts.time();
  if (scenario.lasts < std::chrono::seconds{1} || scenario.lasts > std::chrono::hours{1})
    lasts.wrong("out of bounds", "1s to 1h");
  scenario.settle = std::chrono::seconds{60};
  if (const auto settle = keys.take("settle")) scenario.settle = settle->time();
  if (const auto durable = keys.take("durable")) scenario.durable = durable->yes();
  if (const auto horizon = keys.take("horizon")) {
    scenario.horizon = horizon->time();
    if (scenario.horizon < std::chrono::seconds{1}) horizon->wrong("too short", "1s at least");
  }
  if (const auto network = keys.take("network")) {
    const auto* table = network->node->as_table();
    if (table == nullptr) network->wrong("not a table", "write [network] above its keys");
    toml_keys weather{scenario.file, *table, "[network]"};
    read_weather(weather, scenario.network);
    weather.end();
  }
}

chaos_load read_load(chaos_scenario& scenario, const toml::table& table, bool first) {
  toml_keys keys{scenario.file, table, "a load"};
  chaos_load load;
  load.place = keys.place();
  if (const auto from = keys.take("from"))
    for (const auto& name : from->texts())
      if (name != "any") load.from.push_back(node_of(*from, name, scenario.nodes_in_all()));
  const auto group = keys.take("group");
  const auto to = keys.take("to");
  if (group && to)
    to->wrong("a load goes to a group or, in private, to others; not both", "write two loads");
  load.in_private = to.has_value();
  if (to) (void)to->one_of({"any"}, "receiver");
  if (group) {
    if (!first && group->text() != scenario.group)
      group->wrong("a second group", "a scenario has one group",
                   fmt::format("the first one is '{}'", scenario.group));
    scenario.group = group->text();
    if (scenario.group.empty() || scenario.group.size() > 64)
      group->wrong("not a group's name", "1 to 64 bytes");
  }
  const auto rate = keys.need("rate", "how much: rate = \"200/s\"");
  load.per_second = rate.rate();
  if (load.per_second <= 0 || load.per_second > 1e5) rate.wrong("out of bounds", "up to 100000/s");
  keys.end();
  return load;
}

const std::vector<std::string_view>& check_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (auto what = check::no_loss; what <= check::why_names_it;
         what = static_cast<check>(static_cast<int>(what) + 1))
      all.push_back(name_of(what));
    return all;
  }();
  return names;
}

chaos_expect read_expect(const chaos_scenario& scenario, const toml::table& table) {
  toml_keys keys{scenario.file, table, "an expectation"};
  chaos_expect expect;
  expect.place = keys.place();
  expect.check = static_cast<check>(
      keys.need("check", "what: check = \"no-loss\"").one_of(check_names(), "expectation"));
  switch (expect.check) {
    case check::converged_within:
    case check::detected_within:
    case check::repaired_within:
      expect.time = keys.need("value", "how long: value = \"3s\"").time();
      break;
    case check::members:
      expect.count = keys.need("value", "how many: value = 5").count(1, scenario.nodes_in_all());
      expect.time = keys.need("within", "of the last heal: within = \"10s\"").time();
      break;
    case check::false_dead_at_most:
    case check::restarts_at_most:
    case check::delivered_at_least:
      expect.count = keys.need("value", "how many: value = 0").count(0, INT64_MAX);
      break;
    case check::memory_at_most:
      expect.count = keys.need("value", "of each node: value = \"64MiB\"").bytes();
      break;
    default: break;
  }
  keys.end();
  return expect;
}

/// Everything that a run without its own expectations is held to.
std::vector<chaos_expect> promises() {
  std::vector<chaos_expect> all;
  for (auto what : {check::no_loss, check::no_duplicate, check::causal_order, check::fifo_order,
                    check::true_outcomes, check::no_forgery})
    all.push_back({.check = what, .place = {}});
  return all;
}

void read_all(chaos_scenario& scenario, const toml::table& table) {
  toml_keys keys{scenario.file, table, "the scenario"};
  read_head(keys, scenario);
  const auto steps = tables_of(keys, "step");
  scenario.joiners = joiners_in(scenario, steps);
  if (scenario.nodes_in_all() > chaos_nodes_max)
    wrong_in_file(scenario.file, keys.place(), "too many nodes",
                  fmt::format("at most {}", chaos_nodes_max));
  for (const auto* load : tables_of(keys, "load")) {
    const bool first = std::ranges::all_of(scenario.loads, &chaos_load::in_private);
    scenario.loads.push_back(read_load(scenario, *load, first));
  }
  for (const auto* step : steps) scenario.steps.push_back(read_step(scenario, *step));
  std::ranges::stable_sort(scenario.steps, {}, &chaos_step::at);
  for (const auto* expect : tables_of(keys, "expect"))
    scenario.expects.push_back(read_expect(scenario, *expect));
  if (scenario.expects.empty()) scenario.expects = promises();
  keys.end();
}

}  // namespace

chaos_scenario read_scenario(const std::string& file, std::string_view text) {
  chaos_scenario scenario;
  scenario.file = file;
  try {
    const auto table = toml::parse(text, std::string_view{file});
    read_all(scenario, table);
  } catch (const toml::parse_error& problem) {
    const auto at = problem.source().begin;
    wrong_in_file(file, {at.line, at.column}, std::string{problem.description()},
                  "the file is TOML: https://toml.io");
  }
  return scenario;
}

chaos_scenario read_scenario(const std::filesystem::path& file) {
  const auto text = file_text(file);
  if (!text)
    throw app_error{"bad-scenario", exit_code::configuration,
                    fmt::format("{}: cannot be read", file.string()), "'causerie chaos list'"};
  return read_scenario(file.string(), *text);
}

}  // namespace causerie::apps
