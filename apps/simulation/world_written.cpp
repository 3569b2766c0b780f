// SPDX-License-Identifier: BSL-1.0
// A world whose day somebody wrote: what it does differently, and what it tells of it.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "apps/checker/causes.hpp"
#include "apps/simulation/levels.hpp"
#include "apps/simulation/world.hpp"

namespace causerie::simulation {
namespace {

scenario scenario_of(const written_day& written) {
  auto made = *scenario_named("calm");
  made.name = "written";
  made.nodes_min = made.nodes_max = written.nodes;
  made.broadcasts_per_second = made.privates_per_second = 0;  // Each node has its own.
  made.large_payload_bytes_max = made.large_private_bytes_max = made.payload_bytes_max;
  return made;
}

net::sim_faults faults_with(const net::link_faults& weather) {
  net::sim_faults made;
  made.plan.everywhere = weather;
  return made;
}

}  // namespace

day day_of(const written_day& written) {
  day made;
  made.nodes = written.nodes;
  made.durable = written.durable;
  made.late_nodes = written.late_nodes;
  made.warm_up_ns = written.warm_up.count();
  made.heal_at_ns = made.warm_up_ns + written.lasts.count();
  made.end_at_ns = made.heal_at_ns + written.settle.count();
  return made;
}

std::vector<fault> faults_of(const written_day& written) {
  auto plan = written.faults;
  for (auto& what : plan) what.at_ns += written.warm_up.count();
  return plan;
}

world::world(const written_day& written, std::uint64_t seed, node_factory factory,
             const day_watch& watch)
    : world{scenario_of(written), seed, std::move(factory), {}, {}, &written} {
  watch_ = &watch;
  rules_.group = written.group;
  rules_.clock_errors_ms.resize(written.nodes);
  weather_.assign(written.nodes, faults_with(written.weather));
  for (std::size_t k = 0; k < hosts_.size(); ++k) {
    hosts_[k].broadcasts_per_second = written.broadcasts_per_second[k];
    hosts_[k].privates_per_second = written.privates_per_second[k];
    hosts_[k].talkers = 1;
  }
}

void world::begin_written() {
  if (watch_->on_begin) watch_->on_begin(now_ns_, unsettled());
  for (std::uint32_t k = 0; k < day_.nodes; ++k) network_.set_faults(address_of(k), weather_[k]);
}

void world::inject_written(const fault& what) {
  const bool took = take_written(what);
  if (watch_->on_fault) watch_->on_fault(now_ns_, what, took, network_.counted());
}

bool world::take_written(const fault& what) {
  auto& at = hosts_[what.node];
  switch (what.what) {
    case fault::kind::cut:
    case fault::kind::mend: cut(what); return true;
    case fault::kind::weather: change_weather(what); return true;
    case fault::kind::heal: lift_everything(); return true;
    case fault::kind::disk_room: at.disk.bytes_max.reset(); return true;
    case fault::kind::disk_slow: at.disk_slow_ns = what.lasts_ns; return true;
    case fault::kind::hand_over: {
      const bool told = at.node && tell_why(at);
      at.withheld.clear();
      return told;
    }
    case fault::kind::start:
      at.comes = true;
      if (at.node) return false;
      start(what.node);
      return at.node != nullptr;  // A journal cannot begin a life on a full disk.
    default: break;
  }
  if (!at.node || at.leaving) return false;
  switch (what.what) {
    case fault::kind::skew:
      at.wall_error_ms += what.lasts_ns / 1'000'000;
      ++node_faults_;
      return true;
    case fault::kind::disk_full: at.disk.bytes_max = 0; return true;
    case fault::kind::disk_fails: at.disk.fail_next_sync = true; return true;
    case fault::kind::withhold: at.withheld = what.text; return true;
    case fault::kind::kill_actor: {
      ++node_faults_;
      const bool took = at.resume_ns < 0 && at.node->kill_exactly(what.which, local(at));
      if (at.resume_ns < 0) settle(at);
      return took;
    }
    case fault::kind::leave: {
      const bool may = at.resume_ns < 0 && at.application->joined() && !at.application->ended();
      inject_into(at, what);
      return may;
    }
    default: inject_into(at, what); return true;
  }
}

void world::change_weather(const fault& what) {
  ++node_faults_;
  for (std::uint32_t from = 0; from < what.blocked.size(); ++from) {
    if (what.blocked[from] == 0) continue;
    for (std::uint32_t to = 0; to < what.blocked.size(); ++to)
      if ((what.blocked[from] >> to & 1) != 0)
        weather_[from].plan.towards[address_of(to)] = what.weather;
    network_.set_faults(address_of(from), weather_[from]);
  }
}

/// The network as at the beginning, and every running node awake. Whoever is down stays down.
void world::lift_everything() {
  std::fill(blocks_.begin(), blocks_.end(), 0);
  network_.heal_all();
  for (std::uint32_t k = 0; k < day_.nodes; ++k) {
    weather_[k] = faults_with(written_->weather);
    network_.set_faults(address_of(k), weather_[k]);
  }
  for (auto& at : hosts_) {
    mend(at);
    if (!at.node) continue;
    at.application->set_slow(0);
    if (at.resume_ns < 0) continue;
    at.resume_ns = now_ns_;
    resume(at);
  }
}

/// Asks the node, from whom a message is kept, why another one waits that somebody sent who had
/// delivered it, and tells the watch what it says.
bool world::tell_why(host& at) {
  std::vector<const checker::history*> lives;
  for (const auto& life : histories_) lives.push_back(&life);
  const auto found = checker::first_after(lives, at.withheld, name_at(at));
  if (!found) return false;
  const auto id_of = [&](const checker::seen_message& of) {
    const auto node = std::ranges::find(rules_.names, of.author) - rules_.names.begin();
    return protocol::message_id{
        {rules_.nodes[static_cast<std::size_t>(node)], protocol::boot_epoch{of.life}}, of.number};
  };
  const auto told = at.node->explain(id_of(found->later));
  if (!told) return false;
  const auto cause = id_of(found->cause);
  const bool named = std::ranges::any_of(told->missing, [&](const auto& absence) {
    return absence.what.sender == cause.sender && absence.what.first <= cause.number &&
           cause.number <= absence.what.last;
  });
  const bool waits = told->what == protocol::message_explanation::fate::waiting;
  if (watch_->on_news)
    watch_->on_news(now_ns_, number_of(at), "why",
                    {{"asked", found->later.message},
                     {"missing", at.withheld},
                     {"waits", waits ? "true" : "false"},
                     {"named", named ? "true" : "false"}});
  return true;
}

written_result world::written_outcome() {
  written_result made;
  for (const auto& at : hosts_) {
    made.running.push_back(at.node != nullptr && !at.leaving);
    if (at.node) made.gaps += at.application->gaps();
  }
  made.clock_errors_ms = rules_.clock_errors_ms;
  made.day = result();
  made.network = network_.counted();
  made.lives.assign(std::make_move_iterator(histories_.begin()),
                    std::make_move_iterator(histories_.end()));
  return made;
}

written_result live_written_day(const written_day& day, std::uint64_t seed,
                                const day_watch& watch) {
  auto factory = make_level(2);
  if (!factory) throw std::invalid_argument{"this program simulates no actors"};
  world place{day, seed, std::move(factory), watch};
  place.run();
  return place.written_outcome();
}

}  // namespace causerie::simulation
