// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/node/live_node.hpp"

#include <algorithm>

#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/cli/units.hpp"
#include "apps/causerie/control/answers.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using wall_clock = std::chrono::system_clock;

/// Joining goes on behind the backs of those who ask: their deadlines are not the group's.
constexpr auto join_patience = std::chrono::hours{24 * 365};

std::int64_t microseconds(duration value) {
  return std::chrono::duration_cast<std::chrono::microseconds>(value).count();
}

/// A group that this node is in on behalf of its users.
struct room {
  explicit room(asio::io_context& io) : events{std::make_shared<feed>(io.get_executor())} {}
  std::optional<group> membership;  ///< None while joining.
  std::error_code error;            ///< Why joining failed, or that the membership has ended.
  std::shared_ptr<feed> events;
};

}  // namespace

struct live_node::state : std::enable_shared_from_this<state> {
  state(asio::io_context& context, node_options options, join_options how)
      : io{context},
        way_to_join{std::move(how)},
        cluster{options.cluster},
        inbox{std::make_shared<feed>(io.get_executor())},
        happenings{std::make_shared<feed>(io.get_executor())},
        node{std::make_unique<causerie::node>(io, std::move(options))} {}

  void happen(json event) {
    event["id"] = std::to_string(happenings->last() + 1);
    happenings->push(json_line(event));
  }
  void happen(const char* type, json fields, wall_clock::time_point when = wall_clock::now()) {
    happen({{"schema", "causerie.event/1"},
            {"at", time_text(when)},
            {"time_ns", time_ns_text(when)},
            {"type", type},
            {"fields", std::move(fields)}});
  }

  asio::awaitable<void> take_private_messages() {
    const auto self = shared_from_this();
    while (node) {
      const auto received = co_await node->receive();
      if (!received) break;
      inbox->push(json_line(private_message_json(*received)));
      happen("recv",
             {{"from", received->from}, {"private", true}, {"bytes", received->payload.size()}});
    }
  }

  asio::awaitable<void> take_node_events() {
    const auto self = shared_from_this();
    for (std::uint64_t seen = 0; node;) {
      const auto events = co_await node->events(seen);
      if (events.empty()) break;
      for (const auto& event : events) {
        happen(node_event_json(event));
        note_failure(event);
        seen = event.id;
      }
    }
  }

  void note_failure(const node_event& event) {
    if (event.type != "node" || failure) return;
    node_failure noted;
    bool failed = false;
    for (const auto& [name, value] : event.fields) {
      if (name == "what") failed = value == "failed";
      if (name == "cause") noted.cause = value;
      if (name == "why") noted.why = value;
    }
    if (!failed) return;
    failure = std::move(noted);
    has_failed.cancel();
  }

  asio::awaitable<void> learn_names() {
    if (!node) co_return;
    for (const auto& member : co_await node->members())
      if (!member.name.empty()) names[member.who.node] = member.name;
  }

  /// Who an event is about, if it is about one node.
  static const node_id* subject_of(const group_event& event) {
    if (const auto* it = std::get_if<protocol::message_event>(&event.what))
      return &it->id.sender.node;
    if (const auto* it = std::get_if<protocol::member_up_event>(&event.what)) return &it->who.node;
    if (const auto* it = std::get_if<protocol::member_left_event>(&event.what))
      return &it->who.node;
    if (const auto* it = std::get_if<protocol::member_down_event>(&event.what))
      return &it->who.node;
    return nullptr;
  }

  asio::awaitable<void> take_group_events(std::string name, std::shared_ptr<room> in) {
    const auto self = shared_from_this();
    while (node) {
      const auto event = co_await in->membership->next();
      if (!event) break;
      const auto* subject = subject_of(*event);
      if (subject == nullptr || !names.contains(*subject)) co_await learn_names();
      if (const auto object = group_event_json(name, *event, names); !object.is_null()) {
        in->events->push(json_line(object));
        if (const auto* said = std::get_if<protocol::message_event>(&event->what))
          happen("recv", {{"group", name},
                          {"from", object["from"]},
                          {"number", object["number"]},
                          {"held_us", microseconds(said->held)}});
      }
      in->membership->commit(event->position);
      if (std::holds_alternative<protocol::ended_event>(event->what)) break;
    }
    in->error = make_error_code(protocol_errc::not_a_member);
    in->events->close();
  }

  asio::awaitable<void> join(std::string name, std::shared_ptr<room> in) {
    const auto self = shared_from_this();
    auto membership = co_await node->join(name, way_to_join);
    if (membership) {
      in->membership.emplace(std::move(membership));
      co_await take_group_events(name, in);
    } else {
      in->error = membership.error();
      in->events->close();
    }
  }

  /// The group, which is being joined now if it was not before.
  std::shared_ptr<room> room_of(const std::string& name) {
    auto& known = rooms[name];
    if (!known) {
      known = std::make_shared<room>(io);
      asio::co_spawn(io, join(name, known), asio::detached);
    }
    return known;
  }

