// SPDX-License-Identifier: BSL-1.0
#include "tests/protocol/causal/group_network.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace causerie::protocol::test {

group_network::group_network(std::uint64_t seed, group_config config)
    : chance{seed}, config_{std::move(config)} {
  if (config_.name.empty()) config_.name = "lobby";
}

std::size_t group_network::start() { return start_with(config_); }

std::size_t group_network::start_with(const group_config& config) {
  const auto index = nodes_.size();
  nodes_.emplace_back();
  nodes_[index].who.node.octets[0] = static_cast<std::uint8_t>(index + 1);
  nodes_[index].config = config;
  nodes_[index].config.name = config_.name;
  start_again(index);
  return index;
}

void group_network::start_again(std::size_t index) {
  auto& node = nodes_[index];
  const auto before = node.who;
  node.who.epoch = boot_epoch{++lives_};
  node.machine = std::make_unique<causal_group>(node.who, node.config, chance.next());
  node.up = node.reads = true;
  node.announced = false;
  node.read_up_to = 0;
  node.events.clear();
  if (!node.notebook.empty()) {
    node.machine->restore(node.notebook.image(), now_);
    node.read_up_to = node.notebook.image().committed;
    oracle.on_resume(before, node.who);
  }
  node.machine->join(now_);
  settle(index);
  tell_everybody();
}

void group_network::crash(std::size_t index) {
  nodes_[index].up = nodes_[index].announced = false;
  tell_everybody();
}

void group_network::partition(std::map<std::size_t, int> part_of) {
  part_of_ = std::move(part_of);
  tell_everybody();
}

bool group_network::connected(std::size_t a, std::size_t b) const {
  const auto part = [this](std::size_t node) {
    const auto found = part_of_.find(node);
    return found == part_of_.end() ? 0 : found->second;
  };
  return part(a) == part(b);
}

void group_network::tell_everybody() {
  at_time(now_ + detection, [this] {
    for (std::size_t i = 0; i < nodes_.size(); ++i) tell_membership(i);
  });
}

void group_network::tell_membership(std::size_t index) {
  if (!nodes_[index].up) return;
  auto& machine = *nodes_[index].machine;
  std::vector<incarnation> present;
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    const auto& node = nodes_[other];
    const bool reachable = node.up && connected(index, other);
    if (other == index) {
      if (node.announced) present.push_back(node.who);
      continue;
    }
    if (reachable) {
      machine.on_node_up(node.who, now_);
      if (node.announced) present.push_back(node.who);
    } else {
      machine.on_node_down(node.who, now_);
    }
  }
  machine.on_directory(present, true, now_);
  settle(index);
}

result<message_id> group_network::say(std::size_t index, const std::string& text,
                                      std::uint64_t request) {
  auto& node = nodes_[index];
  if (!node.reads) take(index);
  const auto said = node.machine->send(shared_bytes::copy_of(text), request,
                                       wall_time{std::chrono::milliseconds{1}}, now_);
  if (said) oracle.on_send(node.who, *said, text, now_);
  settle(index);
  return said;
}

void group_network::settle(std::size_t index) {
  auto& machine = *nodes_[index].machine;
  for (int round = 0; round < 2; ++round) {
    std::vector<causal_group::output> outputs;
    while (auto output = machine.poll()) outputs.push_back(std::move(*output));
    nodes_[index].notebook.keep(machine.take_notes());
    for (auto& said : outputs) {
      auto* output = &said;
      if (auto* frames_out = std::get_if<causal_group::send_frames>(&*output)) {
        for (const auto& to : frames_out->to) transmit(index, to, frames_out->frame.body, false);
      } else if (auto* internal = std::get_if<causal_group::send_internal>(&*output)) {
        transmit(index, internal->to, internal->body, true);
      } else if (auto* announce = std::get_if<causal_group::announce>(&*output)) {
        nodes_[index].announced = announce->present;
        tell_everybody();
      } else if (std::holds_alternative<causal_group::credit>(*output)) {
        ++credits;
      }
    }
    if (nodes_[index].reads) take(index);
    nodes_[index].notebook.keep(machine.take_notes());
  }
  if (auditing) machine.audit();
}

void group_network::take(std::size_t index) {
  auto& node = nodes_[index];
  const auto fresh = node.machine->read(node.read_up_to, 1u << 20);
  for (const auto& event : fresh) {
    oracle.on_event(node.who, event, now_);
    node.events.push_back(event);
    node.read_up_to = event.position;
  }
  if (node.reads && node.machine->committed() != node.read_up_to)
    node.machine->commit(node.read_up_to, now_);
}

void group_network::consume(std::size_t node, bool reads) {
  nodes_[node].reads = reads;
  if (reads) settle(node);
}

void group_network::kill_actor(std::size_t index) {
  nodes_[index].machine->on_restarted(now_);
  settle(index);
}

void group_network::transmit(std::size_t from, const node_id& to, const shared_bytes& body,
                             bool internal) {
  const auto index = static_cast<std::size_t>(to.octets[0]) - 1;
  if (!internal) {
    ++frames;
    if (body.view()[16] == std::byte{2}) ++row_frames;
  }
  if (drop && drop(from, index, body.view())) return;
  if (chance.chance(internal ? faults.internal_loss : faults.loss)) return;
  const auto copies = !internal && chance.chance(faults.duplicate) ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    at_time(now_ + chance.between(faults.delay_min, faults.delay_max),
            [this, index, who = nodes_[from].who, from, body, internal] {
              if (connected(from, index)) arrive(index, who, body, internal);
            });
}

