// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/why_answer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/answers.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using fate = message_explanation::fate;

const char* fate_text(fate what) {
  switch (what) {
    case fate::no_membership: return "no-membership";
    case fate::unknown_sender: return "unknown-sender";
    case fate::unheard_of: return "unheard-of";
    case fate::before_joining: return "before-joining";
    case fate::missing: return "missing";
    case fate::waiting: return "waiting";
    case fate::delivered: return "delivered";
    case fate::lost: return "lost";
  }
  return "unknown";
}

const char* standing_text(protocol::member_standing standing) {
  switch (standing) {
    case protocol::member_standing::joining: return "joining";
    case protocol::member_standing::active: return "active";
    case protocol::member_standing::down: return "down";
    case protocol::member_standing::parked: return "parked";
    case protocol::member_standing::left: return "left";
  }
  return "unknown";
}

/// Writes the parts of an explanation with names for nodes and times before (or after) now.
struct why_writer {
  const std::map<node_id, std::string>& names;
  protocol::instant now;

  [[nodiscard]] json who(const incarnation& node) const {
    const auto found = names.find(node.node);
    const bool named = found != names.end() && !found->second.empty();
    return {{"name", named ? found->second : node.node.short_text()},
            {"id", node.node.text()},
            {"epoch", std::to_string(protocol::number(node.epoch))}};
  }
  [[nodiscard]] std::int64_t ms_since(protocol::instant then) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
  }
  [[nodiscard]] json span(const message_explanation::span& span) const {
    json object{{"first", std::to_string(span.first)}, {"last", std::to_string(span.last)}};
    if (span.sender) object["from"] = who(*span.sender);
    return object;
  }
  [[nodiscard]] json spans(const std::vector<message_explanation::span>& all) const {
    auto list = json::array();
    for (const auto& one : all) list.push_back(span(one));
    return list;
  }
  [[nodiscard]] json holders(const std::vector<message_explanation::holder>& all) const {
    auto list = json::array();
    for (const auto& holder : all) {
      auto object = who(holder.who);
      object["standing"] = standing_text(holder.standing);
      object["origin"] = holder.origin;
      object["may_have_forgotten"] = holder.forgot;
      if (holder.row_heard) object["row_ms_ago"] = ms_since(*holder.row_heard);
      list.push_back(std::move(object));
    }
    return list;
  }
  [[nodiscard]] json absence(const message_explanation::absence& lacked) const {
    auto object = span(lacked.what);
    object["holders"] = holders(lacked.holders);
    object["attempts"] = lacked.attempts;
    if (lacked.noticed) object["noticed_ms_ago"] = ms_since(*lacked.noticed);
    if (lacked.asked) {
      object["asked"] = who(*lacked.asked);
      object["asked_ms_ago"] = ms_since(lacked.asked_at);
    }
    if (lacked.ask_at)
      object["asks_again_in_ms"] = std::max<std::int64_t>(-ms_since(*lacked.ask_at), 0);
    return object;
  }

  void waiting(json& object, const message_explanation& told) const {
    if (told.arrived) object["arrived_ms_ago"] = ms_since(*told.arrived);
    object["waits_for"] = spans(told.waits_for);
    object["stream_full"] = told.stream_full;
  }
  void missing(json& object, const message_explanation& told) const {
    auto& list = object["missing"] = json::array();
    for (const auto& lacked : told.missing) list.push_back(absence(lacked));
    object["missing_more"] = told.missing_more;
  }
  void delivered(json& object, const message_explanation& told) const {
    if (!told.delivered_at) return;
    object["delivered_ms_ago"] = ms_since(*told.delivered_at);
    object["delivered_at"] = time_text(
        std::chrono::system_clock::now() -
        std::chrono::duration_cast<std::chrono::system_clock::duration>(now - *told.delivered_at));
    object["held_us"] = std::chrono::duration_cast<std::chrono::microseconds>(told.held).count();
    if (told.after) object["after"] = span(*told.after);
  }
};

}  // namespace

json why_json(const node_facts& facts, const std::string& group, const message_explanation& told,
              const std::map<node_id, std::string>& names, protocol::instant now) {
  const why_writer write{names, now};
  json object{{"schema", "causerie.why/1"},
              {"node", facts.name},
              {"group", group},
              {"from", write.who(told.id.sender)},
              {"number", std::to_string(told.id.number)},
              {"state", fate_text(told.what)},
              {"control", told.control},
              {"newest", std::to_string(told.newest)}};
  if (told.sender_standing) object["sender_standing"] = standing_text(*told.sender_standing);
  if (told.parts.first != told.parts.last) object["parts"] = write.span(told.parts);
  if (told.causes) object["causes"] = write.spans(*told.causes);
  if (told.what == fate::waiting) write.waiting(object, told);
  if (told.what == fate::waiting || told.what == fate::missing) write.missing(object, told);
  if (told.what == fate::delivered) write.delivered(object, told);
  if (told.lost_because) {
    object["lost_because"] = cause_text(*told.lost_because);
    object["lost_ms_ago"] = write.ms_since(told.lost_at);
  }
  object["holders"] = write.holders(told.holders);
  auto& lacking = object["lacking"] = json::array();
  for (const auto& member : told.lacking) lacking.push_back(write.who(member));
  return object;
}

app_error unknown_message(const node_facts& facts, const std::string& group,
                          const std::string& sender, const message_explanation& told) {
  if (told.what == fate::unknown_sender)
    return {
        "sender-unknown", exit_code::no,
        fmt::format("'{}' is no member of group '{}', as {} sees it", sender, group, facts.name),
        "'causerie members' lists whom it knows; SENDER@LIFE names an earlier life"};
  app_error error{"message-unknown", exit_code::no,
                  fmt::format("nobody has told {} of message {} of '{}' in group '{}'", facts.name,
                              told.id.number, sender, group),
                  told.newest == 0
                      ? fmt::format("nothing of '{}' is known there", sender)
                      : fmt::format("the newest it knows of is 'causerie why {}/{}:{}'", group,
                                    sender, told.newest)};
  error.details["newest"] = std::to_string(told.newest);
  return error;
}

}  // namespace causerie::apps
