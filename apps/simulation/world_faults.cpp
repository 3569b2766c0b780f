// SPDX-License-Identifier: BSL-1.0
// What goes wrong in a world, how it heals, and how it is judged.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apps/simulation/world.hpp"
#include "protocol/assert.hpp"

namespace causerie::simulation {
namespace {

constexpr std::int64_t look_every_ns = second_ns / 4;
constexpr std::uint64_t looks_per_audit = 2;
constexpr std::size_t violations_told_max = 8;

using checker::violation_kind;

/// Violations that more time could still cure.
constexpr violation_kind curable[] = {violation_kind::missing, violation_kind::private_missing,
                                      violation_kind::outcome_missing,
                                      violation_kind::false_stable};

}  // namespace

void world::inject(const fault& what) {
  if (now_ns_ >= heal_ns_ && what.what != fault::kind::mend && what.what != fault::kind::brisk)
    return;
  trace_.note(now_ns_, name_of(what.what), what.node, static_cast<std::uint64_t>(what.lasts_ns),
              static_cast<std::uint64_t>(what.which));
  if (written_) return inject_written(what);
  if (what.what == fault::kind::cut || what.what == fault::kind::mend) return cut(what);
  auto& at = hosts_[what.node];
  if (at.node && !at.leaving) inject_into(at, what);
}

/// A path is open again when every partition that cuts it is over.
void world::cut(const fault& what) {
  if (healed_) return;  // Healing has opened every path already.
  ++node_faults_;
  for (std::uint32_t from = 0; from < what.blocked.size(); ++from)
    for (std::uint32_t to = 0; to < what.blocked.size(); ++to) {
      if ((what.blocked[from] >> to & 1) == 0) continue;
      auto& blocks = blocks_[from * day_.nodes + to];
      if (what.what == fault::kind::cut && blocks++ == 0)
        network_.cut(address_of(from), address_of(to));
      if (what.what == fault::kind::mend && --blocks == 0)
        network_.heal(address_of(from), address_of(to));
    }
}

void world::inject_into(host& at, const fault& what) {
  ++node_faults_;
  switch (what.what) {
    case fault::kind::kill:
      ++result_.sometimes["process killed"];
      stop(at);
      if (what.lasts_ns >= 0) heap_.push(now_ns_ + what.lasts_ns, happening::restart, what.node);
      at.comes = what.lasts_ns >= 0;
      return;
    case fault::kind::pause:
      at.resume_ns = std::max(at.resume_ns, now_ns_ + what.lasts_ns);
      heap_.push(at.resume_ns, happening::resume, what.node, at.generation);
      return;
    case fault::kind::kill_actor:
      if (at.resume_ns < 0) at.node->kill_actor(what.which, local(at));
      break;
    case fault::kind::kill_application:
      if (at.resume_ns < 0) {
        at.application->forget_uncommitted();
        at.node->restart_application(local(at));
      }
      break;
    case fault::kind::slow: at.application->set_slow(what.lasts_ns); break;
    case fault::kind::brisk: at.application->set_slow(0); break;
    case fault::kind::leave:
      if (at.resume_ns >= 0 || !at.application->joined() || at.application->ended()) return;
      ++result_.sometimes["left in order"];
      at.leaving = true;
      at.restart_after_ns = what.lasts_ns;
      at.comes = what.lasts_ns >= 0;
      at.node->leave_group(local(at));
      break;
    default: return;
  }
  if (at.resume_ns < 0) settle(at);
}

/// Nodes that answer each other without end are a livelock that no single node can see.
void world::watch_for_storms() {
  const auto sent = network_.counted().sent - std::exchange(sent_, network_.counted().sent);
  const auto rate = today_.broadcasts_per_second + today_.privates_per_second;
  // By node and second; four times what the busiest quarter of a second of sound nodes took.
  const auto most = static_cast<double>(hosts_.size()) * (8000 + 50 * rate);
  if (written_ || static_cast<double>(sent) * second_ns <= most * look_every_ns) return;
  throw protocol::broken_invariant{fmt::format("{} datagrams within {} ms: a storm of answers",
                                               sent, look_every_ns / 1'000'000)};
}

void world::look() {
  if (looks_++ == 0) begin_chaos();
  watch_for_storms();
  if (today_.breakdowns != 0 && !healed_ && breakdowns_.chance(today_.breakdowns))
    break_something();
  // In turn: to audit a node takes as long as a hundred of its turns.
  if (looks_ % looks_per_audit == 0) audit(hosts_[looks_ / looks_per_audit % hosts_.size()]);
  if (!healed_ && now_ns_ >= heal_ns_) {
    if (everybody_has_said_all() || now_ns_ >= heal_ns_ + 120 * second_ns)
      begin_heal();
    else
      heal_ns_ += look_every_ns, end_ns_ += look_every_ns;
  }
  if (healed_ && now_ns_ > heal_ns_ + second_ns) {
    if (!unsettled().empty())
      equal_since_ns_ = -1;
    else if (equal_since_ns_ < 0)
      equal_since_ns_ = now_ns_;
    const bool last = now_ns_ >= end_ns_;
    const bool ripe = equal_since_ns_ >= 0 && now_ns_ >= next_judgement_ns_ &&
                      everything_answered() && misjudged().empty();
    if ((last || ripe) && judge(last)) {
      done_ = true;
      for (const auto& at : hosts_) audit(at);
      return;
    }
  }
  heap_.push(now_ns_ + look_every_ns, happening::look, nobody);
}

void world::break_something() {
  auto& at = hosts_[breakdowns_.below(hosts_.size())];
  const auto which = static_cast<actor_kind>(breakdowns_.below(actor_kind_count));
  if (!at.node || at.leaving || at.resume_ns >= 0) return;
  if (now_ns_ - at.broken_ns < 3 * second_ns) return;  // Five within ten seconds end a node.
  if (!at.node->break_machine(which, local(at))) return;
  ++node_faults_;
  at.broken_ns = now_ns_;
  trace_.note(now_ns_, "break", number_of(at), static_cast<std::uint64_t>(which));
}

void world::begin_chaos() {
  if (written_) return begin_written();
  std::vector<protocol::socket_address> everybody;
  for (std::uint32_t k = 0; k < day_.nodes; ++k) everybody.push_back(address_of(k));
  for (const auto& from : everybody)
    network_.set_faults(from, draw_weather(day_, everybody, random_));
}

void world::begin_heal() {
  healed_ = true;
  heal_ns_ = now_ns_;
  next_judgement_ns_ = now_ns_;
  rules_.answers_left = 0;
  rules_.healed_ns = now_ns_;
  network_.heal_all();
  for (std::uint32_t k = 0; k < day_.nodes; ++k)
    network_.set_faults(address_of(k), calm_weather(day_));
  trace_.note(now_ns_, "heal", 0);
  for (auto& at : hosts_) {
    mend(at);
    if (!at.node) {
      if (at.comes && at.life != 0) heap_.push(now_ns_, happening::restart, number_of(at));
      continue;
    }
    at.application->set_slow(0);
    if (at.resume_ns < 0) continue;
    at.resume_ns = now_ns_;
    resume(at);
  }
}

void world::mend(host& at) {
  at.disk.bytes_max.reset();
  at.disk_slow_ns = 0;
  at.withheld.clear();
}

bool world::everybody_has_said_all() const {
  if (rules_.messages_left == 0) return true;
  return std::all_of(hosts_.begin(), hosts_.end(), [&](const host& at) {
    return !at.node || is_hostile(at) ||
           (at.application->said() >= today_.broadcasts_each &&
            at.application->whispered() >= today_.privates_each);
  });
}

void world::audit(const host& at) const {
  if (!at.node) return;
  try {
    at.node->audit();
  } catch (const protocol::broken_invariant& broken) {
    throw protocol::broken_invariant{fmt::format("{}: {}", name_at(at), broken.what())};
  }
}

/// A cheap sign that no broadcast is left to come: everybody is a member, and all who know a sender
/// have come as far with it as anybody has heard it speak. A declared gap may reach further: it
/// counts the sender's goodbye too, which nobody hears as a message. What the dead had said of
/// another founding is not owed to a member whose stream began anew when it met that one. Who came
/// back after everybody else had died for good has nobody to join. Returns the first thing that
/// says otherwise; empty: nothing does.
std::string world::unsettled() const {
  const bool alone = std::count_if(hosts_.begin(), hosts_.end(), [this](const host& at) {
                       return at.node && !is_hostile(at);
                     }) == 1;
  std::map<protocol::incarnation, std::pair<protocol::sequence, std::uint32_t>> farthest;
  for (const auto& at : hosts_) {
    if (!at.node) continue;
    if (at.leaving) return fmt::format("{} has not left yet", name_at(at));
    if (!alone && !is_hostile(at) && !at.node->active())
      return fmt::format("{} is not an active member", name_at(at));
    for (const auto& [sender, heard] : at.application->progress())
      farthest[sender] = std::max(farthest[sender], {heard.delivered, number_of(at)});
  }
  for (const auto& at : hosts_) {
    if (!at.node) continue;
    for (const auto& [sender, heard] : at.application->progress()) {
      const auto [number, by] = farthest[sender];
      const auto& from = hosts_[node_number(sender.node)];
      const bool dead = !from.node || from.life != protocol::number(sender.epoch);
      if (dead && heard.at_joined != 0 && heard.delivered == heard.at_joined) continue;
      if (std::max(heard.delivered, heard.declared_lost) < number)
        return fmt::format("of {}.{} {} has {} and {} only {} messages",
                           rules_.names[node_number(sender.node)], protocol::number(sender.epoch),
                           rules_.names[by], number, name_at(at),
                           std::max(heard.delivered, heard.declared_lost));
    }
  }
  return {};
}

/// Outcomes of whispers to the dead come with their deadlines, long after all else is quiet.
bool world::everything_answered() const {
  return std::all_of(hosts_.begin(), hosts_.end(), [this](const host& at) {
    return !at.node || is_hostile(at) || at.application->unanswered() == 0;
  });
}

/// When all is well again, who runs must be alive in everybody's table under its present life, and
/// nobody else.
std::string world::misjudged() const {
  if (written_) return {};
  for (const auto& at : hosts_) {
    if (!at.node || at.leaving || is_hostile(at)) continue;
    if (auto wrong = misjudged_by(at); !wrong.empty()) return wrong;
  }
  return {};
}

std::string world::misjudged_by(const host& at) const {
  std::vector<bool> alive(hosts_.size());
  for (const auto& member : at.node->members()) {
    const auto number = node_number(member.who.node);
    const auto& there = hosts_[number];
    const auto epoch = protocol::number(member.who.epoch);
    alive[number] = member.state == protocol::member_state::alive && epoch == there.life;
    const bool live = alive[number] || member.state == protocol::member_state::suspect;
    if (live && !there.node)
      return fmt::format("{}.{} is gone, and lives on at {}", name_at(there), epoch, name_at(at));
  }
  for (const auto& there : hosts_)
    if (there.node && !there.leaving && !is_hostile(there) && !alive[number_of(there)])
      return fmt::format("{}.{} runs, and is not alive at {}", name_at(there), there.life,
                         name_at(at));
  return {};
}

bool world::judge(bool last) {
  for (auto& at : hosts_)
    if (at.node && at.application->joined() && !at.application->ended())
      at.application->history().entries.push_back(
          {.kind = checker::entry_kind::finish, .at_ns = now_ns_});
  auto verdict = ask_checker();
  std::uint64_t all = 0, may_pass = 0;
  for (const auto count : verdict.counts) all += count;
  for (const auto kind : curable) may_pass += verdict.count(kind);
  const bool wait = !last && all == may_pass && all != 0;
  if (wait) {
    for (auto& at : hosts_)
      if (at.node && at.application->joined() && !at.application->ended())
        at.application->history().entries.pop_back();
    next_judgement_ns_ = now_ns_ + 3 * second_ns;
    return false;
  }
  result_.converged_after = duration{(equal_since_ns_ < 0 ? now_ns_ : equal_since_ns_) - heal_ns_};
  for (const auto& what : verdict.violations)
    if (result_.violations.size() < violations_told_max)
      violated(std::string{name_of(what.kind)},
               fmt::format("{}: {}", name_of(what.kind), what.text));
  if (last && equal_since_ns_ < 0)
    violated("not converged", "not converged within the time to heal: " + unsettled());
  for (const auto& at : hosts_)
    if (at.node && !at.leaving && !is_hostile(at))
      for (const auto& [to, message] : at.application->unreached())
        if (hosts_[to].node && !hosts_[to].leaving && !is_hostile(hosts_[to]) &&
            hosts_[to].started_ns < heal_ns_)
          violated("unreached", fmt::format("{} did not reach {} though all was well", message,
                                            rules_.names[to]));
  if (last && !everything_answered()) violated("unanswered", "sends without an answer at the end");
  if (const auto wrong = last ? misjudged() : std::string{}; !wrong.empty())
    violated("misjudged", wrong);
  result_.verdict = std::move(verdict);
  return true;
}

void world::violated(std::string kind, std::string words) {
  result_.violations.push_back(std::move(words));
  auto& kinds = result_.kinds;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(std::move(kind));
}

seed_result world::result() {
  std::uint64_t gaps = 0;
  for (auto& at : hosts_) {
    if (!at.node) continue;
    gaps += at.application->gaps();
    stop(at);
  }
  if (gaps != 0 && !written_ && today_.breakdowns == 0 && !day_.gaps_may_happen())
    violated("gap without cause", fmt::format("{} gaps on a day without any cause for one", gaps));
  const auto& wire = network_.counted();
  const auto datagram_faults = wire.lost + wire.duplicated + wire.replayed + wire.cut;
  for (auto& row : result_.verdict.rows)
    for (const auto& at : hosts_)
      if (row.node == name_at(at)) row.actor_restarts = at.actor_kills;
  result_.actor_kills = actor_kills_;
  result_.lived.messages = only_.messages.value_or(all_messages) - rules_.messages_left;
  result_.faults = datagram_faults + node_faults_ + actor_kills_;
  result_.delivered = result_.verdict.deliveries + result_.verdict.private_deliveries;
  result_.vacuous = result_.delivered < delivered_min || result_.faults < faults_min;
  result_.virtual_time = duration{now_ns_};
  result_.trace_hash = trace_.hash();
  result_.trace_events = trace_.events();
  for (const auto& [name, count] : {std::pair{"datagram lost", wire.lost},
                                    {"datagram doubled", wire.duplicated},
                                    {"datagram replayed", wire.replayed},
                                    {"datagram refused", wire.refused},
                                    {"datagram into a partition", wire.cut}})
    if (count != 0) result_.sometimes[name] += count;
  return std::move(result_);
}

}  // namespace causerie::simulation
