// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/requests.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "apps/causerie/cli/nearest.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/answers.hpp"
#include "apps/causerie/control/fault_request.hpp"
#include "apps/causerie/control/why_answer.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using reply = asio::awaitable<control_reply>;
constexpr std::chrono::hours clock_error_max{24 * 365};
constexpr std::uint64_t disk_slow_ns_max = 600'000'000'000;

app_error bad_request(std::string why) {
  return {"bad-request", exit_code::usage, "control request: " + std::move(why)};
}

std::string text_of(const json& request, const char* key) {
  const auto found = request.find(key);
  if (found == request.end() || !found->is_string())
    throw bad_request(fmt::format("'{}' is missing", key));
  auto text = found->get<std::string>();
  if (text.size() > control_text_bytes_max)
    throw app_error{"too-large", exit_code::no,
                    fmt::format("a text of {} is too large", byte_size_text(text.size())),
                    fmt::format("at most {}", byte_size_text(control_text_bytes_max))};
  return text;
}

std::string group_of(const json& request) {
  auto name = text_of(request, "group");
  if (name.empty() || name.size() > protocol::group_name_bytes_max)
    throw app_error{"bad-group", exit_code::usage,
                    fmt::format("'{}' cannot be a group's name", name),
                    fmt::format("1 to {} bytes", protocol::group_name_bytes_max)};
  return name;
}

std::uint64_t number_of(const json& request, const char* key, std::uint64_t fallback) {
  const auto found = request.find(key);
  if (found == request.end()) return fallback;
  if (!found->is_number_unsigned()) throw bad_request(fmt::format("'{}' is no number", key));
  return found->get<std::uint64_t>();
}

