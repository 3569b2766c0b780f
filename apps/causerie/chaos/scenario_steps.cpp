// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/scenario_steps.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

using verb = step_verb;

constexpr std::uint64_t repetitions_max = 100'000;

bool is_weather(verb what) {
  return what == verb::loss || what == verb::delay || what == verb::duplicate ||
         what == verb::reorder || what == verb::corrupt;
}

/// Verbs that go on for a while.
bool has_length(verb what) {
  return is_weather(what) || what == verb::pause || what == verb::cpu_hog ||
         what == verb::slow_reader || what == verb::partition || what == verb::disk_full ||
         what == verb::slow_fsync || what == verb::withhold;
}

bool needs_journal(verb what) {
  return what == verb::disk_full || what == verb::slow_fsync || what == verb::disk_fails;
}

/// `n3`, `n3/orderer`, `any`, `any/any`, `all`.
chaos_target target_of(const toml_value& from, const std::string& text, std::uint32_t known,
                       bool with_actor) {
  chaos_target target;
  const auto slash = text.find('/');
  const auto name = text.substr(0, slash);
  if (name == "any" || name == "all")
    target.whom = name == "any" ? chaos_target::who::any : chaos_target::who::all;
  else
    target.node = node_of(from, name, known);
  if (slash == text.npos) return target;
  if (!with_actor)
    from.wrong(fmt::format("'{}' is an actor, and this is about nodes", text),
               "name the node alone");
  target.actor = text.substr(slash + 1);
  if (target.actor == "guardian") target.actor = "supervisor";
  if (target.actor.starts_with("groups/")) target.actor = "orderer";
  const auto& actors = actor_names();
  if (target.actor != "any" && std::ranges::find(actors, target.actor) == actors.end()) {
    const auto near = nearest(target.actor, actors);
    wrong_in_file(*from.file, from.place, fmt::format("unknown actor '{}'", target.actor),
                  near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near),
                  fmt::format("known: {}, any", fmt::join(actors, ", ")));
  }
  return target;
}

std::vector<std::uint32_t> nodes_of(const toml_value& from, std::uint32_t known) {
  std::vector<std::uint32_t> nodes;
  for (const auto& name : from.texts()) nodes.push_back(node_of(from, name, known));
  return nodes;
}

/// `sides = [["n1", "n2"], ["n3"]]`.
void read_sides(toml_keys& keys, chaos_step& step, std::uint32_t known) {
  const auto given = keys.take("sides");
  if (!given) return;
  const auto* list = given->node->as_array();
  if (list == nullptr || list->size() != 2)
    given->wrong("not two lists of nodes", "say for example [[\"n1\", \"n2\"], [\"n3\"]]");
  std::vector<bool> placed(known);
  for (const auto& side : *list) {
    toml_value part = *given;
    part.node = &side;
    part.place = {side.source().begin.line, side.source().begin.column};
    step.sides.push_back(nodes_of(part, known));
    for (const auto node : step.sides.back()) {
      if (placed[node]) part.wrong(fmt::format("{} is on two sides", node_name(node)));
      placed[node] = true;
    }
  }
}

void read_partition(toml_keys& keys, const toml_value& value, chaos_step& step,
                    std::uint32_t known) {
  std::vector<std::string_view> shapes;
  for (auto shape : {partition_shape::halves, partition_shape::isolate, partition_shape::one_way,
                     partition_shape::bridge, partition_shape::flapping})
    shapes.push_back(name_of(shape));
  step.shape = static_cast<partition_shape>(value.one_of(shapes, "partition"));
  step.text = fmt::format("partition {}", name_of(step.shape));
  const bool has_sides =
      step.shape != partition_shape::isolate && step.shape != partition_shape::one_way;
  const bool has_node =
      step.shape != partition_shape::halves && step.shape != partition_shape::flapping;
  if (has_sides) read_sides(keys, step, known);
  if (has_node)
    if (const auto node = keys.take("node")) {
      step.targets.push_back(target_of(*node, node->text(), known, /*with_actor=*/false));
      step.text += " " + node->text();
    }
  if (has_node && step.targets.empty()) step.targets.push_back({.whom = chaos_target::who::any});
  if (step.shape == partition_shape::flapping) {
    const auto period = keys.take("period");
    step.period = period ? period->time() : std::chrono::seconds{2};
    if (step.period < std::chrono::milliseconds{20}) period->wrong("too short", "20ms at least");
  }
}