  /// The group, joined now if it is not yet; users that ask meanwhile wait for the same joining.
  asio::awaitable<result<std::shared_ptr<room>>> enter(std::string name, duration within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    const auto entered = room_of(name);
    asio::steady_timer pause{io};
    while (!entered->membership && !entered->error) {
      if (std::chrono::steady_clock::now() >= deadline)
        co_return protocol::failure(protocol_errc::timed_out);
      pause.expires_after(std::chrono::milliseconds{5});
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (entered->error) co_return protocol::failure(entered->error);
    co_return entered;
  }

  asio::io_context& io;
  join_options way_to_join;
  std::optional<node_failure> failure;
  asio::steady_timer has_failed{io, asio::steady_timer::time_point::max()};
  std::string cluster;
  std::chrono::system_clock::time_point started_at = std::chrono::system_clock::now();
  std::shared_ptr<feed> inbox, happenings;
  std::map<std::string, std::shared_ptr<room>> rooms;
  std::map<node_id, std::string> names;
  std::unique_ptr<causerie::node> node;
};

live_node::live_node(asio::io_context& io, node_options options, join_options membership) {
  membership.within = join_patience;
  state_ = std::make_shared<state>(io, std::move(options), std::move(membership));
  asio::co_spawn(io, state_->take_private_messages(), asio::detached);
  asio::co_spawn(io, state_->take_node_events(), asio::detached);
}

void live_node::rejoin() {
  for (const auto& name : state_->node->kept_groups()) (void)state_->room_of(name);
}

live_node::~live_node() {
  state_->inbox->close();
  state_->happenings->close();
  for (const auto& [_, room] : state_->rooms) room->events->close();
  state_->node.reset();
}

asio::awaitable<void> live_node::leave() { co_await state_->node->leave(); }
causerie::node& live_node::node() noexcept { return *state_->node; }

node_facts live_node::facts() const {
  const auto& node = *state_->node;
  node_facts facts;
  facts.name = node.name();
  facts.id = node.id();
  facts.epoch = node.epoch();
  facts.address = node.address();
  facts.cluster = state_->cluster;
  facts.pid = ::getpid();
  facts.started_at = state_->started_at;
  for (const auto& [name, room] : state_->rooms)
    if (room->membership && !room->error) facts.groups.push_back(name);
  return facts;
}

asio::awaitable<std::vector<member_view>> live_node::members() { return state_->node->members(); }
asio::awaitable<result<member_view>> live_node::find(std::string text) {
  return state_->node->find(std::move(text));
}
asio::awaitable<std::vector<actor_view>> live_node::actors() { return state_->node->actors(); }
asio::awaitable<std::map<std::string, std::uint64_t>> live_node::counters() {
  return state_->node->counters();
}
asio::awaitable<result<void>> live_node::kill(std::string path) {
  return state_->node->kill(std::move(path));
}

asio::awaitable<result<message_explanation>> live_node::why(std::string group, message_id id,
                                                            duration within) {
  return state_->node->why(std::move(group), id, within);
}

asio::awaitable<result<delivery>> live_node::send(node_id peer, std::string text, duration within) {
  state_->happen("send", {{"to", peer.short_text()}, {"private", true}, {"bytes", text.size()}});
  co_return co_await state_->node->send(peer, protocol::shared_bytes::copy_of(text), "main",
                                        within);
}

asio::awaitable<result<message_id>> live_node::publish(std::string group, std::string text,
                                                       duration within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  const auto room = co_await state_->enter(group, within);
  if (!room) co_return protocol::failure(room.error());
  const auto left = std::max(deadline - std::chrono::steady_clock::now(), duration{0});
  const auto begun = wall_clock::now();  // Others may have it before we know that it is sent.
  auto id = co_await (*room)->membership->send(text, left);
  if (id) state_->happen("send", {{"group", group}, {"number", std::to_string(id->number)}}, begun);
  co_return id;
}

asio::awaitable<result<std::shared_ptr<feed>>> live_node::listen(std::string group,
                                                                 duration within) {
  const auto room = co_await state_->enter(std::move(group), within);
  if (!room) co_return protocol::failure(room.error());
  co_return (*room)->events;
}

std::shared_ptr<feed> live_node::inbox() { return state_->inbox; }
std::shared_ptr<feed> live_node::happenings() { return state_->happenings; }
void live_node::set_faults(net::fault_plan plan) { state_->node->set_faults(std::move(plan)); }
void live_node::set_clock_error(duration error) { state_->node->set_clock_error(error); }
result<void> live_node::set_disk_faults(const disk_faults& what) {
  return state_->node->set_disk_faults(what);
}
const join_options& live_node::membership() const noexcept { return state_->way_to_join; }

asio::awaitable<node_failure> live_node::failure() {
  const auto self = state_;
  while (!self->failure) co_await self->has_failed.async_wait(net::as_result);
  co_return *self->failure;
}

protocol::instant live_node::now() const {
  return protocol::instant{std::chrono::steady_clock::now().time_since_epoch()};
}

}  // namespace causerie::apps
