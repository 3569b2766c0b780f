// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/message_name.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

std::string name_in(const json& who) { return printable(who.value("name", "?")); }

/// `wren:17`, `wren:17-20`.
std::string span_text(const json& span) {
  const auto first = span.value("first", ""), last = span.value("last", "");
  const auto from = span.contains("from") ? name_in(span["from"]) : std::string{"somebody new"};
  return fmt::format("{}:{}{}", from, first, first == last ? "" : "-" + last);
}

std::string spans_text(const json& list) {
  std::string text;
  for (const auto& span : list) text += (text.empty() ? "" : ", ") + span_text(span);
  return text;
}

std::string names_text(const json& list) {
  std::string text;
  for (const auto& who : list) text += (text.empty() ? "" : ", ") + name_in(who);
  return text;
}

std::string ago(const json& object, const char* key) {
  return duration_text(std::chrono::milliseconds{object.value(key, std::int64_t{0})}) + " ago";
}

/// `wren (sent it; down), lark (its row of 120ms ago says so)`.
std::string holders_text(const json& holders) {
  std::string text;
  for (const auto& holder : holders) {
    auto why = holder.value("origin", false) ? std::string{"sent it"}
               : holder.contains("row_ms_ago")
                   ? fmt::format("its row of {} says so", ago(holder, "row_ms_ago"))
                   : std::string{"said so"};
    if (const auto standing = holder.value("standing", ""); standing != "active")
      why += "; " + standing;
    if (holder.value("may_have_forgotten", false)) why += "; may have let go of it";
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", name_in(holder), why);
  }
  return text.empty() ? "nobody who is known" : text;
}

std::string asked_text(const json& absence) {
  if (!absence.contains("asked")) return "nobody yet";
  return fmt::format("{}, {} ({} {} since anything of its sender came)", name_in(absence["asked"]),
                     ago(absence, "asked_ms_ago"), absence.value("attempts", 0u),
                     absence.value("attempts", 0u) == 1 ? "question" : "questions");
}

std::string next_text(const json& absence) {
  if (!absence.contains("asks_again_in_ms")) return "when somebody who has it can be reached";
  return "in " + duration_text(
                     std::chrono::milliseconds{absence.value("asks_again_in_ms", std::int64_t{0})});
}

class why_printer {
public:
  why_printer(console& terminal, const json& answer) : terminal_{terminal}, answer_{answer} {}

  /// The closing remark.
  std::string print() {
    const auto name = fmt::format("{}/{}:{}", printable(answer_.value("group", "")),
                                  name_in(answer_["from"]), answer_.value("number", ""));
    const auto state = answer_.value("state", "");
    line(
        "message",
        name + (answer_.value("control", false) ? " (the group's own: a join, a leave, ...)" : ""));
    line("state", fmt::format("{} at {}{}", state, printable(answer_.value("node", "")), when()));
    if (answer_.contains("parts")) line("parts", span_text(answer_["parts"]));
    if (answer_.contains("causes") && !answer_["causes"].empty())
      line("causes", spans_text(answer_["causes"]));
    if (answer_.contains("after")) line("right after", span_text(answer_["after"]));
    if (answer_.contains("waits_for") && !answer_["waits_for"].empty())
      line("waits for", spans_text(answer_["waits_for"]));
    print_missing();
    if (state != "missing") line("who has it", holders_text(answer_["holders"]));
    if (!answer_["lacking"].empty()) line("who has not", names_text(answer_["lacking"]));
    return remark(name, state);
  }

private:
  void line(std::string_view key, const std::string& value) {
    terminal_.out(fmt::format("{:<13} {}\n", key, value));
  }

  [[nodiscard]] std::string when() const {
    if (answer_.contains("arrived_ms_ago"))
      return fmt::format(", arrived {}", ago(answer_, "arrived_ms_ago"));
    if (answer_.contains("lost_because"))
      return fmt::format(", declared {}: {}", ago(answer_, "lost_ms_ago"),
                         answer_.value("lost_because", ""));
    if (!answer_.contains("delivered_at")) return {};
    const auto held = answer_.value("held_us", std::int64_t{0});
    return fmt::format(
        ", {} ({}){}", ago(answer_, "delivered_ms_ago"), answer_.value("delivered_at", ""),
        held == 0 ? "" : ", held back for " + duration_text(std::chrono::microseconds{held}));
  }

  void print_missing() {
    if (!answer_.contains("missing")) return;
    for (const auto& absence : answer_["missing"]) {
      line("missing", span_text(absence) + (absence.contains("noticed_ms_ago")
                                                ? ", noticed " + ago(absence, "noticed_ms_ago")
                                                : ""));
      line("  who has it", holders_text(absence["holders"]));
      line("  last asked", asked_text(absence));
      line("  asks again", next_text(absence));
    }
    if (const auto more = answer_.value("missing_more", 0u); more != 0)
      line("", fmt::format("and {} more ranges", more));
  }

  [[nodiscard]] std::string remark(const std::string& name, const std::string& state) const {
    if (state == "waiting" && !answer_["missing"].empty())
      return fmt::format("{} waits for {}", name, spans_text(answer_["missing"]));
    if (state == "waiting" && answer_.value("stream_full", false))
      return name + " waits for the application to read what was delivered before it";
    if (state == "missing") return name + " has not arrived";
    if (state == "before-joining")
      return name + " is from before this node's stream began: it was never owed to it";
    if (state == "lost") return name + " was declared lost: it will never be delivered here";
    return fmt::format("{} is {}", name, state);
  }

  console& terminal_;
  const json& answer_;
};

std::string show_why(console& terminal, const json& answer) {
  return why_printer{terminal, answer}.print();
}

exit_code run_why(invocation& run) {
  const auto named = message_name::parse(run.given.text("MESSAGE"));
  json request{{"do", "why"}, {"sender", named.sender}, {"number", named.number}};
  if (!named.group.empty()) request["group"] = named.group;
  if (named.life != 0) request["life"] = named.life;
  return show_answer(run, request, show_why);
}

}  // namespace

verb_spec why_verb() {
  return {
      .name = "why",
      .summary = "why a message is not delivered: what it waits for, who has that",
      .about =
          "Shows what a local node knows of one group message: delivered (when, after what),\n"
          "held back (for what, who has that, who was asked for it and when), missing, or\n"
          "declared lost. MESSAGE is GROUP/SENDER:NUMBER, such as lobby/wren:17; a node in one\n"
          "group needs no GROUP/. SENDER@LIFE names an earlier life of a node. Exit 1: nobody\n"
          "has heard of such a message.",
      .positionals = {{"MESSAGE"}},
      .flags = {watch_flag()},
      .run = run_why};
}

}  // namespace causerie::apps
