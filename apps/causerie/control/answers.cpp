// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/answers.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/units.hpp"
#include "journal/journal_errors.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using protocol::protocol_errc;

std::string epoch_text(boot_epoch epoch) { return std::to_string(protocol::number(epoch)); }

std::string name_of(const node_id& id, const std::map<node_id, std::string>& names) {
  const auto found = names.find(id);
  return found == names.end() || found->second.empty() ? id.short_text() : found->second;
}

json accusations_json(const member_view& member, const std::map<node_id, std::string>& names) {
  auto list = json::array();
  for (const auto& said : member.accusations)
    list.push_back({{"name", name_of(said.accuser, names)},
                    {"id", said.accuser.text()},
                    {"why", said.refused ? "refused" : "no answer"}});
  return list;
}

json member_json(const node_facts& facts, const member_view& member,
                 const std::map<node_id, std::string>& names, protocol::instant now) {
  json object{
      {"name", member.name},
      {"id", member.who.node.text()},
      {"epoch", epoch_text(member.who.epoch)},
      {"incarnation", fmt::format("{}.{}", protocol::number(member.who.epoch), member.refutations)},
      {"address", member.address.text()},
      {"state", state_text(member.state)},
      {"self", member.who.node == facts.id}};
  if (member.round_trip)
    object["round_trip_us"] = std::chrono::duration<double, std::micro>{*member.round_trip}.count();
  if (member.last_heard)
    object["last_heard_ms_ago"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - *member.last_heard).count();
  if (member.health) object["health"] = *member.health;
  if (!member.accusations.empty()) object["suspected_by"] = accusations_json(member, names);
  return object;
}

/// Writes the part of a group event that depends on its kind.
struct event_writer {
  json& object;
  const std::map<node_id, std::string>& names;

  void kind(const char* schema) const { object["schema"] = schema; }
  void change(const char* what, const incarnation& who) const {
    kind("causerie.group-change/1");
    object["change"] = what;
    object["who"] = name_of(who.node, names);
    object["who_id"] = who.node.text();
  }

  void operator()(const protocol::message_event& event) const {
    kind("causerie.message/1");
    object["from"] = name_of(event.id.sender.node, names);
    object["from_id"] = event.id.sender.node.text();
    object["number"] = std::to_string(event.id.number);
    object["lamport"] = std::to_string(event.lamport);
    object["at"] = time_text(std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            event.sent_at.time_since_epoch())});
    object["text"] = std::string{event.payload.text()};
  }
  void operator()(const protocol::gap_event& event) const {
    kind("causerie.gap/1");
    object["cause"] = cause_text(event.why);
    auto& missing = object["missing"] = json::array();
    for (const auto& range : event.missing)
      missing.push_back({{"from", name_of(range.sender.node, names)},
                         {"from_id", range.sender.node.text()},
                         {"first", std::to_string(range.first)},
                         {"last", std::to_string(range.last)}});
  }
  void operator()(const protocol::joined_event& event) const {
    kind("causerie.group-change/1");
    object["change"] = "joined";
    auto& members = object["members"] = json::array();
    for (const auto& who : event.members) members.push_back(name_of(who.node, names));
  }
  void operator()(const protocol::member_up_event& event) const { change("up", event.who); }
  void operator()(const protocol::member_down_event& event) const { change("down", event.who); }
  void operator()(const protocol::member_left_event& event) const { change("left", event.who); }
  void operator()(const protocol::member_lagging_event& event) const {
    change("lagging", event.who);
  }
  void operator()(const protocol::ended_event& event) const {
    kind("causerie.group-change/1");
    object["change"] = "ended";
    object["reason"] = event.reason ? event.reason.message() : "left in order";
    if (!event.text.empty()) object["text"] = event.text;
  }
  void operator()(const protocol::stable_event&) const { object = nullptr; }
  void operator()(const protocol::majority_event& event) const {
    kind("causerie.group-change/1");
    object["change"] = event.held ? "majority" : "minority";
    object["here"] = event.here;
    object["of"] = event.of;
  }
};

}  // namespace

std::string_view cause_text(protocol::gap_event::cause why) {
  using cause = protocol::gap_event::cause;
  switch (why) {
    case cause::unreachable: return "unreachable";
    case cause::lagging: return "lagging";
    case cause::retention: return "retention";
    case cause::restart: return "restart";
  }
  return "unknown";
}

std::string state_text(protocol::member_state state) {
  switch (state) {
    case protocol::member_state::alive: return "alive";
    case protocol::member_state::suspect: return "suspect";
    case protocol::member_state::dead: return "dead";
    case protocol::member_state::left: return "left";
  }
  return "unknown";
}

