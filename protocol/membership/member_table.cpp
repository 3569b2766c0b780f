// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/member_table.hpp"

#include <algorithm>

#include "protocol/assert.hpp"
#include "protocol/membership/member_table_state.hpp"

namespace causerie::protocol {

using namespace swim;

namespace {

/// At most `name_bytes_max` bytes of well-formed UTF-8: cut between characters.
std::string fitting_name(std::string name) {
  if (name.size() > name_bytes_max) name.resize(name_bytes_max);
  while (!is_utf8(name)) name.pop_back();
  return name;
}

membership_config sane(membership_config config) {
  constexpr duration least = std::chrono::milliseconds{1};
  config.period = std::max(config.period, least);
  config.gossip_interval = std::max(config.gossip_interval, least);
  config.push_pull_interval = std::max(config.push_pull_interval, least);
  config.members_max = std::max<std::size_t>(config.members_max, 1);
  return config;
}

/// Room for those who were let in elsewhere while the last places were given away here.
std::size_t live_max(const membership_config& config) {
  return config.members_max + config.members_max / 8 + 8;
}

}  // namespace

member_table::state::state(incarnation who, std::string name, socket_address address,
                           membership_config settings, std::uint64_t seed)
    : config{sane(std::move(settings))},
      cluster{cluster_hash(config.cluster)},
      random{seed},
      members{member_view{who, fitting_name(std::move(name)), address, member_state::alive},
              live_max(config)},
      pause{config.period / 2} {
  self().view.health = 0;
}

member_table::member_table(incarnation self, std::string name, socket_address address,
                           membership_config config, std::uint64_t seed)
    : state_{std::make_unique<state>(self, std::move(name), address, std::move(config), seed)} {}
member_table::~member_table() = default;
member_table::member_table(member_table&&) noexcept = default;
member_table& member_table::operator=(member_table&&) noexcept = default;

void member_table::join(std::span<const socket_address> seeds, instant now) {
  if (seeds.empty()) {
    state_->become_ready();
    return;
  }
  std::vector<socket_address> others;
  for (const auto& seed : seeds)
    if (!seed.empty() && seed != state_->self().view.address) others.push_back(seed);
  state_->entry.start(others, state_->random.next(), now);
  state_->unmet.start(others, now);
  state_->try_join(now);
}

void member_table::leave(instant now) {
  auto& s = *state_;
  if (s.leaving()) return;
  s.entry.stop();
  s.unmet.stop();
  s.self().view.state = member_state::left;
  s.announce_groups(s.self().view.who);
  s.goodbye.start(now);
  s.say_goodbye(now);
}

bool member_table::left_enough() const noexcept { return state_->goodbye.done(); }

void member_table::announce(const group_id& group, bool present, instant now) {
  auto& s = *state_;
  const auto& own = s.presences.standings(s.self().view.who);
  const auto said = own.find(group);
  if (said == own.end() ? !present : said->second.present == present) return;
  s.merge_presence({s.self().view.who, group, ++s.presence_version, present});
  s.gossip_due = std::max(s.gossip_due, now);
}

result<std::optional<probe_message>> member_table::on_packet(socket_address from,
                                                             const shared_bytes& bytes,
                                                             instant now) {
  auto& s = *state_;
  s.check_pause(now);
  const auto packet = parse_datagram(bytes);
  if (!packet) {
    const auto foreign = packet.error() == protocol_errc::foreign_version;
    ++(foreign ? s.counters.dropped_version : s.counters.dropped_malformed);
    return tl::unexpected{packet.error()};
  }
  if (const auto error = s.admit(*packet, from, now)) return tl::unexpected{error};
  ++s.counters.packets_in;
  const auto& sender = packet->head.sender;
  if (sender == s.self().view.who) return std::optional<probe_message>{};  // Our own, reflected.
  const auto is_gossip = std::holds_alternative<probe_body>(packet->body) ||
                         std::holds_alternative<gossip_body>(packet->body);
  state::provenance source{sender, from,
                           is_gossip ? state::channel::gossip : state::channel::exchange};
  s.merge_all(*packet, source, now);
  auto probe = s.probe_part(*packet, source, now);
  s.answer(*packet, source, now);
  s.consider_stranger(source, now);
  return probe;
}

shared_bytes member_table::pack(const probe_message& probe, instant now) {
  auto& s = *state_;
  if (probe.kind == probe_kind::ping) s.knock(probe.target.node, now);
  probe_body body{probe.kind, probe.nonce, probe.target, probe.suspected, probe.target_address};
  auto packet = s.new_packet(body);
  // A ping names its receiver, an ACK that is not relayed names the one who asked.
  const auto* recipient = probe.kind == probe_kind::ping_request ? nullptr : &probe.target.node;
  s.add_gossip_along(packet, recipient);
  ++s.counters.packets_out;
  return encode_datagram(packet);
}

void member_table::on_alive(const incarnation& who, std::optional<duration> round_trip,
                            instant now) {
  auto* known = state_->members.find(who.node);
  if (known == nullptr || known->view.who != who) return;
  auto& view = known->view;
  view.last_heard = now;
  // Smoothed as RFC 6298 does, by an eighth.
  if (round_trip)
    view.round_trip =
        view.round_trip ? *view.round_trip + (*round_trip - *view.round_trip) / 8 : *round_trip;
}

void member_table::on_probe_failed(const incarnation& who, bool by_refusal, instant now) {
  auto& s = *state_;
  s.check_pause(now);
  auto* known = s.members.find(who.node);
  if (s.leaving() || known == nullptr || known->view.who != who || known == &s.self()) return;
  if (is_live(known->view.state)) s.suspect(*known, {s.self().view.who.node, by_refusal}, now);
}

void member_table::on_health(std::uint32_t score) noexcept { state_->self().view.health = score; }

void member_table::on_restarted(instant now) {
  auto& s = *state_;
  s.check_pause(now);
  // What was on its way to the old actor is lost: ask again rather than wait for the timer.
  if (s.entry.active()) s.entry.hurry(now);
}

void member_table::on_deadline(instant now) { state_->on_deadline(now); }

std::optional<instant> member_table::next_deadline() const { return state_->next_deadline(); }

std::optional<member_table::output> member_table::poll() {
  if (state_->outbox.empty()) return std::nullopt;
  auto first = std::move(state_->outbox.front());
  state_->outbox.pop_front();
  return first;
}

std::vector<member_view> member_table::members() const {
  std::vector<member_view> views;
  for (const auto& [node, who] : state_->members.all()) views.push_back(who.view);
  return views;
}

std::optional<member_view> member_table::find(const node_id& node) const {
  const auto* known = state_->members.find(node);
  return known == nullptr ? std::nullopt : std::optional{known->view};
}

std::vector<incarnation> member_table::directory(const group_id& group) const {
  std::vector<incarnation> found;
  for (const auto& who : state_->presences.present_in(group)) {
    const auto* known = state_->members.find(who.node);
    if (known != nullptr && known->view.who == who && is_live(known->view.state))
      found.push_back(who);
  }
  return found;
}

bool member_table::is_ready() const noexcept { return state_->ready_now; }

const membership_counters& member_table::counters() const noexcept { return state_->counters; }

void member_table::audit() const {
  const auto& s = *state_;
  s.members.audit();
  s.presences.audit();
  std::size_t suspected = 0;
  for (const auto& [node, who] : s.members.all()) {
    const auto is_suspect = who.view.state == member_state::suspect;
    CAUSERIE_ASSERT(is_suspect == s.suspects.contains(node));
    suspected += is_suspect ? 1 : 0;
  }
  CAUSERIE_ASSERT(suspected == s.suspects.size());
  CAUSERIE_ASSERT(s.fresh.size() <= s.members.all().size() + presence_directory::entries_max);
}

}  // namespace causerie::protocol
