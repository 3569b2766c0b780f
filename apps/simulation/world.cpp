// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "protocol/assert.hpp"

namespace causerie::simulation {
namespace {

constexpr std::size_t backlog_max = 4096;  // A stopped process's socket buffer.

scenario part_of(scenario today, const excerpt& only) {
  only.cut_down(today);
  return today;
}

}  // namespace

world::world(const scenario& today, std::uint64_t seed, node_factory factory, trace::sink lines,
             const excerpt& only)
    : world{today, seed, std::move(factory), std::move(lines), only, nullptr} {}

world::world(const scenario& today, std::uint64_t seed, node_factory factory, trace::sink lines,
             const excerpt& only, const written_day* written)
    : only_{only},
      today_{part_of(today, only)},
      written_{written},
      seed_{seed},
      random_{seed * 0x9e3779b97f4a7c15 + 1},
      day_{written ? day_of(*written) : draw_day(today_, random_.fork())},
      plan_{written ? faults_of(*written) : draw_faults(day_, random_.fork())},
      trace_{std::move(lines)},
      rules_{.today = today_, .log = trace_},
      network_{random_.next() + only.luck, 50us},
      blocks_(day_.nodes * day_.nodes),
      factory_{std::move(factory)},
      hosts_(day_.nodes) {
  cut_down();
  network_.set_faults(calm_weather(day_));
  result_.seed = seed;
  result_.day = day_.text();
  rules_.durable = day_.durable;
  rules_.little_room = day_.little_room;
  rules_.sometimes = &result_.sometimes;
  rules_.answers = today_.answers / static_cast<double>(std::max<std::size_t>(1, day_.nodes - 1));
  rules_.answers_left = 20'000;
  for (std::uint32_t k = 0; k < day_.nodes; ++k) {
    rules_.nodes.push_back(make_node(k, seed));
    rules_.names.push_back(fmt::format("n{}", written ? k + 1 : k));
    if (is_hostile(hosts_[k])) rules_.liar = rules_.names[k];
    hosts_[k].broadcasts_per_second = today_.broadcasts_per_second;
    hosts_[k].privates_per_second = today_.privates_per_second;
    hosts_[k].talkers = static_cast<double>(day_.nodes);
    auto& clock = hosts_[k].clock;
    if (!day_.clock_errors) continue;
    clock.skew_ns = random_.between(duration{0}, duration{50s}).count() - 25 * second_ns;
    clock.drift_ppm = static_cast<std::int64_t>(random_.below(401)) - 200;
  }
}

world::~world() = default;

/// Leaves out what is not in the excerpt, when everything has been drawn.
void world::cut_down() {
  only_.cut_down(day_);
  only_.cut_down(plan_);
  result_.lived = excerpt::whole(today_, day_, plan_);
  std::erase_if(*result_.lived.nodes, [this](auto node) { return !only_.has_node(node); });
  result_.lived.luck = only_.luck;
  heal_ns_ = day_.heal_at_ns;
  end_ns_ = day_.end_at_ns;
  if (only_.messages) rules_.messages_left = *only_.messages;
  if (only_.luck != 0) random_ = protocol::random_source{random_.next() + only_.luck};
}

protocol::socket_address world::address_of(std::uint32_t node) {
  return protocol::socket_address::v4(10, 0, static_cast<std::uint8_t>(node >> 8),
                                      static_cast<std::uint8_t>(node), 7450);
}

void world::run() {
  bool founded = false;
  for (std::uint32_t k = 0; k < day_.nodes; ++k) {
    if (!only_.has_node(k)) continue;
    const bool late = k >= day_.nodes - day_.late_nodes;
    if (late && written_) continue;
    const auto at = late ? day_.warm_up_ns + random_.between(duration{0}, duration{20s}).count()
                         : random_.between(duration{0}, duration{1s}).count();
    heap_.push(std::exchange(founded, true) ? at : 0, happening::restart, k);
  }
  heap_.push(day_.warm_up_ns, happening::look, nobody);
  if (!plan_.empty()) heap_.push(plan_.front().at_ns, happening::fault, nobody);
  while (!done_) {
    try {
      step();
    } catch (const protocol::broken_invariant& broken) {
      violated("invariant", fmt::format("at {:.3f} s an invariant broke: {}",
                                        static_cast<double>(now_ns_) / second_ns, broken.what()));
      done_ = true;
    }
  }
}

/// The next arrival or the next event, whichever is first. The observer looks for ever, so there
/// always is one.
void world::step() {
  const auto arrival = network_.next_event();
  const auto arrival_ns = arrival ? arrival->time_since_epoch().count() : 0;
  if (arrival && arrival_ns <= heap_.top().at_ns) {
    now_ns_ = arrival_ns;
    network_.step();
    return;
  }
  const auto next = heap_.pop();
  now_ns_ = next.at_ns;
  network_.run_until(protocol::instant{duration{now_ns_}});
  handle(next);
}

void world::handle(const event& next) {
  switch (next.what) {
    case happening::look: return look();
    case happening::fault:
      inject(plan_[next_fault_]);
      if (++next_fault_ < plan_.size())
        heap_.push(plan_[next_fault_].at_ns, happening::fault, nobody);
      return;
    case happening::restart:
      if (!hosts_[next.node].node) start(next.node);
      return;
    default: break;
  }
  auto& at = hosts_[next.node];
  if (!at.node || next.generation != at.generation) return;
  if (next.what == happening::resume) return resume(at);
  if (next.what == happening::open) {
    at.node->open_group(group_of(at), local(at));
    return settle(at);
  }
  if (next.what == happening::wake) {
    if (next.at_ns == at.armed_ns) wake(at);
    return;
  }
  talk(at);
}

// --- the wire ---

void world::arrive(host& to, protocol::datagram_batch batch) {
  if (!to.withheld.empty()) withhold_from(to, batch);
  for (const auto& datagram : batch)
    trace_.note(now_ns_, "arrival", number_of(to), datagram.bytes.size(),
                quick_hash(datagram.bytes.view()));
  if (to.resume_ns >= 0) {
    if (to.backlog.size() < backlog_max)
      std::move(batch.begin(), batch.end(), std::back_inserter(to.backlog));
    return;
  }
  to.port->pass_on(std::move(batch));
  to.node->run(local(to));
  settle(to);
}

/// A message's text begins with its id and a blank.
void world::withhold_from(host& to, protocol::datagram_batch& batch) {
  const auto text = to.withheld + ' ';
  const auto bytes = std::as_bytes(std::span{text});
  result_.sometimes["datagram withheld"] +=
      std::erase_if(batch, [&](const protocol::datagram& datagram) {
        return !std::ranges::search(datagram.bytes.view(), bytes).empty();
      });
}

/// Who is paused hears of it from the next datagram that it sends there.
void world::refuse(host& to, protocol::socket_address where) {
  if (to.resume_ns >= 0) return;
  trace_.note(now_ns_, "refusal", number_of(to), where.port, where.ip.back());
  to.port->pass_on_refusal(where);
  to.node->run(local(to));
  settle(to);
}

// --- a node's turn ---

void world::wake(host& at) {
  at.armed_ns = -1;
  if (at.resume_ns >= 0) return;
  // Deadlines move on, and nothing is ever taken out of the heap.
  if (const auto deadline = at.node->next_deadline(); !deadline || *deadline > local(at))
    return arm(at);
  at.node->run(local(at));
  settle(at);
}

void world::resume(host& at) {
  if (at.resume_ns >= 0 && now_ns_ >= at.resume_ns) {
    at.resume_ns = -1;
    trace_.note(now_ns_, "resume", number_of(at));
    if (!at.backlog.empty()) at.port->pass_on(std::exchange(at.backlog, {}));
    at.node->run(local(at));
  }
  at.resting = false;
  if (at.resume_ns < 0) settle(at);
}

void world::settle(host& at) {
  if (const auto life = at.node->life(); life != 0 && life != at.life) begin_again(at);
  for (int rounds = 0; rounds < 1000; ++rounds)
    if (!at.application->listen(*at.node, now_ns_, local(at))) break;
  if (at.application->resting(now_ns_) && !at.resting) {
    at.resting = true;
    heap_.push(at.application->next_listen_ns(), happening::resume, number_of(at), at.generation);
  }
  see_to_leaving(at);
  if (at.node) arm(at);
}

void world::arm(host& at) {
  const auto deadline = at.node->next_deadline();
  if (!deadline) return;
  const auto due = std::max(at.clock.world(*deadline), now_ns_ + 1);
  if (at.armed_ns >= 0 && at.armed_ns <= due) return;
  at.armed_ns = due;
  heap_.push(due, happening::wake, number_of(at), at.generation);
}

/// A node that was refused, or has left, comes back as another incarnation.
void world::see_to_leaving(host& at) {
  if (!at.application->ended()) return;
  if (!at.left_group) {
    at.left_group = true;
    if (at.node->disk_failed()) {
      ++result_.sometimes["ended, its disk failed"];
      at.restart_after_ns = written_ ? -1 : second_ns;
    } else if (!at.leaving) {
      ++result_.sometimes["refused by the group"];
      at.restart_after_ns = day_.full_house && now_ns_ >= heal_ns_ ? -1 : second_ns;
    }
    at.node->leave_cluster(local(at));
  }
  if (!at.node->has_left()) return;
  const auto number = number_of(at);
  trace_.note(now_ns_, "gone", number);
  if (at.node->disk_failed() && watch_ != nullptr && watch_->on_news)
    watch_->on_news(now_ns_, number, "node", {{"what", "ended"}, {"status", "74"}});
  const auto again = at.restart_after_ns;
  stop(at);
  if (again >= 0) heap_.push(now_ns_ + again, happening::restart, number);
}

void world::schedule_talk(host& at) {
  const auto rate = (at.broadcasts_per_second + at.privates_per_second) / at.talkers;
  if (rate <= 0) return;
  const auto pause = -std::log(1 - random_.unit()) / rate;
  const auto from = written_ ? std::max(now_ns_, day_.warm_up_ns) : now_ns_;
  heap_.push(from + static_cast<std::int64_t>(pause * 1e9), happening::talk, number_of(at),
             at.generation);
}

void world::talk(host& at) {
  if (healed_ && (written_ || now_ns_ > heal_ns_ + second_ns)) return;
  schedule_talk(at);
  const bool takes_part = at.application->joined() || is_hostile(at);
  if (at.resume_ns >= 0 || at.leaving || !takes_part || at.application->ended()) return;
  const auto all = at.broadcasts_per_second + at.privates_per_second;
  const auto& speaker = *at.application;
  const bool may_say = today_.broadcasts_each == 0 || speaker.said() < today_.broadcasts_each;
  const bool may_whisper =
      day_.nodes > 1 && (today_.privates_each == 0 || speaker.whispered() < today_.privates_each);
  if (random_.unit() * all < at.broadcasts_per_second) {
    if (may_say) at.application->say(*at.node, now_ns_, local(at));
  } else if (may_whisper) {
    auto to = static_cast<std::uint32_t>(random_.below(day_.nodes - 1));
    if (to >= number_of(at)) ++to;
    if (only_.has_node(to)) at.application->whisper(*at.node, to, now_ns_, local(at));
  }
  settle(at);
}

}  // namespace causerie::simulation
