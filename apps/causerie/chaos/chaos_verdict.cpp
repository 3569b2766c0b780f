// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_verdict.hpp"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/table.hpp"

namespace causerie::apps {
namespace {

using check = chaos_check;
using checker::violation_kind;
using nlohmann::json;

constexpr std::size_t wrong_words_max = 8;

struct judging {
  const chaos_scenario& scenario;
  const chaos_record& record;
  chaos_verdict& verdict;

  [[nodiscard]] const checker::verdict& judged() const { return verdict.measures.judged; }
  [[nodiscard]] std::uint64_t count(std::initializer_list<violation_kind> kinds) const {
    std::uint64_t sum = 0;
    for (const auto kind : kinds) sum += judged().count(kind);
    return sum;
  }
};

judged_expect none_of(std::uint64_t count) { return {{}, "0", std::to_string(count), count == 0}; }

judged_expect at_most(std::uint64_t count, std::uint64_t bound) {
  return {{}, fmt::format("<= {}", bound), std::to_string(count), count <= bound};
}

judged_expect within(const std::optional<duration>& took, duration bound) {
  return {{},
          fmt::format("<= {}", duration_text(bound)),
          took ? duration_text(*took) : "never",
          took && *took <= bound};
}

/// Of nodes that were killed and did not come back while anybody could have noticed.
judged_expect judge_detection(const judging& of, duration bound) {
  std::optional<duration> worst;
  bool all = false;
  for (std::size_t s = 0; s < of.scenario.steps.size(); ++s) {
    const auto& step = of.scenario.steps[s];
    if (step.verb != step_verb::kill || step.back_after || !step.targets.front().actor.empty())
      continue;
    const auto& measured = of.verdict.measures.steps[s];
    if (!measured.detected_last) return within(std::nullopt, bound);
    worst = std::max(worst.value_or(duration{}), *measured.detected_last);
    all = true;
  }
  return within(all ? worst : std::nullopt, bound);
}

judged_expect judge_repair(const judging& of, duration bound) {
  std::optional<duration> worst;
  for (const auto& measured : of.verdict.measures.steps) {
    if (measured.unrepaired) return within(std::nullopt, bound);
    if (measured.repaired) worst = std::max(worst.value_or(duration{}), *measured.repaired);
  }
  return within(worst, bound);
}

judged_expect judge_members(const judging& of, const chaos_expect& expect) {
  const auto& measures = of.verdict.measures;
  const auto seen = measures.members == 0
                        ? std::string{"they differ"}
                        : fmt::format("{} in {}", measures.members,
                                      duration_text(measures.all_seen.value_or(duration{})));
  return {
      {},
      fmt::format("{} in {}", expect.count, duration_text(expect.time)),
      seen,
      measures.members == expect.count && measures.all_seen && *measures.all_seen <= expect.time};
}

judged_expect judge_memory(const judging& of, std::uint64_t bound) {
  std::uint64_t most = 0;
  for (const auto& [_, bytes] : of.record.memory_bytes_max) most = std::max(most, bytes);
  return {{},
          fmt::format("<= {}", byte_size_text(bound)),
          most == 0 ? "not measured" : byte_size_text(most),
          most != 0 && most <= bound};
}

/// One answer for each time that a message was withheld.
judged_expect judge_why(const judging& of) {
  std::size_t asked = 0;
  for (const auto& step : of.scenario.steps)
    asked += step.verb == step_verb::withhold ? step.times : 0;
  const auto named = static_cast<std::size_t>(std::ranges::count_if(
      of.record.whys, [](const why_answer& told) { return told.waits && told.named; }));
  return {{},
          fmt::format("{} of {}", asked, asked),
          fmt::format("{} of {}", named, asked),
          asked != 0 && named == asked};
}

judged_expect judge_one(const judging& of, const chaos_expect& expect) {
  using enum violation_kind;
  const auto& measures = of.verdict.measures;
  const auto& judged = of.judged();
  switch (expect.check) {
    case check::no_loss: return none_of(of.count({missing, private_missing, false_stable}));
    case check::no_gap: {
      std::uint64_t gaps = 0;
      for (const auto& row : judged.rows) gaps += row.gaps;
      return none_of(gaps);
    }
    case check::no_duplicate: return none_of(of.count({doubled, private_doubled}));
    case check::causal_order:
      return none_of(of.count({causal_inversion, causal_hole, late_gap, delivered_after_gap}));
    case check::fifo_order: return none_of(of.count({fifo_inversion}));
    case check::true_outcomes:
      return none_of(of.count({false_delivered, false_not_sent, outcome_doubled, outcome_missing}));
    case check::no_forgery:
      return none_of(of.count(
          {invented, altered, outside_membership, private_invented, private_altered, id_reused}));
    case check::converged_within: return within(measures.converged(), expect.time);
    case check::detected_within: return judge_detection(of, expect.time);
    case check::repaired_within: return judge_repair(of, expect.time);
    case check::members: return judge_members(of, expect);
    case check::false_dead_at_most: return at_most(measures.false_deaths.size(), expect.count);
    case check::restarts_at_most: return at_most(measures.restarts_unasked, expect.count);
    case check::memory_at_most: return judge_memory(of, expect.count);
    case check::why_names_it: return judge_why(of);
    case check::delivered_at_least: {
      const auto all = judged.deliveries + judged.private_deliveries;
      return {{}, fmt::format(">= {}", expect.count), std::to_string(all), all >= expect.count};
    }
  }
  return {};
}

void judge_vacuity(const judging& of) {
  auto& verdict = of.verdict;
  const auto& steps = verdict.measures.steps;
  const auto happened =
      static_cast<std::size_t>(std::ranges::count(steps, true, &step_measure::happened));
  verdict.expects.push_back({"faults-happened", fmt::format("all {}", steps.size()),
                             std::to_string(happened), happened == steps.size()});
  const auto said = of.judged().messages + of.judged().private_messages;
  verdict.expects.push_back({"something-said", of.scenario.loads.empty() ? ">= 0" : ">= 1",
                             std::to_string(said), said > 0 || of.scenario.loads.empty()});
  const auto survivors = static_cast<std::uint64_t>(std::ranges::count(of.record.running, true));
  verdict.expects.push_back({"survivors", std::to_string(survivors),
                             std::to_string(of.judged().survivors),
                             of.judged().survivors == survivors && survivors > 0});
  verdict.expects.push_back(
      {"in-order", "0", std::to_string(of.record.complaints.size()), of.record.complaints.empty()});
}

void say_what_is_wrong(const judging& of) {
  auto& wrong = of.verdict.wrong;
  for (const auto& what : of.judged().violations)
    if (wrong.size() < wrong_words_max)
      wrong.push_back(fmt::format("{}: {} ({})", what.node, what.text, name_of(what.kind)));
  for (const auto& words : of.verdict.measures.false_deaths)
    if (wrong.size() < 2 * wrong_words_max) wrong.push_back(words);
  for (const auto& words : of.record.complaints)
    if (wrong.size() < 3 * wrong_words_max) wrong.push_back(words);
  for (std::size_t s = 0; s < of.scenario.steps.size(); ++s)
    if (!of.verdict.measures.steps[s].happened)
      wrong.push_back(fmt::format("'{}' did not happen: {}", of.scenario.steps[s].text,
                                  of.verdict.measures.steps[s].evidence));
}

// --- for people ---

std::string time_or_dash(const std::optional<duration>& value) {
  return value ? duration_text(*value) : "-";
}

std::string steps_text(const chaos_scenario& scenario, const std::vector<chaos_verdict>& verdicts,
                       bool bold) {
  std::vector<table::column> head{{"at", table::align::right}, {"step"}};
  for (const auto& verdict : verdicts) {
    head.push_back({verdict.world + ": happened"});
    head.push_back({"detected"});
    head.push_back({"repaired"});
  }
  table rows{head};
  for (std::size_t s = 0; s < scenario.steps.size(); ++s) {
    const auto& step = scenario.steps[s];
    std::vector<std::string> cells{duration_text(step.at), step.text};
    for (const auto& verdict : verdicts) {
      const auto& measured = verdict.measures.steps[s];
      cells.push_back((measured.happened ? "" : "NO: ") + measured.evidence);
      cells.push_back(detected_text(measured));
      cells.push_back(repaired_text(measured));
    }
    rows.row(std::move(cells));
  }
  return rows.empty() ? std::string{} : rows.text(bold) + '\n';
}

std::optional<std::int64_t> nanoseconds(const std::optional<duration>& value) {
  return value ? std::optional{value->count()} : std::nullopt;
}

json seconds_or_null(const std::optional<duration>& value) {
  const auto ns = nanoseconds(value);
  return ns ? json(static_cast<double>(*ns) / 1e9) : json(nullptr);
}

json world_json(const chaos_scenario& scenario, const chaos_verdict& verdict) {
  auto steps = json::array();
  for (std::size_t s = 0; s < scenario.steps.size(); ++s) {
    const auto& measured = verdict.measures.steps[s];
    steps.push_back({{"at_s", static_cast<double>(scenario.steps[s].at.count()) / 1e9},
                     {"do", scenario.steps[s].text},
                     {"happened", measured.happened},
                     {"evidence", measured.evidence},
                     {"detected_first_s", seconds_or_null(measured.detected_first)},
                     {"detected_last_s", seconds_or_null(measured.detected_last)},
                     {"noticed", measured.noticed},
                     {"observers", measured.observers},
                     {"repaired_s", seconds_or_null(measured.repaired)},
                     {"unrepaired", measured.unrepaired}});
  }
  auto expects = json::array();
  for (const auto& expect : verdict.expects)
    expects.push_back({{"check", expect.check},
                       {"bound", expect.bound},
                       {"measured", expect.measured},
                       {"held", expect.held}});
  const auto& judged = verdict.measures.judged;
  return {{"world", verdict.world},
          {"holds", verdict.holds()},
          {"steps", std::move(steps)},
          {"expect", std::move(expects)},
          {"converged_s", seconds_or_null(verdict.measures.converged())},
          {"all_heard_s", seconds_or_null(verdict.measures.all_heard)},
          {"all_seen_s", seconds_or_null(verdict.measures.all_seen)},
          {"members", verdict.measures.members},
          {"messages", judged.messages},
          {"deliveries", judged.deliveries},
          {"private_messages", judged.private_messages},
          {"private_deliveries", judged.private_deliveries},
          {"survivors", judged.survivors},
          {"wrong", verdict.wrong}};
}

}  // namespace

std::string detected_text(const step_measure& measured) {
  if (measured.observers == 0 || measured.noticed == 0) return "-";
  const auto first = duration_text(*measured.detected_first);
  if (measured.detected_last)
    return fmt::format("{} / {}", first, duration_text(*measured.detected_last));
  return fmt::format("{} / {} of {}", first, measured.noticed, measured.observers);
}

std::string repaired_text(const step_measure& measured) {
  return measured.unrepaired ? "never" : time_or_dash(measured.repaired);
}

bool chaos_verdict::holds() const { return std::ranges::all_of(expects, &judged_expect::held); }

chaos_verdict judge(const chaos_scenario& scenario, const chaos_schedule& schedule,
                    const chaos_record& record) {
  chaos_verdict verdict;
  verdict.world = record.world;
  verdict.measures = measure(scenario, schedule, record);
  const judging of{scenario, record, verdict};
  for (const auto& expect : scenario.expects) {
    auto one = judge_one(of, expect);
    one.check = name_of(expect.check);
    verdict.expects.push_back(std::move(one));
  }
  judge_vacuity(of);
  say_what_is_wrong(of);
  return verdict;
}

std::string verdict_text(const chaos_scenario& scenario, const std::vector<chaos_verdict>& verdicts,
                         bool bold) {
  auto text = steps_text(scenario, verdicts, bold);
  std::vector<table::column> head{{"expected"}, {"bound"}};
  for (const auto& verdict : verdicts) {
    head.push_back({verdict.world, table::align::right});
    head.push_back({"verdict"});
  }
  table rows{head};
  for (std::size_t e = 0; e < verdicts.front().expects.size(); ++e) {
    std::vector<std::string> cells{verdicts.front().expects[e].check,
                                   verdicts.front().expects[e].bound};
    for (const auto& verdict : verdicts) {
      cells.push_back(verdict.expects[e].measured);
      cells.push_back(verdict.expects[e].held ? "held" : "NOT held");
    }
    rows.row(std::move(cells));
  }
  return text + rows.text(bold);
}

json verdict_json(const chaos_scenario& scenario, const std::vector<chaos_verdict>& verdicts) {
  auto worlds = json::array();
  for (const auto& verdict : verdicts) worlds.push_back(world_json(scenario, verdict));
  return {{"schema", "causerie.chaos/1"},
          {"scenario", scenario.name},
          {"file", scenario.file},
          {"seed", scenario.seed},
          {"nodes", scenario.nodes},
          {"holds", std::ranges::all_of(verdicts, &chaos_verdict::holds)},
          {"worlds", std::move(worlds)}};
}

}  // namespace causerie::apps