void group_network::arrive(std::size_t to, const incarnation& from, const shared_bytes& body,
                           bool internal) {
  if (!nodes_[to].up) return;
  if (chance.chance(faults.mailbox_loss)) return kill_actor(to);
  auto& machine = *nodes_[to].machine;
  (void)(internal ? machine.on_internal(from, body, now_) : machine.on_frame(from, body, now_));
  settle(to);
}

bool group_network::step(instant until) {
  auto next = agenda_.empty() ? instant::max() : agenda_.begin()->first;
  std::size_t timer = nodes_.size();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].up) continue;
    const auto deadline = nodes_[i].machine->next_deadline();
    if (!deadline || *deadline >= next) continue;
    next = *deadline;
    timer = i;
  }
  if (next > until) return false;
  now_ = std::max(now_, next);
  if (timer < nodes_.size()) {
    ++timers;
    nodes_[timer].machine->on_deadline(now_);
    const auto after = nodes_[timer].machine->next_deadline();
    if (after && *after <= now_) throw std::logic_error{"a timer that does not move"};
    settle(timer);
    return true;
  }
  const auto happens = std::move(agenda_.begin()->second);
  agenda_.erase(agenda_.begin());
  happens();
  return true;
}

void group_network::run(duration time) {
  const auto until = now_ + time;
  while (step(until)) {}
  now_ = until;
}

bool group_network::run_until(const std::function<bool()>& done, duration time) {
  const auto until = now_ + time;
  while (!done())
    if (!step(until)) {
      now_ = until;
      return done();
    }
  return true;
}

bool group_network::all_active() {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& n) { return !n.up || n.machine->active(); });
}

bool group_network::converged() {
  std::map<incarnation, sequence> agreed;
  const auto alive = survivors();
  for (const auto& node : nodes_) {
    if (!node.up) continue;
    if (!node.machine->active()) return false;
    std::set<incarnation> seen;
    for (const auto& member : node.machine->members()) {
      seen.insert(member.who);
      const auto [entry, first] = agreed.emplace(member.who, member.delivered);
      if (!first && entry->second != member.delivered) return false;
    }
    for (const auto& who : alive)
      if (!seen.contains(who)) return false;
  }
  return true;
}

std::vector<incarnation> group_network::survivors() const {
  std::vector<incarnation> all;
  for (const auto& node : nodes_)
    if (node.up) all.push_back(node.who);
  return all;
}

std::vector<std::string> group_network::texts(std::size_t node) const {
  std::vector<std::string> all;
  for (const auto& message : events_of<message_event>(node))
    all.emplace_back(message.payload.text());
  return all;
}

void group_network::audit() {
  for (auto& node : nodes_)
    if (node.up) node.machine->audit();
}

std::string group_network::describe() {
  std::string text;
  for (auto& node : nodes_) {
    text +=
        fmt::format("{}.{} {}{}:", node.who.node.octets[0], number(node.who.epoch),
                    node.up ? "up" : "down", node.up && node.machine->active() ? " active" : "");
    if (node.up)
      for (const auto& member : node.machine->members())
        text += fmt::format(" {}.{}({})={}", member.who.node.octets[0], number(member.who.epoch),
                            "jadpl"[static_cast<int>(member.standing)], member.delivered);
    const auto& counts = node.machine->counters();
    text += fmt::format(
        " | pending {} stream {} asked {} unknown {} gaps {} retired {}/{} "
        "full {} window {} dup {} clock {}\n",
        counts.pending_messages, counts.stream_events, counts.requests_sent,
        counts.dropped_unknown_member, counts.gaps, counts.retired, counts.unretired,
        counts.dropped_pending_full, counts.dropped_window, counts.duplicates,
        counts.clock_entries);
  }
  return text;
}

namespace {

std::string name(const incarnation& who) {
  return fmt::format("{}.{}", who.node.octets[0], number(who.epoch));
}
std::string words_for(const joined_event&) { return "JOINED"; }
std::string words_for(const majority_event& x) { return x.held ? "MAJORITY" : "MINORITY"; }
std::string words_for(const message_event& m) {
  return fmt::format("{}:{}", name(m.id.sender), m.id.number);
}
std::string words_for(const gap_event& gap) {
  std::string text = "GAP";
  for (const auto& range : gap.missing)
    text += fmt::format(" {}:{}-{}", name(range.sender), range.first, range.last);
  return text;
}
std::string words_for(const member_up_event& m) { return "UP " + name(m.who); }
std::string words_for(const member_down_event& m) { return "DOWN " + name(m.who); }
std::string words_for(const member_left_event& m) { return "LEFT " + name(m.who); }
std::string words_for(const member_lagging_event& m) { return "LAGGING " + name(m.who); }
std::string words_for(const stable_event& s) { return fmt::format("STABLE {}", s.up_to); }
std::string words_for(const ended_event& e) { return "ENDED " + e.text; }

}  // namespace

std::string group_network::history() const {
  std::string text;
  for (const auto& node : nodes_) {
    text += name(node.who) + ":";
    for (const auto& event : node.events)
      text += ", " + std::visit([](const auto& what) { return words_for(what); }, event.what);
    text += '\n';
  }
  return text;
}

}  // namespace causerie::protocol::test