void read_weather_step(toml_keys& keys, const toml_value& value, chaos_step& step,
                       std::uint32_t known) {
  auto& weather = step.weather;
  if (step.verb == verb::loss) weather.loss = value.probability();
  if (step.verb == verb::duplicate) weather.duplicate = value.probability();
  if (step.verb == verb::reorder) weather.reorder = value.probability();
  if (step.verb == verb::corrupt) weather.corrupt = value.probability();
  if (step.verb == verb::delay) {
    const auto [low, high] = value.times();
    weather.delay = low;
    weather.jitter = high - low;
  }
  if (weather.none()) value.wrong("nothing goes wrong", "above 0");
  step.text = step.verb == verb::delay
                  ? fmt::format("delay {}", value.text())
                  : fmt::format("{} {:g}", name_of(step.verb), value.probability());
  if (const auto from = keys.take("from")) {
    step.from = nodes_of(*from, known);
    step.text += fmt::format(" from {}", fmt::join(from->texts(), ", "));
  }
  if (const auto to = keys.take("to")) {
    step.to = nodes_of(*to, known);
    step.text += fmt::format(" to {}", fmt::join(to->texts(), ", "));
  }
}

/// `message = "n2:50"`: the fiftieth that n2 says.
void read_message(toml_keys& keys, chaos_step& step, std::uint32_t known) {
  const auto message = keys.need("message", "which: message = \"n2:50\", the fiftieth of n2");
  const auto text = message.text();
  const auto colon = text.find(':');
  const auto number = parse_count(colon == text.npos ? std::string{} : text.substr(colon + 1));
  if (!number || *number == 0)
    message.wrong(fmt::format("'{}' is no message", text), "say for example \"n2:50\"");
  step.author = node_of(message, text.substr(0, colon), known);
  step.number = *number;
  if (step.targets.size() != 1 || step.targets.front().whom != chaos_target::who::node)
    message.wrong("it is withheld from one node, by name", "withhold = \"n3\"");
  if (step.targets.front().node == step.author)
    message.wrong(fmt::format("{} has its own messages", node_name(step.author)),
                  "withhold what another node says");
  step.text = fmt::format("withhold {} from {}", text, node_name(step.targets.front().node));
}

/// What a verb takes beside its own value.
void read_options(toml_keys& keys, chaos_step& step, std::uint32_t known) {
  switch (step.verb) {
    case verb::kill:
    case verb::leave:
    case verb::disk_fails:
      if (const auto back = keys.take("back-after")) step.back_after = back->time();
      return;
    case verb::restart:
      if (const auto down = keys.take("down")) step.amount = down->time();
      return;
    case verb::cpu_hog: {
      const auto share = keys.take("share");
      step.share = share ? share->probability() : 0.95;
      if (step.share <= 0 || step.share > 0.99) share->wrong("out of bounds", "up to 0.99");
      step.text += fmt::format(" {:g}%", step.share * 100);
      return;
    }
    case verb::slow_reader: {
      const auto interval = keys.take("interval");
      step.amount = interval ? interval->time() : std::chrono::milliseconds{50};
      return;
    }
    case verb::skew: {
      const auto by = keys.need("by", "say for example by = \"-25s\"");
      step.amount = by.signed_time();
      step.text += fmt::format(" by {}", by.text());
      return;
    }
    case verb::slow_fsync: {
      const auto by = keys.need("by", "by = \"1s\"");
      step.amount = by.time();
      step.text += fmt::format(" by {}", by.text());
      return;
    }
    case verb::withhold: return read_message(keys, step, known);
    default: return;
  }
}

void read_targets(const toml_value& value, chaos_step& step, std::uint32_t known) {
  for (const auto& text : value.texts()) {
    step.targets.push_back(target_of(value, text, known, step.verb == verb::kill));
    if (step.verb == verb::join && step.targets.back().whom != chaos_target::who::node)
      value.wrong("a newcomer has a name", fmt::format("the next one is {}", node_name(known - 1)));
  }
  step.text = fmt::format("{} {}", name_of(step.verb), fmt::join(value.texts(), ", "));
}

void read_value(const chaos_scenario& scenario, toml_keys& keys, const toml_value& value,
                chaos_step& step) {
  const auto known = scenario.nodes_in_all();
  if (step.verb == verb::partition) return read_partition(keys, value, step, known);
  if (is_weather(step.verb)) return read_weather_step(keys, value, step, known);
  if (step.verb == verb::heal) {
    (void)value.one_of({"all"}, "thing to heal");
    step.text = "heal all";
    return;
  }
  read_targets(value, step, known);
}

