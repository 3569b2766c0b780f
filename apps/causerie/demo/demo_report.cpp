// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/demo_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "apps/causerie/cli/table.hpp"
#include "apps/checker/history_reader.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

const demo_process* process_of(const demo_run& run, const std::string& name) {
  const auto found = std::ranges::find(run.processes(), name, &demo_process::name);
  return found == run.processes().end() ? nullptr : &*found;
}

/// Messages that this node got from another holder than their author, because they were lost.
std::uint64_t repairs_of(const demo_process* process) {
  std::uint64_t sum = 0;
  if (process != nullptr && process->final.contains("counters"))
    for (const auto& [name, value] : process->final["counters"].items())
      if (name.ends_with(".repaired")) sum += value.get<std::uint64_t>();
  return sum;
}

std::uint64_t restarts_of(const demo_process* process) {
  return process != nullptr && process->final.is_object()
             ? process->final.value("restarts", std::uint64_t{0})
             : 0;
}

std::string fate_of(const demo_process* process) {
  if (process == nullptr) return "";
  if (process->killed) return "killed -9";
  if (process->late) return "joined late";
  return "";
}

}  // namespace

demo_verdict judge(const demo_run& run) {
  demo_verdict verdict;
  verdict.complaints = run.complaints();
  std::vector<checker::history> lives;
  std::size_t expected = 0;
  for (const auto& process : run.processes()) {
    if (!process.killed) ++expected;
    auto read = checker::read_histories(run.history_of(process.name));
    if (read.lines_unreadable != 0)
      verdict.complaints.push_back(fmt::format("{} lines of {}'s history cannot be read",
                                               read.lines_unreadable, process.name));
    std::ranges::move(read.lives, std::back_inserter(lives));
  }
  verdict.judged = checker::check(lives);
  verdict.recovered = recoveries(run.actor_kills(), lives);
  // A verdict over nobody, or over silence, proves nothing.
  if (verdict.judged.survivors != expected)
    verdict.complaints.push_back(fmt::format("{} of {} expected survivors were there at the end",
                                             verdict.judged.survivors, expected));
  if (verdict.judged.deliveries == 0) verdict.complaints.push_back("nothing was delivered");
  return verdict;
}

std::string table_text(const demo_run& run, const demo_verdict& verdict, bool bold) {
  using enum table::align;
  table rows{{{"node"},
              {"sent", right},
              {"delivered", right},
              {"missing", right},
              {"doubled", right},
              {"causal inv.", right},
              {"private sent", right},
              {"got", right},
              {"FIFO inv.", right},
              {"repairs", right},
              {"restarts", right},
              {""}}};
  auto lines = verdict.judged.rows;
  std::ranges::sort(lines, [](const auto& a, const auto& b) {
    return a.node.size() != b.node.size() ? a.node.size() < b.node.size() : a.node < b.node;
  });
  for (const auto& row : lines) {
    const auto* process = process_of(run, row.node);
    rows.row({row.node, std::to_string(row.sent), std::to_string(row.delivered),
              std::to_string(row.missing + row.private_missing),
              std::to_string(row.doubled + row.private_doubled),
              std::to_string(row.causal_inversions), std::to_string(row.private_sent),
              std::to_string(row.private_delivered), std::to_string(row.fifo_inversions),
              std::to_string(repairs_of(process)), std::to_string(restarts_of(process)),
              fate_of(process)});
  }
  return rows.text(bold);
}

std::string recovery_text(const demo_verdict& verdict, bool bold) {
  using enum table::align;
  table rows{{{"killed"},
              {"times", right},
              {"restarted p50", right},
              {"p99", right},
              {"heard again p50", right},
              {"p99", right},
              {"max", right}}};
  for (const auto& of : verdict.recovered)
    rows.row({of.kind, std::to_string(of.kills), duration_text(of.restarted_p50),
              duration_text(of.restarted_p99), duration_text(of.answered_p50),
              duration_text(of.answered_p99), duration_text(of.answered_max)});
  return rows.empty() ? std::string{} : rows.text(bold);
}

json demo_json(const demo_run& run, const demo_options& options, const demo_verdict& verdict) {
  json nodes = json::array();
  for (const auto& row : verdict.judged.rows) {
    const auto* process = process_of(run, row.node);
    nodes.push_back({{"node", row.node},
                     {"fate", fate_of(process)},
                     {"survivor", row.survivor},
                     {"sent", row.sent},
                     {"delivered", row.delivered},
                     {"missing", row.missing},
                     {"doubled", row.doubled},
                     {"causal_inversions", row.causal_inversions},
                     {"gaps", row.gaps},
                     {"private_sent", row.private_sent},
                     {"private_delivered", row.private_delivered},
                     {"private_missing", row.private_missing},
                     {"private_doubled", row.private_doubled},
                     {"fifo_inversions", row.fifo_inversions},
                     {"outcomes",
                      {{"delivered", row.outcomes_delivered},
                       {"not_sent", row.outcomes_not_sent},
                       {"unknown", row.outcomes_unknown},
                       {"missing", row.outcomes_missing}}},
                     {"repairs", repairs_of(process)},
                     {"restarts", restarts_of(process)}});
  }
  json kills = json::array();
  for (const auto& of : verdict.recovered)
    kills.push_back({{"kind", of.kind},
                     {"kills", of.kills},
                     {"restarted_p50_ns", of.restarted_p50.count()},
                     {"restarted_p99_ns", of.restarted_p99.count()},
                     {"heard_again_p50_ns", of.answered_p50.count()},
                     {"heard_again_p99_ns", of.answered_p99.count()},
                     {"heard_again_max_ns", of.answered_max.count()}});
  json violations = json::array();
  for (const auto& wrong : verdict.judged.violations)
    violations.push_back(
        {{"kind", name_of(wrong.kind)}, {"node", wrong.node}, {"text", wrong.text}});
  return {
      {"schema", "causerie.demo/1"},
      {"holds", verdict.holds()},
      {"seed", options.seed},
      {"faults",
       {{"loss", options.loss}, {"duplicate", options.duplicate}, {"reorder", options.reorder}}},
      {"messages", verdict.judged.messages},
      {"deliveries", verdict.judged.deliveries},
      {"private_messages", verdict.judged.private_messages},
      {"private_deliveries", verdict.judged.private_deliveries},
      {"steps", run.steps()},
      {"nodes", std::move(nodes)},
      {"actor_kills", std::move(kills)},
      {"violations", std::move(violations)},
      {"complaints", verdict.complaints}};
}

}  // namespace causerie::apps
