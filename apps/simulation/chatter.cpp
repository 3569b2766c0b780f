// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/chatter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "journal/journal_errors.hpp"

namespace causerie::simulation {
namespace {

using checker::entry_kind;
using protocol::instant;

constexpr std::size_t events_at_once = 256;
constexpr std::uint64_t commit_every = 16;

const char* text_of(protocol::gap_event::cause why) {
  switch (why) {
    case protocol::gap_event::cause::unreachable: return "unreachable";
    case protocol::gap_event::cause::lagging: return "lagging";
    case protocol::gap_event::cause::retention: return "retention";
    case protocol::gap_event::cause::restart: return "restart";
  }
  return "?";
}

const char* text_of(protocol::send_outcome what) {
  switch (what) {
    case protocol::send_outcome::delivered: return "delivered";
    case protocol::send_outcome::not_sent: return "not_sent";
    case protocol::send_outcome::unknown: return "unknown";
  }
  return "?";
}

/// The id that `compose` put in front, or what there is instead of it.
std::string id_in(protocol::byte_view payload) {
  const std::string_view text{reinterpret_cast<const char*>(payload.data()),
                              std::min<std::size_t>(payload.size(), 40)};
  return std::string{text.substr(0, text.find(' '))};
}

}  // namespace

std::uint32_t node_number(const protocol::node_id& node) noexcept {
  return node.octets[18] + 256u * node.octets[19];
}

protocol::node_id make_node(std::uint32_t number, std::uint64_t seed) noexcept {
  protocol::random_source random{seed * 1000 + number};
  protocol::node_id node;
  for (auto& octet : node.octets) octet = static_cast<std::uint8_t>(random.below(256));
  node.octets[18] = static_cast<std::uint8_t>(number);
  node.octets[19] = static_cast<std::uint8_t>(number >> 8);
  return node;
}

chatter::chatter(gossip_rules& rules, std::uint32_t number, std::uint64_t life, std::uint64_t seed,
                 checker::history& history)
    : rules_{rules}, number_{number}, name_{rules.names[number]}, random_{seed}, history_{history} {
  protocol::random_source leisure{seed ^ 0x6c656973757265ULL};  // Moves nobody's draws.
  if (leisure.chance(0.3)) leisure_ns_ = leisure.between(duration{50ms}, duration{500ms}).count();
  history_.node = name_;
  history_.life = life;
}

checker::entry& chatter::write(entry_kind kind, std::int64_t now_ns) {
  auto& noted = history_.entries.emplace_back();
  noted.kind = kind;
  noted.at_ns = now_ns;
  return noted;
}

std::string chatter::name_of(const protocol::node_id& node) const {
  const auto number = node_number(node);
  return number < rules_.names.size() ? rules_.names[number] : fmt::format("n{}", number);
}

std::string chatter::next_id() {
  return fmt::format("{}.{}:{}", name_, history_.life, ++next_number_);
}

protocol::shared_bytes chatter::compose(const std::string& id, std::size_t bytes_max) {
  protocol::byte_buffer bytes(std::max(id.size() + 1, random_.below(bytes_max + 1)));
  auto letter = (id.size() + next_number_) % 26;
  for (auto at = id.size(); at < bytes.size(); ++at, letter = letter == 25 ? 0 : letter + 1)
    bytes[at] = std::byte(static_cast<unsigned char>('a' + letter));
  std::memcpy(bytes.data(), id.data(), id.size());
  bytes[id.size()] = std::byte{' '};
  return protocol::shared_bytes{std::move(bytes)};
}

/// The node has begun another life meanwhile, and the world is about to tell.
bool chatter::of_another_life(const sim_node& node) const {
  return node.life() != 0 && node.life() != history_.life;
}

void chatter::say(sim_node& node, std::int64_t now_ns, instant local) {
  if (!joined_ || ended_ || rules_.messages_left == 0 || of_another_life(node)) return;
  --rules_.messages_left;
  const auto id = next_id();
  auto payload = compose(id, random_.chance(0.01) ? rules_.today.large_payload_bytes_max
                                                  : rules_.today.payload_bytes_max);
  auto& sent = write(entry_kind::send, now_ns);
  sent.where = rules_.group;
  sent.message = id;
  sent.hash = quick_hash(payload.view());
  ++said_;
  asked_[++next_ticket_] = {.message = id, .where = rules_.group};
  rules_.log.note(now_ns, "send", number_, next_number_, payload.size(), id);
  node.broadcast(next_ticket_, std::move(payload), local);
}

void chatter::whisper(sim_node& node, std::uint32_t to, std::int64_t now_ns, instant local) {
  if (rules_.messages_left == 0 || of_another_life(node)) return;
  --rules_.messages_left;
  const auto id = next_id();
  auto payload = compose(id, random_.chance(0.01) ? rules_.today.large_private_bytes_max
                                                  : rules_.today.payload_bytes_max);
  const std::string channel = node.keeps_channels() && random_.chance(0.5) ? durable_channel
                              : random_.chance(0.7)                        ? "main"
                                                                           : "aside";
  auto& sent = write(entry_kind::private_send, now_ns);
  sent.where = channel;
  sent.peer = rules_.names[to];
  sent.message = id;
  sent.hash = quick_hash(payload.view());
  ++whispered_;
  // Somebody who asks for an outcome soon must be told one, whatever happens meanwhile.
  const protocol::duration within = random_.chance(0.1) ? 2s : 25s;
  asked_[++next_ticket_] = {
      .message = id,
      .where = channel,
      .peer = sent.peer,
      .to = to,
      .must_arrive_by_ns = rules_.healed_ns >= 0 && within > 2s && !rules_.little_room
                               ? now_ns + (within - 2s).count()
                               : never};
  rules_.log.note(now_ns, "whisper", number_, next_number_, to, id);
  node.whisper(next_ticket_, {rules_.nodes[to], channel}, std::move(payload), within, local);
}

void chatter::remember(const chatter& before) {
  for (const auto& [from, position] : before.private_seen_)
    if (from.second == durable_channel) private_seen_[from] = position;
}

void chatter::resume(const chatter& before, std::int64_t now_ns) {
  write(entry_kind::resumed, now_ns).where = rules_.group;
  position_ = before.position_;  // What it saw it wrote down; what it committed may be lost.
  progress_ = before.progress_;
}

void chatter::follow(const chatter& before) {
  position_ = before.position_;  // Streams go on, and so do the numbers of what was asked.
  committed_ = before.committed_;
  private_seen_ = before.private_seen_;
  asked_ = before.asked_;
  next_ticket_ = before.next_ticket_;
  said_ = before.said_;
  whispered_ = before.whispered_;
  afresh_ = !rules_.durable;
}

bool chatter::listen(sim_node& node, std::int64_t now_ns, instant local) {
  bool any = false;
  for (const auto& what : node.take_answers()) {
    hear(node, what, now_ns);
    any = true;
  }
  if (resting(now_ns)) return any;
  any |= take_events(node, now_ns, local);
  any |= take_private(node, now_ns, local);
  return any;
}

void chatter::hear(sim_node&, const answer& what, std::int64_t now_ns) {
  const auto ticket = std::visit([](const auto& x) { return x.ticket; }, what);
  const auto found = asked_.find(ticket);
  if (found == asked_.end()) return;
  if (std::holds_alternative<whisper_kept>(what)) {
    auto& kept = write(entry_kind::private_accepted, now_ns);
    kept.where = found->second.where;
    kept.peer = found->second.peer;
    kept.message = found->second.message;
    return;
  }
  const auto [message, where, peer, to, must_arrive_by_ns] = found->second;
  asked_.erase(found);
  const auto* sent = std::get_if<broadcast_answer>(&what);
  const auto* told = std::get_if<whisper_answer>(&what);
  if (sent != nullptr && sent->sent) {
    if (!rules_.durable) return;
    auto& accepted = write(entry_kind::accepted, now_ns);
    accepted.where = where;
    accepted.message = message;
    return;
  }
  // After a failed fsync nobody can tell, as of what a life that ended had taken.
  if (sent != nullptr && (journal::is_final(sent->sent.error()) ||
                          sent->sent.error() == protocol::protocol_errc::outcome_unknown))
    return;
  if (sent != nullptr && sent->sent.error() == protocol::protocol_errc::no_majority)
    ++(*rules_.sometimes)["refused without a majority"];
  const bool refused = sent != nullptr || told->refused;
  auto& noted = write(sent != nullptr ? entry_kind::refused
                      : refused       ? entry_kind::private_refused
                                      : entry_kind::outcome,
                      now_ns);
  noted.where = where;
  noted.peer = peer;
  noted.message = message;
  if (!refused) noted.text = text_of(told->outcome);
  // An outcome before its time is honest: the peer had been away for too long to be waited for.
  if (now_ns >= must_arrive_by_ns &&
      (refused || told->outcome != protocol::send_outcome::delivered))
    unreached_.emplace(to, message);
  rules_.log.note(now_ns, refused ? "refused" : "outcome", number_, ticket,
                  refused ? 0 : static_cast<std::uint64_t>(told->outcome), message);
}

bool chatter::take_events(sim_node& node, std::int64_t now_ns, instant local) {
  const auto events = node.take_events(slow_ns_ != 0 ? 1 : events_at_once);
  if (events.empty()) {
    // Where there is little room nothing more comes before this is committed.
    if (rules_.little_room && committed_ < position_) {
      committed_ = position_;
      node.commit_events(committed_, local);
    }
    return false;
  }
  for (const auto& event : events) {
    if (event.position <= position_) {
      if (event.position <= committed_)
        ++stream_faults_;  // What was committed is never seen again.
      ++(*rules_.sometimes)["event read again"];
      continue;
    }
    if (event.position != position_ + 1) ++stream_faults_;
    position_ = event.position;
    ++uncommitted_;
    hear(node, event, now_ns, local);
  }
  // Commits lag a little, so that a restarted application does see something again.
  if (uncommitted_ >= commit_every || slow_ns_ != 0 || random_.chance(0.5)) {
    uncommitted_ = 0;
    committed_ = position_;
    node.commit_events(committed_, local);
  }
  if (slow_ns_ != 0) next_listen_ns_ = now_ns + slow_ns_;
  return true;
}

void chatter::hear(sim_node& node, const protocol::group_event& event, std::int64_t now_ns,
                   instant local) {
  if (const auto* message = std::get_if<protocol::message_event>(&event.what)) {
    ++heard_;
    auto& sender = message->id.sender;
    auto& noted = write(entry_kind::deliver, now_ns);
    noted.where = rules_.group;
    noted.peer = name_of(sender.node);
    noted.peer_life = number(sender.epoch);
    noted.number = message->id.number;
    noted.message = id_in(message->payload.view());
    noted.hash = quick_hash(message->payload.view());
    auto& last = progress_[sender].delivered;
    last = std::max(last, message->id.number);
    rules_.log.note(now_ns, "deliver", number_, event.position, noted.hash, noted.message,
                    message->held.count());
    note_clock(*message, local);
    if (node_number(sender.node) != number_ && rules_.answers_left > 0 &&
        random_.chance(rules_.answers)) {
      --rules_.answers_left;
      say(node, now_ns, local);
    }
    return;
  }
  rules_.log.note(now_ns, "event", number_, event.position, event.what.index());
  if (const auto* joined = std::get_if<protocol::joined_event>(&event.what)) {
    joined_ = true;
    if (!joined->resumed) {
      write(entry_kind::joined, now_ns).where = rules_.group;
      for (auto& [_, sender] : progress_) sender.at_joined = sender.delivered;
    }
  } else if (const auto* gap = std::get_if<protocol::gap_event>(&event.what)) {
    note_gap(*gap, now_ns);
  } else if (const auto* stable = std::get_if<protocol::stable_event>(&event.what)) {
    note_stable(*stable, now_ns);
  } else if (const auto* ended = std::get_if<protocol::ended_event>(&event.what)) {
    ended_ = true;
    left_ = !ended->reason;
    // That the disk failed was not kept: the next life's stream does not have it.
    if (ended->reason.category() == journal::journal_category()) --position_;
    auto& noted = write(entry_kind::ended, now_ns);
    noted.where = rules_.group;
    noted.text = ended->reason ? ended->reason.message() : "left";
    rules_.log.note(now_ns, "ended", number_, 0, 0, ended->text);
  }
}

/// Messages take seconds at most in good weather; what is off by more is somebody's clock.
void chatter::note_clock(const protocol::message_event& message, instant local) {
  if (rules_.clock_errors_ms.empty()) return;
  const auto own = std::chrono::duration_cast<std::chrono::milliseconds>(local.time_since_epoch());
  const auto error = (message.sent_at.time_since_epoch() - own).count();
  auto& worst = rules_.clock_errors_ms[node_number(message.id.sender.node)];
  if (std::abs(error) > std::abs(worst)) worst = error;
}

void chatter::note_gap(const protocol::gap_event& gap, std::int64_t now_ns) {
  ++gaps_;
  for (const auto& range : gap.missing) {
    auto& last = progress_[range.sender].declared_lost;
    last = std::max(last, range.last);
  }
  // What another life of the process lost belongs to no membership: this one begins behind it.
  if (afresh_ && !joined_ && gap.why == protocol::gap_event::cause::restart) return;
  auto& noted = write(entry_kind::gap, now_ns);
  noted.where = rules_.group;
  noted.text = text_of(gap.why);
  ++(*rules_.sometimes)["gap: " + noted.text];
  for (const auto& range : gap.missing) {
    noted.ranges.push_back(
        {name_of(range.sender.node), number(range.sender.epoch), range.first, range.last});
    rules_.log.note(now_ns, "gap", number_, range.first, range.last,
                    noted.ranges.back().node + " " + noted.text);
  }
}

/// The last one says all that those before it said: it takes their place.
void chatter::note_stable(const protocol::stable_event& stable, std::int64_t now_ns) {
  auto* noted =
      stable_entry_ == 0 ? &write(entry_kind::stable, now_ns) : &history_.entries[stable_entry_];
  if (stable_entry_ == 0) stable_entry_ = history_.entries.size() - 1;
  noted->where = rules_.group;
  noted->number = stable.up_to;
  noted->holders.clear();
  for (const auto& holder : stable.holders) noted->holders.push_back(name_of(holder));
}

bool chatter::take_private(sim_node& node, std::int64_t now_ns, instant local) {
  if (now_ns < read_private_ns_) return false;
  const auto messages = node.take_private();
  if (messages.empty()) return false;
  read_private_ns_ = now_ns + leisure_ns_;
  std::map<protocol::channel_key, std::uint64_t> commits;
  for (const auto& [from, what] : messages) {
    const auto sender = name_of(from.peer);
    auto& seen = private_seen_[{sender, from.name}];
    commits[from] = what.position;
    if (what.position <= seen) continue;
    // Whoever begins a channel anew while messages of it lie unread costs its receiver their
    // numbers.
    if (what.position != seen + 1 && sender != rules_.liar) ++stream_faults_;
    seen = what.position;
    auto& noted = write(entry_kind::private_deliver, now_ns);
    noted.where = from.name;
    noted.peer = sender;
    noted.message = id_in(what.payload.view());
    noted.hash = quick_hash(what.payload.view());
    rules_.log.note(now_ns, "hear", number_, what.position, noted.hash, noted.message);
  }
  for (const auto& [from, up_to] : commits) node.commit_private(from, up_to, local);
  return true;
}

}  // namespace causerie::simulation
