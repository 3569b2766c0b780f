// SPDX-License-Identifier: BSL-1.0
#include <chrono>  // Before Asio, which chooses its allocation by what the library has defined.

#include <unistd.h>

#include <asio/steady_timer.hpp>

#include "actors/bridge/ask.hpp"
#include "actors/journal_opening.hpp"
#include "actors/node_state.hpp"
#include "net/udp/resolve.hpp"

namespace causerie {
namespace {

using protocol::failure;

constexpr auto leave_group_within = 2500ms;
constexpr auto leave_cluster_within = 700ms;

std::string default_name(const node_id& id) {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') return "node-" + id.short_text();
  return std::string{host} + "-" + id.short_text().substr(0, 4);
}

node_options checked(node_options options, const node_id& id) {
  if (options.name.empty()) options.name = default_name(id);
  if (options.name.size() > 64)
    throw std::invalid_argument{"the node's name '" + options.name + "' is longer than 64 bytes"};
  if (options.cluster.empty() || options.cluster.size() > 64)
    throw std::invalid_argument{"the cluster's name must have 1 to 64 bytes"};
  return options;
}

const char* text_of(actors::node_failure::cause what) {
  switch (what) {
    case actors::node_failure::cause::broken: return "broken";
    case actors::node_failure::cause::disk: return "disk";
    case actors::node_failure::cause::refused: return "refused";
  }
  return "?";
}

std::uint64_t seed_for(const node_options& options) {
  return options.seed != 0 ? options.seed : actors::random_seed();
}

protocol::membership_config membership_for(const node_options& options) {
  auto config = options.profile == network_profile::lan ? protocol::membership_config::lan()
                                                        : protocol::membership_config{};
  config.period = options.probe_period.value_or(config.period);
  return config;
}

actors::node_environment environment_of(node::state& node) {
  actors::node_environment given;
  given.system = &node.system;
  given.network = &node.faults;
  given.self = node.identity.self;
  given.name = node.options.name;
  given.cluster = node.options.cluster;
  given.seed = seed_for(node.options);
  given.membership = membership_for(node.options);
  given.wall = [error = node.clock_error_ms] {
    return protocol::wall_time{std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch()) +
                               std::chrono::milliseconds{error->load()}};
  };
  const auto events = node.events;
  given.journal = node.journal;
  given.journal_on_its_own_thread = node.options.sync_every_commit;
  given.on_occurrence = [events](actors::occurrence what) { events->add(std::move(what)); };
  given.on_failure = [events](actors::node_failure failure) {
    events->add(
        {"node", {{"what", "failed"}, {"cause", text_of(failure.what)}, {"why", failure.why}}});
  };
  given.next_epoch = [data = node.options.data](boot_epoch above) {
    return actors::next_epoch(data, above);
  };
  return given;
}

/// Waits until `done()` holds, looking every 10 ms: for things that have no event of their own.
template <class Condition>
asio::awaitable<bool> wait_for(asio::io_context& io, duration within, Condition done) {
  asio::steady_timer timer{io};
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    timer.expires_after(10ms);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

/// What the socket and the injected faults did with datagrams, beside what the link counts.
void add_network_counters(std::map<std::string, std::uint64_t>& all,
                          const net::udp_endpoint::counters& socket,
                          const net::fault_layer::counters& faults) {
  all["network.received"] = socket.received;
  all["network.sent"] = socket.sent;
  all["network.dropped_truncated"] = socket.dropped_truncated;
  all["network.dropped_queue_full"] = socket.dropped_queue_full;
  all["network.send_errors"] = socket.send_errors;
  all["network.refused"] = socket.refused;
  all["faults.lost"] = faults.lost;
  all["faults.withheld"] = faults.withheld;
  all["faults.duplicated"] = faults.duplicated;
  all["faults.delayed"] = faults.delayed;
  all["faults.reordered"] = faults.reordered;
  all["faults.cut"] = faults.cut;
  all["faults.corrupted"] = faults.corrupted;
  all["faults.dropped_full"] = faults.dropped_full;
}

}  // namespace

std::string name_book::of(const node_id& node) {
  const auto known = names_.find(node);
  if (known != names_.end()) return known->second;
  if (const auto context = node_.lock())
    for (const auto& member : context->members())
      if (!member.name.empty()) names_[member.who.node] = member.name;
  const auto found = names_.find(node);
  return found != names_.end() ? found->second : node.short_text();
}

node::state::state(asio::io_context& context, node_options given, caf::actor_system* hosts_system)
    : io{context},
      identity{actors::load_identity(given.data)},
      journal{actors::open_journal(given.data, given.sync_every_commit, given.journal_moved,
                                   journal_faults, identity)},
      endpoint{context, net::resolve(given.listen)},
      faults{context, endpoint, given.faults, given.fault_seed},
      system{hosts_system != nullptr
                 ? *hosts_system
                 : own_system.emplace((actors::use_asio_scheduler(config, context), config))},
      questions{system},
      core{(options = checked(std::move(given), identity.self.node), environment_of(*this))},
      names{core.context()} {
  std::vector<protocol::socket_address> seeds;
  for (const auto& seed : options.join) seeds.push_back(net::resolve(seed));
  core.start(seeds, now());
  if (options.stuck_after > duration{0})
    guard.emplace(io, core.context(), options.stuck_after, options.on_stuck);
}

node::state::~state() {
  guard.reset();
  core.stop();
  // Coroutines that the loop has not ended yet, and handles of groups, hold it too.
  if (journal) journal->close();
  questions.close();
  for (const auto& [_, inbox] : inboxes) {
    inbox->closed = true;
    inbox->arrived.close();
  }
}

protocol::instant node::state::now() const {
  return protocol::instant{std::chrono::steady_clock::now().time_since_epoch()};
}

node::node(asio::io_context& io, node_options options)
    : state_{std::make_unique<state>(io, std::move(options), nullptr)} {}
node::node(asio::io_context& io, node_options options, caf::actor_system& system)
    : state_{std::make_unique<state>(io, std::move(options), &system)} {}
node::~node() = default;

const node_id& node::id() const noexcept { return state_->identity.self.node; }
boot_epoch node::epoch() const noexcept { return state_->core.self().epoch; }
const std::string& node::name() const noexcept { return state_->options.name; }
protocol::socket_address node::address() const noexcept { return state_->faults.local_address(); }

protocol::group_config node::state::config_of(std::string group,
                                              const join_options& joining) const {
  protocol::group_config wanted;
  wanted.name = std::move(group);
  wanted.history = joining.history;
  wanted.members_max = options.group_limit;
  wanted.durable = joining.durable;
  wanted.require_majority = joining.require_majority;
  protocol::set_horizon(wanted, joining.horizon);
  wanted.history_messages_max = joining.keep.messages;
  wanted.history_bytes_max = joining.keep.bytes;
  wanted.history_age_max = joining.keep.age.value_or(wanted.history_age_max);
  return wanted;
}

asio::awaitable<group> node::join(std::string name, join_options options) {
  const auto config = state_->config_of(name, options);
  const auto opened = state_->core.open_group(config, state_->now());
  const auto room = opened ? *opened : nullptr;
  auto shared = std::make_shared<group::state>(state_->io, room, state_->core.context());
  shared->name = std::move(name);
  if (!room) {
    shared->error = opened.error();
    co_return group{std::move(shared)};
  }
  const std::weak_ptr<group::state> weak = shared;
  room->port.on_events([weak] {
    if (const auto handle = weak.lock()) handle->arrived.ring();
  });
  const auto error = co_await shared->fetch(std::chrono::steady_clock::now() + options.within);
  if (error && !shared->error) {
    shared->error = error;
    room->port.leave();
  }
  co_return group{std::move(shared)};
}

asio::awaitable<std::vector<member_view>> node::members() { co_return state_->core.members(); }

asio::awaitable<result<member_view>> node::find(std::string text) {
  std::optional<member_view> match;
  for (const auto& member : state_->core.members()) {
    if (member.name == text || member.who.node.text() == text) {
      // Several lives or nodes may carry one name: a live one is meant.
      if (!match || match->state >= member.state) match = member;
      if (member.who.node.text() == text) co_return member;
    }
  }
  if (match) co_return *match;
  for (const auto& member : state_->core.members()) {
    if (text.size() < 4 || !member.who.node.text().starts_with(text)) continue;
    if (match) co_return failure(protocol_errc::duplicate);
    match = member;
  }
  if (match) co_return *match;
  co_return failure(protocol_errc::unknown_peer);
}

asio::awaitable<std::vector<actor_view>> node::actors() {
  std::vector<actor_view> views;
  for (auto& status : state_->core.actors())
    views.push_back({std::move(status.path), std::move(status.kind), status.mailbox,
                     status.restarts, status.alive, status.stuck_for, status.stuck_times});
  co_return views;
}

asio::awaitable<result<message_explanation>> node::why(std::string group, message_id id,
                                                       duration within) {
  const auto context = state_->core.context();
  const auto room = context->machines.find(group);
  if (!room) co_return failure(protocol_errc::not_a_member);
  asio::steady_timer pause{state_->io};
  const auto deadline = std::chrono::steady_clock::now() + within;
  for (;;) {
    if (context->stopping) co_return failure(protocol_errc::closed);
    auto told = co_await actors::ask<message_explanation>(state_->questions,
                                                          context->staff.orderer(room->port.id()),
                                                          within, actors::explain_message{id});
    // Killed just now: its successor knows as much.
    if (told || std::chrono::steady_clock::now() >= deadline) co_return told;
    pause.expires_after(10ms);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<result<void>> node::kill(std::string path) {
  if (!state_->core.kill(path)) co_return failure(protocol_errc::unknown_peer);
  state_->events->add({"actor", {{"path", path}, {"what", "killed"}}});
  co_return result<void>{};
}

asio::awaitable<std::map<std::string, std::uint64_t>> node::counters() {
  std::map<std::string, std::uint64_t> all;
  add_network_counters(all, state_->endpoint.counted(), state_->faults.counted());
  all["node.rebuilt"] = state_->core.rebuilds();
  for (const auto& actor : state_->core.actors()) all["node.stuck"] += actor.stuck_times;
  const auto context = state_->core.context();
  const auto& hub = state_->questions;
  const auto add = [&](std::string prefix, auto whom) -> asio::awaitable<void> {
    if (context->stopping) co_return;  // The node has gone while we waited, and its hub with it.
    auto answer =
        co_await actors::ask<actors::counter_list>(hub, whom, 1s, actors::report_counters{});
    if (!answer) co_return;  // Killed just now: its counters come with the next call.
    for (auto& [name, value] : *answer) all[prefix + name] = value;
  };
  const auto& staff = context->staff;
  co_await add("link.", staff.courier());
  co_await add("channel.", staff.channels());
  co_await add("membership.", staff.membership());
  co_await add("detector.", staff.detector());
  for (const auto& room : context->machines.rooms())
    co_await add("group." + room->port.config().name + ".", staff.orderer(room->port.id()));
  co_return all;
}

asio::awaitable<std::vector<node_event>> node::events(std::uint64_t since) {
  const auto ring = state_->events;
  const auto signal = std::make_shared<actors::wake_signal>(state_->io.get_executor());
  for (;;) {
    ring->watch(signal);
    auto found = ring->behind(since);
    if (!found.empty()) co_return found;
    if (co_await signal->wait()) co_return found;
  }
}

void node::set_faults(net::fault_plan plan) { state_->faults.set_plan(std::move(plan)); }
void node::set_clock_error(duration error) {
  *state_->clock_error_ms = std::chrono::duration_cast<std::chrono::milliseconds>(error).count();
}

result<void> node::set_disk_faults(const disk_faults& what) {
  if (!state_->journal) return failure(protocol_errc::refused);
  auto& faults = *state_->journal_faults;
  faults.full = what.full;
  faults.slow_ns = what.slow.count();
  faults.fail_next_sync = what.fail_next_sync;
  return {};
}

std::vector<std::string> node::kept_groups() {
  if (!state_->journal) return {};
  return state_->journal->groups().value_or(std::vector<std::string>{});
}

asio::awaitable<void> node::leave() {
  const auto context = state_->core.context();
  for (const auto& room : context->machines.rooms()) room->port.leave();
  co_await wait_for(state_->io, leave_group_within, [&] {
    for (const auto& room : context->machines.rooms())
      if (!room->port.ended()) return false;
    return true;
  });
  state_->core.leave_cluster();
  co_await wait_for(state_->io, leave_cluster_within, [&] { return state_->core.has_left(); });
  actors::tell(context->staff.courier(), actors::close_links{});
  asio::steady_timer timer{state_->io, 20ms};
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace causerie
