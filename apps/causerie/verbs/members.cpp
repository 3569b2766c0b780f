// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/table.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

std::string round_trip(const nlohmann::json& member) {
  if (!member.contains("round_trip_us")) return "-";
  return duration_text(
      duration{static_cast<std::int64_t>(member["round_trip_us"].get<double>() * 1e3)});
}

std::string heard(const nlohmann::json& member) {
  if (member.value("self", false)) return "itself";
  if (!member.contains("last_heard_ms_ago")) return "-";
  return duration_text(std::chrono::milliseconds{member["last_heard_ms_ago"].get<std::int64_t>()}) +
         " ago";
}

std::string health(const nlohmann::json& member) {
  if (!member.contains("health")) return "-";
  const auto score = member["health"].get<unsigned>();
  return score == 0 ? "well" : fmt::format("unwell ({})", score);
}

/// "bob (no answer), cid (refused)".
std::string suspected_by(const nlohmann::json& member) {
  if (!member.contains("suspected_by")) return "-";
  std::string words;
  for (const auto& said : member["suspected_by"])
    words +=
        fmt::format("{}{} ({})", words.empty() ? "" : ", ",
                    printable(said["name"].get<std::string>()), said["why"].get<std::string>());
  return words;
}

std::string show_members(console& terminal, const nlohmann::json& answer) {
  using enum table::align;
  table rows{{{"name"},
              {"state"},
              {"address"},
              {"round trip", right},
              {"heard", right},
              {"health"},
              {"incarnation"},
              {"id"},
              {"suspected by"}}};
  std::size_t alive = 0;
  for (const auto& member : answer["members"]) {
    if (member["state"] == "alive") ++alive;
    rows.row({printable(member["name"].get<std::string>()), member["state"], member["address"],
              round_trip(member), heard(member), health(member), member.value("incarnation", "-"),
              member["id"].get<std::string>().substr(0, 8), suspected_by(member)});
  }
  terminal.out(rows.text(terminal.colored()));
  return fmt::format("{} members, {} alive, as {} sees it", answer["members"].size(), alive,
                     printable(answer["node"].get<std::string>()));
}

exit_code run_members(invocation& run) {
  return show_answer(run, {{"do", "members"}}, show_members);
}

}  // namespace

verb_spec members_verb() {
  return {.name = "members",
          .summary = "whom the local node sees, and in which state",
          .about =
              "Lists the members of the cluster as a local node sees them. Health is the local "
              "node's own: while unwell it probes more slowly before it accuses anybody. An "
              "incarnation is a start of the process and how often that one has had to say "
              "that it lives. A suspect may be silent, or its host may say that nobody "
              "listens there (refused).",
          .positionals = {},
          .flags = {watch_flag()},
          .run = run_members};
}

}  // namespace causerie::apps