/// The one key that says what the step does.
toml_value verb_of(toml_keys& keys, step_verb& what) {
  const auto& names = verb_names();
  std::optional<toml_value> found;
  for (const auto& given : keys.left()) {
    const auto at = std::ranges::find(names, given.key);
    if (at == names.end()) continue;
    if (found)
      wrong_in_file(keys.file(), given.key_place,
                    fmt::format("a step with '{}' and '{}'", found->key, given.key),
                    "a step does one thing; another one may have the same 'at'");
    what = static_cast<step_verb>(at - names.begin());
    found = given;
  }
  if (found) return *keys.take(found->key);
  for (const auto& given : keys.left()) {
    const auto near = nearest(given.key, names);
    if (near.empty() && keys.left().size() > 1) continue;
    wrong_in_file(keys.file(), given.key_place, fmt::format("unknown verb '{}'", given.key),
                  near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near),
                  fmt::format("known: {}", fmt::join(names, ", ")));
  }
  wrong_in_file(keys.file(), keys.place(), "a step without a verb",
                "say for example kill = \"n3/orderer\"",
                fmt::format("known: {}", fmt::join(names, ", ")));
}

void read_repetition(const chaos_scenario& scenario, toml_keys& keys, chaos_step& step) {
  if (const auto times = keys.take("times")) {
    step.times = times->count(1, repetitions_max);
    const auto every = keys.need("every", "how far apart: every = \"200ms\"");
    step.every = every.time();
    if (step.every < std::chrono::milliseconds{1}) every.wrong("too often", "1ms at least");
    step.text += fmt::format(", {} times", step.times);
  }
  const auto end = step.at + step.every * (step.times - 1) + step.lasts.value_or(duration{0}) +
                   step.back_after.value_or(duration{0});
  if (end > scenario.lasts)
    wrong_in_file(keys.file(), step.place,
                  fmt::format("the step ends at {}, after the scenario ({})", duration_text(end),
                              duration_text(scenario.lasts)),
                  "a longer 'duration', or an earlier 'at'");
}

}  // namespace

const std::vector<std::string_view>& verb_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (auto what = verb::kill; what <= verb::heal;
         what = static_cast<verb>(static_cast<int>(what) + 1))
      all.push_back(name_of(what));
    return all;
  }();
  return names;
}

const std::vector<std::string_view>& actor_names() {
  static const std::vector<std::string_view> names{"courier",  "failure_detector", "membership",
                                                   "channels", "orderer",          "supervisor"};
  return names;
}

std::uint32_t node_of(const toml_value& from, std::string_view name, std::uint32_t known) {
  if (name.starts_with('n'))
    if (const auto number = parse_count(name.substr(1), known))
      if (*number >= 1) return static_cast<std::uint32_t>(*number - 1);
  std::vector<std::string> names;
  for (std::uint32_t k = 0; k < known; ++k) names.push_back(node_name(k));
  const std::vector<std::string_view> candidates{names.begin(), names.end()};
  const auto near = nearest(name, candidates);
  wrong_in_file(*from.file, from.place, fmt::format("unknown node '{}'", name),
                near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near),
                fmt::format("known: n1 to {}", node_name(known - 1)));
}

void read_weather(toml_keys& keys, net::link_faults& weather) {
  if (const auto value = keys.take("loss")) weather.loss = value->probability();
  if (const auto value = keys.take("duplicate")) weather.duplicate = value->probability();
  if (const auto value = keys.take("reorder")) weather.reorder = value->probability();
  if (const auto value = keys.take("corrupt")) weather.corrupt = value->probability();
  if (const auto value = keys.take("delay")) {
    const auto [low, high] = value->times();
    weather.delay = low;
    weather.jitter = high - low;
  }
}

chaos_step read_step(const chaos_scenario& scenario, const toml::table& table) {
  toml_keys keys{scenario.file, table, "a step"};
  chaos_step step;
  const auto at = keys.need("at", "when: at = \"10s\"");
  step.at = at.time();
  step.place = at.place;
  const auto value = verb_of(keys, step.verb);
  read_value(scenario, keys, value, step);
  read_options(keys, step, scenario.nodes_in_all());
  if (needs_journal(step.verb) && !scenario.durable)
    wrong_in_file(keys.file(), value.key_place, fmt::format("'{}' without a journal", value.key),
                  "durable = true above the steps keeps the group on each node's disk");
  if (has_length(step.verb))
    if (const auto lasts = keys.take("for")) {
      step.lasts = lasts->time();
      step.text += fmt::format(" for {}", lasts->text());
    }
  read_repetition(scenario, keys, step);
  keys.end();
  return step;
}

}  // namespace causerie::apps