/// How long the asker is prepared to wait; bounded, so that no request stays for ever.
duration within_of(const json& request) {
  const auto ms = std::min<std::uint64_t>(number_of(request, "within_ms", 5000), 600'000);
  return std::chrono::milliseconds{ms};
}

asio::awaitable<void> pause(duration length) {
  asio::steady_timer timer{co_await asio::this_coro::executor, length};
  co_await timer.async_wait(asio::use_awaitable);
}

reply do_address(node_service& node, json) {
  const auto facts = node.facts();
  co_return control_reply{.answer = {{"name", facts.name},
                                     {"address", facts.address.text()},
                                     {"cluster", facts.cluster}}};
}

reply do_status(node_service& node, json) {
  const auto members = co_await node.members();
  const auto counters = co_await node.counters();
  co_return control_reply{.answer = status_json(node.facts(), members, counters)};
}

reply do_members(node_service& node, json) {
  const auto members = co_await node.members();
  co_return control_reply{.answer = members_json(node.facts(), members, node.now())};
}

reply do_actors(node_service& node, json) {
  const auto actors = co_await node.actors();
  co_return control_reply{.answer = actors_json(node.facts(), actors)};
}

app_error not_acknowledged(const member_view& peer, delivery outcome, duration within,
                           protocol::instant now) {
  std::string heard = "never heard";
  if (peer.last_heard)
    heard = fmt::format("last heard {} ago", duration_text(now - *peer.last_heard));
  const bool alive = peer.state == protocol::member_state::alive;
  app_error error{alive ? "timed-out" : "peer-unreachable",
                  alive ? exit_code::timed_out : exit_code::unavailable,
                  fmt::format("'{}' did not acknowledge within {} ({}: {})", peer.name,
                              duration_text(within), heard, state_text(peer.state)),
                  "'causerie members' shows how it is seen; a longer --timeout waits longer"};
  error.details["outcome"] = outcome == delivery::not_sent ? "not-sent" : "unknown";
  return error;
}

reply do_send(node_service& node, json request) {
  const auto to = text_of(request, "to");
  const auto within = within_of(request);
  const auto peer = co_await node.find(to);
  if (!peer && peer.error() == protocol_errc::duplicate)
    throw app_error{"ambiguous", exit_code::usage,
                    fmt::format("the ids of several members begin with '{}'", to),
                    "more of the id tells them apart; 'causerie members --json' shows it all"};
  if (!peer) throw error_about(peer.error(), fmt::format("peer '{}'", to));
  if (peer->who.node == node.facts().id)
    throw app_error{"own-name", exit_code::usage, fmt::format("'{}' is this node itself", to),
                    "a private message goes to somebody else; --node says who sends"};
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = co_await node.send(peer->who.node, text_of(request, "text"), within);
  if (!outcome) throw error_about(outcome.error(), fmt::format("message to '{}'", to));
  if (*outcome != delivery::delivered) {
    const auto known = co_await node.find(peer->who.node.text());
    throw not_acknowledged(known ? *known : *peer, *outcome, within, node.now());
  }
  const auto took = std::chrono::steady_clock::now() - begun;
  co_return control_reply{
      .answer = {{"schema", "causerie.send/1"},
                 {"to", peer->name},
                 {"to_id", peer->who.node.text()},
                 {"outcome", "delivered"},
                 {"took_us", std::chrono::duration<double, std::micro>{took}.count()}}};
}

reply do_pub(node_service& node, json request) {
  const auto group = group_of(request);
  const auto id = co_await node.publish(group, text_of(request, "text"), within_of(request));
  if (!id) throw error_about(id.error(), fmt::format("group '{}'", group));
  co_return control_reply{
      .answer = {{"schema", "causerie.pub/1"},
                 {"group", group},
                 {"id", message_id_json(*id)},
                 {"message", fmt::format("{}/{}:{}", group, node.facts().name, id->number)}}};
}

/// `after`: only what comes behind that position; without it, from now on.
feed::reader reader_of(const std::shared_ptr<feed>& source, const json& request) {
  return source->read(number_of(request, "after", source->last()));
}

reply do_sub(node_service& node, json request) {
  const auto group = group_of(request);
  const auto source = co_await node.listen(group, within_of(request));
  if (!source) throw error_about(source.error(), fmt::format("group '{}'", group));
  co_return control_reply{.answer = nullptr, .stream = reader_of(*source, request)};
}

reply do_inbox(node_service& node, json request) {
  co_return control_reply{.answer = nullptr, .stream = reader_of(node.inbox(), request)};
}

reply do_watch(node_service& node, json request) {
  control_reply opened{.answer = nullptr, .stream = reader_of(node.happenings(), request)};
  if (const auto types = request.find("types"); types != request.end())
    for (const auto& type : *types)
      if (type.is_string()) opened.types.insert(type.get<std::string>());
  co_return opened;
}

std::optional<actor_view> actor_at(const std::vector<actor_view>& actors, const std::string& path) {
  const auto found = std::ranges::find(actors, path, &actor_view::path);
  return found == actors.end() ? std::nullopt : std::optional{*found};
}

app_error no_actor(const std::string& path, const std::vector<actor_view>& actors) {
  std::vector<std::string_view> known;
  for (const auto& actor : actors) known.push_back(actor.path);
  const auto near = nearest(path, known);
  return {"no-actor", exit_code::no, fmt::format("no actor is called '{}'", path),
          near.empty() ? std::string{"'causerie actors' lists all"}
                       : fmt::format("did you mean '{}'? 'causerie actors' lists all", near)};
}

/// Kills the actor and waits until its supervisor has brought it back.
reply do_kill(node_service& node, json request) {
  const auto path = text_of(request, "actor");
  const auto all = co_await node.actors();
  const auto before = actor_at(all, path);
  if (!before) throw no_actor(path, all);
  const auto begun = std::chrono::steady_clock::now();
  const auto killed = co_await node.kill(path);
  if (!killed) throw error_about(killed.error(), fmt::format("actor '{}'", path));
  const auto patience = begun + within_of(request);
  while (std::chrono::steady_clock::now() < patience) {
    const auto after = actor_at(co_await node.actors(), path);
    const auto took = std::chrono::steady_clock::now() - begun;
    if (after && after->alive && after->restarts > before->restarts)
      co_return control_reply{
          .answer = {{"schema", "causerie.kill/1"},
                     {"actor", path},
                     {"restarts", after->restarts},
                     {"took_us", std::chrono::duration<double, std::micro>{took}.count()}}};
    co_await pause(std::chrono::milliseconds{1});
  }
  throw app_error{"timed-out", exit_code::timed_out,
                  fmt::format("actor '{}' was killed and has not come back within {}", path,
                              duration_text(within_of(request))),
                  "'causerie actors' shows whether it is alive"};
}

app_error not_in_group(const node_facts& facts, const std::string& group) {
  std::vector<std::string_view> known{facts.groups.begin(), facts.groups.end()};
  const auto near = nearest(group, known);
  return {"no-group", exit_code::no, fmt::format("{} is not in group '{}'", facts.name, group),
          near.empty() ? fmt::format("'causerie sub {}' joins it", group)
                       : fmt::format("did you mean '{}'?", near)};
}

/// The group that is asked about, or the only one there is.
std::string known_group(const node_facts& facts, const json& request) {
  if (request.contains("group")) return group_of(request);
  if (facts.groups.size() == 1) return facts.groups.front();
  if (facts.groups.empty())
    throw app_error{"no-group", exit_code::no, fmt::format("{} is in no group", facts.name),
                    "'causerie sub GROUP' joins one"};
  throw app_error{
      "ambiguous", exit_code::usage,
      fmt::format("{} is in {} groups", facts.name, facts.groups.size()),
      fmt::format("write GROUP/SENDER:NUMBER; GROUP is one of {}", fmt::join(facts.groups, ", "))};
}

reply do_why(node_service& node, json request) {
  const auto sender = text_of(request, "sender");
  const auto facts = node.facts();
  const auto group = known_group(facts, request);
  const auto who = co_await node.find(sender);
  if (!who) throw error_about(who.error(), fmt::format("sender '{}'", sender));
  message_id id{who->who, number_of(request, "number", 0)};
  if (const auto life = number_of(request, "life", 0); life != 0)
    id.sender.epoch = boot_epoch{life};
  const auto told = co_await node.why(group, id, within_of(request));
  if (!told && told.error() == protocol_errc::not_a_member) throw not_in_group(facts, group);
  if (!told) throw error_about(told.error(), fmt::format("group '{}'", group));
  using fate = message_explanation::fate;
  if (told->what == fate::no_membership) throw not_in_group(facts, group);
  if (told->what == fate::unheard_of || told->what == fate::unknown_sender)
    throw unknown_message(facts, group, sender, *told);
  std::map<node_id, std::string> names;
  const auto members = co_await node.members();
  for (const auto& member : members) names[member.who.node] = member.name;
  co_return control_reply{.answer = why_json(facts, group, *told, names, node.now())};
}

reply do_faults(node_service& node, json request) {
  auto plan = fault_plan_from_json(request);
  if (!plan) throw bad_request(plan.error());
  node.set_faults(std::move(*plan));
  co_return control_reply{.answer = {{"schema", "causerie.faults/1"}}};
}

reply do_clock_error(node_service& node, json request) {
  const auto found = request.find("ms");
  if (found == request.end() || !found->is_number_integer()) throw bad_request("'ms' is no number");
  const std::chrono::milliseconds error{found->get<std::int64_t>()};
  if (error > clock_error_max || error < -clock_error_max)
    throw bad_request("'ms' is out of bounds");
  node.set_clock_error(error);
  co_return control_reply{.answer = {{"schema", "causerie.clock-error/1"}}};
}

bool says(const json& request, const char* key) {
  const auto found = request.find(key);
  if (found == request.end()) return false;
  if (!found->is_boolean()) throw bad_request(fmt::format("'{}' is neither true nor false", key));
  return found->get<bool>();
}

reply do_disk(node_service& node, json request) {
  const disk_faults what{.full = says(request, "full"),
                         .slow = std::chrono::nanoseconds{std::min<std::uint64_t>(
                             number_of(request, "slow_ns", 0), disk_slow_ns_max)},
                         .fail_next_sync = says(request, "fail")};
  if (!node.set_disk_faults(what))
    throw app_error{"no-journal", exit_code::no,
                    fmt::format("{} keeps no journal", node.facts().name),
                    "a node with --data, or a --name and no --memory-only, keeps one"};
  co_return control_reply{.answer = {{"schema", "causerie.disk/1"}}};
}

struct operation {
  std::string_view name;
  reply (*run)(node_service&, json);
};
constexpr operation operations[] = {
    {"address", do_address}, {"status", do_status}, {"members", do_members},
    {"actors", do_actors},   {"send", do_send},     {"pub", do_pub},
    {"sub", do_sub},         {"inbox", do_inbox},   {"watch", do_watch},
    {"kill", do_kill},       {"faults", do_faults}, {"clock-error", do_clock_error},
    {"why", do_why},         {"disk", do_disk},
};

}  // namespace

reply perform(node_service& node, json request) {
  if (!request.is_object()) throw bad_request("not an object");
  const auto what = text_of(request, "do");
  const auto found = std::ranges::find(operations, what, &operation::name);
  if (found == std::end(operations))
    throw app_error{"bad-request", exit_code::usage,
                    fmt::format("this node does not know how to '{}'", what),
                    "it may run another version of causerie: 'causerie version'"};
  auto done = co_await found->run(node, request);
  done.items_max = number_of(request, "items_max", UINT64_MAX);
  co_return done;
}

}  // namespace causerie::apps
