// SPDX-License-Identifier: BSL-1.0
// The lives of nodes: how one begins, ends, and begins again.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apps/simulation/world.hpp"
#include "protocol/planted.hpp"

namespace causerie::simulation {
namespace {

/// A few messages fill each.
protocol::channel_config little_room_for_channels() {
  protocol::channel_config config;
  config.queue_messages_max = 12;
  config.queue_bytes_max = 64 * 1024;
  config.window_bytes = 4 * 1024;
  config.window_bytes_max = 16 * 1024;
  config.link_bytes_max = 32 * 1024;
  config.node_bytes_max = 64 * 1024;
  return config;
}

void leave_little_room(protocol::group_config& config, std::size_t nodes) {
  config.own_window_bytes = 24 * 1024;
  config.unstable_bytes_max = nodes * config.own_window_bytes;
  config.down_bytes_max = 48 * 1024;
  config.pending_bytes_max = 24 * 1024;
  config.stream_events_max = 24;
  config.stream_bytes_max = 32 * 1024;
  config.window = 48;
  config.park_after = 1s;
}

}  // namespace

node_environment world::environment_of(std::uint32_t node) {
  auto& at = hosts_[node];
  node_environment made;
  made.self = {rules_.nodes[node], protocol::boot_epoch{at.life}};
  made.name = rules_.names[node];
  made.address = address_of(node);
  made.seed = random_.next();
  made.network = at.port.get();
  made.wall_error_ms = &at.wall_error_ms;
  if (watch_ != nullptr && watch_->on_news)
    made.on_news = [this, node](const std::string& type, const day_watch::news_fields& fields) {
      watch_->on_news(now_ns_, node, type, fields);
    };
  if (day_.durable) made.disk = &at.disk;
  if (day_.little_room) made.channels = little_room_for_channels();
  made.disk_synced = written_ != nullptr || day_.power_cuts;
  if (written_ != nullptr) made.disk_slow_ns = &at.disk_slow_ns;
  return made;
}

protocol::group_config world::group_of(const host& at) {
  protocol::group_config config;
  config.name = rules_.group;
  config.durable = day_.durable;
  if (day_.majorities) config.require_majority = day_.nodes;
  if (written_ != nullptr) protocol::set_horizon(config, written_->horizon);
  if (today_.history_recent && at.life > 1 && random_.chance(0.5))
    config.history = protocol::history_policy::recent;
  if (day_.tight_history) config.history_messages_max = random_.below(50);
  if (day_.little_room) leave_little_room(config, day_.nodes);
  if (day_.full_house) config.members_max = day_.nodes - 1;
  if (!day_.fast_horizon) return config;
  config.horizon = today_.fast_horizon;
  config.retire_after = today_.fast_horizon * 3 / 2;
  config.park_after = std::min<protocol::duration>(config.park_after, 2s);
  config.own_window_bytes = std::min<std::size_t>(config.own_window_bytes, 256 * 1024);
  config.history_bytes_max = 512 * 1024;
  config.history_messages_max = std::min<std::size_t>(config.history_messages_max, 500);
  config.history_age_max = today_.fast_horizon;
  return config;
}

/// Up to three others, running ones first; the very first node founds the cluster.
std::vector<protocol::socket_address> world::seeds_of(std::uint32_t node) {
  std::vector<std::uint32_t> running, others;
  for (std::uint32_t k = 0; k < day_.nodes; ++k)
    if (k != node && only_.has_node(k)) (hosts_[k].node ? running : others).push_back(k);
  std::vector<protocol::socket_address> seeds;
  if (now_ns_ == 0) return seeds;
  auto& from = running.empty() ? others : running;
  for (std::size_t i = 0; i < 3 && !from.empty(); ++i) {
    const auto which = random_.below(from.size());
    seeds.push_back(address_of(from[which]));
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(which));
  }
  return seeds;
}

void world::start(std::uint32_t node) {
  auto& at = hosts_[node];
  if (at.disk.bytes_max) return heap_.push(now_ns_ + second_ns, happening::restart, node);
  if (at.life == 0 || !protocol::planted(protocol::planted_bug::epoch_reused)) ++at.life;
  ++at.generation;
  at.started_ns = now_ns_;
  at.armed_ns = at.resume_ns = at.restart_after_ns = -1;
  at.leaving = at.left_group = at.resting = false;
  at.backlog.clear();
  const auto seeds = seeds_of(node);
  at.port = std::make_unique<tapped_port>(
      attach(node), [this, &at](protocol::datagram_batch batch) { arrive(at, std::move(batch)); },
      [this, &at](protocol::socket_address where) { refuse(at, where); });
  at.node = factory_(environment_of(node));
  at.application =
      std::make_unique<chatter>(rules_, node, at.life, random_.next(), histories_.emplace_back());
  if (at.before) at.application->remember(*at.before);
  if (at.before && at.before->interrupted()) {
    at.application->resume(*at.before, now_ns_);
    ++result_.sometimes["resumed from a journal"];
  }
  at.before.reset();
  trace_.note(now_ns_, "start", node, at.life);
  if (watch_ != nullptr && watch_->on_start) watch_->on_start(now_ns_, node, at.life);
  at.node->start(seeds, local(at));
  if (is_hostile(at))
    at.node->run(local(at));
  else if (day_.late_groups && now_ns_ < day_.warm_up_ns)
    heap_.push(now_ns_ + random_.between(duration{0}, duration{5s}).count(), happening::open, node,
               at.generation);
  else
    at.node->open_group(group_of(at), local(at));
  settle(at);
  schedule_talk(at);
}

void world::stop(host& at) {
  add_counted(result_.sometimes, at.node->counters());
  if (day_.hostile) count_dropped(at);
  for (std::size_t kind = 0; kind < std::size(actor_kind_names); ++kind) {
    const auto kills = at.node->actors_killed()[kind];
    at.actor_kills += kills;
    actor_kills_ += kills;
    if (kills != 0) result_.sometimes[fmt::format("{} killed", actor_kind_names[kind])] += kills;
  }
  if (at.node->livelocks() != 0)
    violated("livelock",
             fmt::format("{} asked for a deadline in the past again and again", name_at(at)));
  if (at.application->stream_faults() != 0)
    violated("stream", fmt::format("{}'s stream had {} holes or steps back", name_at(at),
                                   at.application->stream_faults()));
  at.port->close();
  at.node.reset();
  if (day_.power_cuts && random_.chance(0.5)) {
    ++result_.sometimes["power cut"];
    at.disk.cut_power(random_);
  } else {
    at.disk.kill();
  }
  if (day_.durable) at.before = std::move(at.application);
  at.application.reset();
  at.port.reset();
  ++at.generation;
}

void world::begin_again(host& at) {
  const auto number = number_of(at);
  at.application->set_slow(0);
  for (int rounds = 0; rounds < 1000; ++rounds)
    if (!at.application->listen(*at.node, now_ns_, local(at))) break;
  if (at.application->stream_faults() != 0)
    violated("stream", fmt::format("{}'s stream had {} holes or steps back", name_at(at),
                                   at.application->stream_faults()));
  at.life = at.node->life();
  at.started_ns = now_ns_;
  auto next = std::make_unique<chatter>(rules_, number, at.life, breakdowns_.next(),
                                        histories_.emplace_back());
  if (day_.durable && at.application->interrupted()) next->resume(*at.application, now_ns_);
  next->follow(*at.application);
  at.application = std::move(next);
  ++result_.sometimes["begun again in the same process"];
  trace_.note(now_ns_, "again", number, at.life);
}

}  // namespace causerie::simulation
