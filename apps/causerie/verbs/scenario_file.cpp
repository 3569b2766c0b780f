// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/scenario_file.hpp"

#include <filesystem>
#include <variant>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/file_text.hpp"
#include "apps/causerie/cli/nearest.hpp"
#include "apps/causerie/cli/units.hpp"

namespace causerie::apps {
namespace {

using simulation::scenario;

struct scenario_key {
  std::string_view name;
  std::variant<double scenario::*, std::size_t scenario::*, protocol::duration scenario::*,
               bool scenario::*>
      member;
};

const scenario_key keys[] = {
    {"nodes-min", &scenario::nodes_min},
    {"nodes-max", &scenario::nodes_max},
    {"warm-up", &scenario::warm_up},
    {"chaos-min", &scenario::chaos_min},
    {"chaos-max", &scenario::chaos_max},
    {"heal-max", &scenario::heal_max},
    {"broadcasts-per-second", &scenario::broadcasts_per_second},
    {"privates-per-second", &scenario::privates_per_second},
    {"answers", &scenario::answers},
    {"payload-bytes-max", &scenario::payload_bytes_max},
    {"large-payload-bytes-max", &scenario::large_payload_bytes_max},
    {"large-private-bytes-max", &scenario::large_private_bytes_max},
    {"broadcasts-each", &scenario::broadcasts_each},
    {"privates-each", &scenario::privates_each},
    {"some-loss", &scenario::some_loss},
    {"some-delay", &scenario::some_delay},
    {"some-duplicates", &scenario::some_duplicates},
    {"some-reordering", &scenario::some_reordering},
    {"some-corruption", &scenario::some_corruption},
    {"some-bursts", &scenario::some_bursts},
    {"some-partitions", &scenario::some_partitions},
    {"some-kills", &scenario::some_kills},
    {"some-pauses", &scenario::some_pauses},
    {"some-actor-kills", &scenario::some_actor_kills},
    {"some-churn", &scenario::some_churn},
    {"some-slow-consumers", &scenario::some_slow_consumers},
    {"some-clock-errors", &scenario::some_clock_errors},
    {"some-late-groups", &scenario::some_late_groups},
    {"some-application-kills", &scenario::some_application_kills},
    {"some-refusals", &scenario::some_refusals},
    {"some-durable", &scenario::some_durable},
    {"some-power-cuts", &scenario::some_power_cuts},
    {"some-majorities", &scenario::some_majorities},
    {"loss-max", &scenario::loss_max},
    {"duplicate-max", &scenario::duplicate_max},
    {"reorder-max", &scenario::reorder_max},
    {"corrupt-max", &scenario::corrupt_max},
    {"every-rate-at-its-worst", &scenario::every_rate_at_its_worst},
    {"delay-max", &scenario::delay_max},
    {"jitter-max", &scenario::jitter_max},
    {"late-duplicate-max", &scenario::late_duplicate_max},
    {"spike-max", &scenario::spike_max},
    {"partition-min", &scenario::partition_min},
    {"partition-max", &scenario::partition_max},
    {"process-kill-every-min", &scenario::process_kill_every_min},
    {"process-kill-every-max", &scenario::process_kill_every_max},
    {"killed-return", &scenario::killed_return},
    {"restart-max", &scenario::restart_max},
    {"pause-min", &scenario::pause_min},
    {"pause-max", &scenario::pause_max},
    {"actor-kill-every-min", &scenario::actor_kill_every_min},
    {"actor-kill-every-max", &scenario::actor_kill_every_max},
    {"some-fast-horizon", &scenario::some_fast_horizon},
    {"some-tight-history", &scenario::some_tight_history},
    {"fast-horizon", &scenario::fast_horizon},
    {"some-hostile", &scenario::some_hostile},
    {"breakdowns", &scenario::breakdowns},
    {"history-recent", &scenario::history_recent},
};

app_error wrong(const std::string& where, const std::string& why, std::string hint) {
  return {"bad-scenario", exit_code::configuration, fmt::format("{}: {}", where, why),
          std::move(hint)};
}

/// Puts a value of the file into its member; a problem when it is of another kind.
struct assignment {
  scenario& today;
  const toml::node& node;

  parsed<bool> operator()(double scenario::*member) const {
    const auto value = node.value<double>();
    if (!value || *value < 0) return tl::unexpected(unit_problem{"not a number from 0 up", ""});
    today.*member = *value;
    return true;
  }
  parsed<bool> operator()(std::size_t scenario::*member) const {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < 0) return tl::unexpected(unit_problem{"not a whole number", ""});
    today.*member = static_cast<std::size_t>(*value);
    return true;
  }
  parsed<bool> operator()(protocol::duration scenario::*member) const {
    const auto text = node.value_exact<std::string>();
    if (!text) return tl::unexpected(unit_problem{"not a duration", "say for example \"200ms\""});
    const auto value = parse_duration(*text);
    if (!value) return tl::unexpected(value.error());
    today.*member = *value;
    return true;
  }
  parsed<bool> operator()(bool scenario::*member) const {
    const auto value = node.value_exact<bool>();
    if (!value) return tl::unexpected(unit_problem{"neither true nor false", ""});
    today.*member = *value;
    return true;
  }
};

void take(scenario& today, std::string_view name, const toml::node& node,
          const std::string& where) {
  std::vector<std::string_view> known;
  for (const auto& key : keys) {
    known.push_back(key.name);
    if (key.name != name) continue;
    const auto taken = std::visit(assignment{today, node}, key.member);
    if (!taken)
      throw wrong(where, fmt::format("{}: {}", name, taken.error().why), taken.error().hint);
    return;
  }
  const auto near = nearest(name, known);
  throw wrong(where, fmt::format("unknown key '{}'", name),
              near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
}

scenario read_file(const std::string& path) {
  const auto text = file_text(path);
  if (!text) throw wrong(path, "cannot be read", "");
  scenario today;
  today.name = path;
  const auto place = [&](const toml::source_position& at) {
    return fmt::format("{}:{}:{}", path, at.line, at.column);
  };
  try {
    const auto table = toml::parse(*text, std::string_view{path});
    for (const auto& [name, node] : table)
      if (name != "name") take(today, name.str(), node, place(name.source().begin));
  } catch (const toml::parse_error& problem) {
    throw wrong(place(problem.source().begin), std::string{problem.description()},
                "the file is TOML: https://toml.io");
  }
  return today;
}

}  // namespace

scenario scenario_of(const std::string& text) {
  if (const auto known = simulation::scenario_named(text.empty() ? "standard" : text))
    return *known;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(text, ignored))
    throw usage_error(
        fmt::format("no scenario and no file is called '{}'", text),
        "built in: standard, ten-talkers, calm, breakdowns, journal-kills, hostile, crowded");
  return read_file(text);
}

}  // namespace causerie::apps