json status_json(const node_facts& facts, const std::vector<member_view>& members,
                 const std::map<std::string, std::uint64_t>& counters) {
  json seen{{"alive", 0}, {"suspect", 0}, {"dead", 0}, {"left", 0}};
  for (const auto& member : members) {
    auto& count = seen[state_text(member.state)];
    count = count.get<int>() + 1;
  }
  auto figures = json::object();
  for (const auto& [name, value] : counters) figures[name] = std::to_string(value);
  const auto up = std::chrono::system_clock::now() - facts.started_at;
  return {{"schema", "causerie.status/1"},
          {"name", facts.name},
          {"id", facts.id.text()},
          {"epoch", epoch_text(facts.epoch)},
          {"address", facts.address.text()},
          {"cluster", facts.cluster},
          {"pid", facts.pid},
          {"started_at", time_text(facts.started_at)},
          {"up_ms", std::chrono::duration_cast<std::chrono::milliseconds>(up).count()},
          {"groups", facts.groups},
          {"members", std::move(seen)},
          {"counters", std::move(figures)}};
}

json members_json(const node_facts& facts, const std::vector<member_view>& members,
                  protocol::instant now) {
  auto list = json::array();
  std::map<node_id, std::string> names;
  for (const auto& member : members) names[member.who.node] = member.name;
  for (const auto& member : members) list.push_back(member_json(facts, member, names, now));
  return {{"schema", "causerie.members/1"}, {"node", facts.name}, {"members", std::move(list)}};
}

json actors_json(const node_facts& facts, const std::vector<actor_view>& actors) {
  auto list = json::array();
  for (const auto& actor : actors)
    list.push_back(
        {{"path", actor.path},
         {"kind", actor.kind},
         {"mailbox", actor.mailbox},
         {"restarts", actor.restarts},
         {"alive", actor.alive},
         {"stuck_ms",
          std::chrono::duration_cast<std::chrono::milliseconds>(actor.stuck_for).count()},
         {"stuck_times", actor.stuck_times}});
  return {{"schema", "causerie.actors/1"}, {"node", facts.name}, {"actors", std::move(list)}};
}

json message_id_json(const message_id& id) {
  return {{"sender", id.sender.node.text()},
          {"epoch", epoch_text(id.sender.epoch)},
          {"number", std::to_string(id.number)}};
}

json group_event_json(const std::string& group, const group_event& event,
                      const std::map<node_id, std::string>& names) {
  json object{{"group", group}, {"cursor", std::to_string(event.position)}};
  std::visit(event_writer{object, names}, event.what);
  return object;
}

json private_message_json(const private_message& received) {
  return {{"schema", "causerie.private-message/1"},
          {"from", received.from},
          {"from_id", received.sender.node.text()},
          {"position", std::to_string(received.position)},
          {"at", time_text(std::chrono::system_clock::now())},
          {"text", std::string{received.text()}}};
}

json node_event_json(const node_event& event) {
  json object{{"schema", "causerie.event/1"},
              {"at", time_text(event.at)},
              {"time_ns", time_ns_text(event.at)},
              {"type", event.type}};
  auto& fields = object["fields"] = json::object();
  for (const auto& [key, value] : event.fields) fields[key] = value;
  return object;
}

app_error error_about(std::error_code code, const std::string& subject) {
  const auto make = [&](const char* name, exit_code exit, std::string hint) {
    return app_error{name, exit, fmt::format("{}: {}", subject, code.message()), std::move(hint)};
  };
  if (code == protocol_errc::unknown_peer)
    return make("peer-unknown", exit_code::unavailable, "'causerie members' lists whom it knows");
  if (code == protocol_errc::unreachable)
    return make("peer-unreachable", exit_code::unavailable,
                "'causerie members' shows who is suspect or dead");
  if (code == protocol_errc::would_block || code == protocol_errc::timed_out)
    return make("timed-out", exit_code::timed_out, "a longer --timeout waits longer");
  if (code == protocol_errc::too_large)
    return make("too-large", exit_code::no, "split it, or send it as several messages");
  if (code == protocol_errc::refused)
    return make("refused", exit_code::refused, "'causerie status' tells the group's limit");
  if (code == protocol_errc::not_a_member || code == protocol_errc::closed)
    return make("not-a-member", exit_code::no, "a node joins a group once; start it again");
  if (code == journal::journal_errc::disk_full)
    return make("disk-full", exit_code::disk,
                "make room on the disk of its data folder; it goes on by itself then");
  if (journal::is_final(code))
    return make("disk-failed", exit_code::disk, "the node ends; start it again on a sound disk");
  return make("internal", exit_code::internal, "please report this");
}

}  // namespace causerie::apps
