// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/l1_node.hpp"

#include <algorithm>
#include <utility>

#include "protocol/assert.hpp"

namespace causerie::simulation {
namespace {

using protocol::instant;
using protocol::protocol_errc;

constexpr auto patience_for_room = std::chrono::seconds{10};
constexpr std::array<actor_kind, actor_kind_count> all_actors{
    actor_kind::courier, actor_kind::failure_detector, actor_kind::membership, actor_kind::channels,
    actor_kind::orderer};

std::optional<instant> earlier(std::optional<instant> a, std::optional<instant> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

}  // namespace

l1_node::l1_node(node_environment environment)
    : environment_{std::move(environment)},
      random_{environment_.seed},
      links_{environment_.self, environment_.links, random_.next()},
      detector_{environment_.self, environment_.membership, random_.next()},
      table_{environment_.self, environment_.name, environment_.address, environment_.membership,
             random_.next()},
      channels_{environment_.self, environment_.channels, random_.next()} {
  deadlines_.fill(never);
  if (environment_.disk != nullptr)
    journal_.emplace(*environment_.disk, environment_.disk_synced, environment_.self,
                     random_.next());
}

l1_node::~l1_node() = default;

void l1_node::start(std::span<const protocol::socket_address> seeds, instant at) {
  environment_.network->open({.on_datagrams =
                                  [this](protocol::datagram_batch batch) {
                                    post(actor_kind::courier, mail::datagrams{std::move(batch)});
                                  },
                              .on_refused =
                                  [this](protocol::socket_address where) {
                                    post(actor_kind::failure_detector,
                                         mail::addresses_refused{{where}});
                                  }});
  if (journal_) channels_.restore(journal_->load_channels(), at);
  table_.join(seeds, at);
  for (const auto who : all_actors) flush(who, at);
  work(at);
}

std::optional<instant> l1_node::next_deadline() const {
  const auto first = *std::min_element(deadlines_.begin(), deadlines_.end());
  return first == never ? std::nullopt : std::optional{first};
}

void l1_node::run(instant at) {
  for (const auto who : all_actors) {
    if (deadlines_[index(who)] > at) continue;
    on_deadline(who, at);
    flush(who, at);
    auto& late = late_in_a_row_[index(who)];
    late = deadlines_[index(who)] <= at ? late + 1 : 0;
    if (late == 2) ++livelocks_;
  }
  work(at);
}

void l1_node::on_deadline(actor_kind who, instant at) {
  switch (who) {
    case actor_kind::courier: return links_.on_deadline(at);
    case actor_kind::failure_detector: return detector_.on_deadline(at);
    case actor_kind::membership: return table_.on_deadline(at);
    case actor_kind::channels: channels_.on_deadline(at); return serve_whispers(at);
    case actor_kind::orderer:
      if (!group_) return;
      group_->on_deadline(at);
      return serve_broadcasts(at);
  }
}

std::optional<instant> l1_node::deadline_of(actor_kind who) const {
  switch (who) {
    case actor_kind::courier: return links_.next_deadline();
    case actor_kind::failure_detector: return detector_.next_deadline();
    case actor_kind::membership: return table_.next_deadline();
    case actor_kind::channels: {
      auto first = channels_.next_deadline();
      if (journal_) first = earlier(first, journal_->next_deadline());
      for (const auto& waiting : whispers_) first = earlier(first, waiting.deadline);
      return first;
    }
    case actor_kind::orderer: {
      if (!group_) return std::nullopt;
      auto first = group_->next_deadline();
      if (journal_) first = earlier(first, journal_->next_deadline());
      return broadcasts_.empty() ? first : earlier(first, broadcasts_.front().deadline);
    }
  }
  return std::nullopt;
}

void l1_node::post(actor_kind to, mail::any what) {
  mailboxes_[index(to)].push_back(std::move(what));
}

/// Handles mail until there is none. Whose mail comes next is the seed's choice, so that no test
/// rests on one schedule.
void l1_node::work(instant at) {
  for (;;) {
    std::array<actor_kind, actor_kind_count> ready{};
    std::size_t count = 0;
    for (const auto who : all_actors)
      if (!mailboxes_[index(who)].empty()) ready[count++] = who;
    if (count == 0) return;
    const auto who = count == 1 ? ready[0] : ready[random_.below(count)];
    auto& fate = doomed_[index(who)];
    if (fate.pending && fate.mails_left-- == 0) {
      die(who, at);
      continue;
    }
    handle(who, mailboxes_[index(who)].front(), at);  // May get more mail; that goes behind.
    mailboxes_[index(who)].pop_front();
    flush(who, at);
  }
}

void l1_node::handle(actor_kind who, mail::any& what, instant at) {
  switch (who) {
    case actor_kind::courier: return handle_courier(what, at);
    case actor_kind::failure_detector: return handle_detector(what, at);
    case actor_kind::membership: return handle_membership(what, at);
    case actor_kind::channels: return handle_channels(what, at);
    case actor_kind::orderer: return handle_orderer(what, at);
  }
}

void l1_node::flush(actor_kind who, instant at) {
  switch (who) {
    case actor_kind::courier: flush_courier(at); break;
    case actor_kind::failure_detector: flush_detector(); break;
    case actor_kind::membership: flush_membership(); break;
    case actor_kind::channels: flush_channels(at); break;
    case actor_kind::orderer: flush_orderer(at); break;
  }
  deadlines_[index(who)] = deadline_of(who).value_or(never);
}

bool l1_node::kill_actor(actor_kind which, instant at) {
  auto& fate = doomed_[index(which)];
  if (fate.pending) die(which, at);  // Nothing came for it since: it dies idle.
  fate = {true, static_cast<std::uint32_t>(random_.below(4))};
  return true;
}

void l1_node::die(actor_kind who, instant at) {
  doomed_[index(who)] = {};
  ++killed_[index(who)];
  mailboxes_[index(who)].clear();
  take_over(who, at);
}

/// What the successor does first, and what the guardian tells the others.
void l1_node::take_over(actor_kind who, instant at) {
  switch (who) {
    case actor_kind::courier:
    case actor_kind::membership: break;
    case actor_kind::failure_detector: detector_.on_restarted(at); break;
    case actor_kind::channels:
      channels_.on_restarted(at);
      for (const auto& key : channels_.readable())
        key.name.starts_with('~') ? pass_on_internal(key, at) : void(private_ready_.insert(key));
      serve_whispers(at);
      break;
    case actor_kind::orderer:
      if (group_) {
        group_->on_restarted(at);
        serve_broadcasts(at);
      }
      events_wait_ = true;
      break;
  }
  if (who == actor_kind::membership) {
    table_.on_restarted(at);
    for (const auto asker : all_actors) tell_everything(asker);
    post(actor_kind::orderer, mail::colleague_restarted{});
  } else {
    post(actor_kind::membership, mail::tell_all{static_cast<std::uint8_t>(who)});
  }
  if (who == actor_kind::courier) post(actor_kind::channels, mail::colleague_restarted{});
  if (who == actor_kind::courier || who == actor_kind::channels)
    post(actor_kind::orderer, mail::colleague_restarted{});
  flush(who, at);
}

/// What came of a turn goes out: nothing has to be kept any more before it may.
void l1_node::release(l1_journal::turn came) {
  for (const bool present : came.presence) post(actor_kind::membership, mail::presence{present});
  if (!came.frames.list.empty()) post(actor_kind::courier, std::move(came.frames));
  if (!came.internal.list.empty()) post(actor_kind::channels, std::move(came.internal));
  std::move(came.answers.begin(), came.answers.end(), std::back_inserter(answers_));
  if (came.events > readable_) {
    readable_ = came.events;
    events_wait_ = true;
  }
}

// --- the application's side ---

void l1_node::restart_application(instant at) {
  handed_over_ = group_ ? group_->committed() : 0;
  private_handed_over_.clear();
  for (const auto& key : channels_.readable()) private_ready_.insert(key);
  events_wait_ = true;
  work(at);
}

void l1_node::open_group(protocol::group_config config, instant at) {
  auto image = journal_ ? journal_->load(config) : std::nullopt;
  group_.emplace(environment_.self, std::move(config), random_.next());
  if (image) {
    handed_over_ = image->committed;
    readable_ = image->last;
    events_wait_ = true;
    group_->restore(std::move(*image), at);
  }
  group_->join(at);
  flush(actor_kind::orderer, at);
  post(actor_kind::membership, mail::tell_all{static_cast<std::uint8_t>(actor_kind::orderer)});
  work(at);
}

void l1_node::leave_group(instant at) {
  leave_ = true;
  post(actor_kind::orderer, mail::application_called{});
  work(at);
}

void l1_node::broadcast(std::uint64_t ticket, protocol::shared_bytes payload, instant at) {
  broadcasts_.push_back({ticket, std::move(payload), at + patience_for_room});
  post(actor_kind::orderer, mail::application_called{});
  work(at);
}

std::vector<protocol::group_event> l1_node::take_events(std::size_t events_max) {
  if (!group_ || !std::exchange(events_wait_, false)) return {};
  auto events = group_->read(handed_over_, events_max);
  if (journal_)
    while (!events.empty() && events.back().position > readable_) events.pop_back();
  if (!events.empty()) handed_over_ = events.back().position;
  events_wait_ = events.size() == events_max;
  return events;
}

void l1_node::commit_events(protocol::cursor up_to, instant at) {
  commit_ = up_to;
  post(actor_kind::orderer, mail::application_called{});
  work(at);
}

void l1_node::whisper(std::uint64_t ticket, const protocol::channel_key& to,
                      protocol::shared_bytes payload, protocol::duration within, instant at) {
  whispers_.push_back({ticket, to, std::move(payload), at + within});
  post(actor_kind::channels, mail::application_called{});
  work(at);
}

std::vector<private_message> l1_node::take_private() {
  std::vector<private_message> messages;
  if (private_ready_.empty()) return messages;
  for (const auto& key : std::exchange(private_ready_, {})) {
    auto& last = private_handed_over_[key];
    last = std::max(last, channels_.committed(key));
    for (auto& what : channels_.read(key, last, 1024)) {
      last = what.position;
      messages.push_back({key, std::move(what)});
    }
  }
  return messages;
}

void l1_node::commit_private(const protocol::channel_key& from, std::uint64_t up_to, instant at) {
  private_commits_[from] = up_to;
  post(actor_kind::channels, mail::application_called{});
  work(at);
}

std::vector<answer> l1_node::take_answers() { return std::exchange(answers_, {}); }

void l1_node::leave_cluster(instant at) {
  table_.leave(at);
  flush(actor_kind::membership, at);
  work(at);
}

bool l1_node::has_left() const { return table_.left_enough(); }
bool l1_node::active() const { return group_ && group_->active(); }
std::vector<protocol::member_view> l1_node::members() const { return table_.members(); }

void l1_node::audit() const {
  table_.audit();
  channels_.audit();
  if (group_) group_->audit();
}

node_counters l1_node::counters() const {
  return {links_.counters(), table_.counters(),
          group_ ? group_->counters() : protocol::group_counters{}, channels_.counters(),
          journal_ ? journal_->counters() : commit_counters{}};
}

/// Gives waiting broadcasts to the machine, oldest first, until it has no room.
void l1_node::serve_broadcasts(instant at) {
  if (!group_) return;
  if (const auto up_to = std::exchange(commit_, std::nullopt)) group_->commit(*up_to, at);
  const protocol::wall_time wall{
      std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch())};
  while (!broadcasts_.empty()) {
    auto& next = broadcasts_.front();
    auto sent = group_->send(next.payload, /*request=*/0, wall, at);
    const bool later =
        !sent && (sent.error() == protocol_errc::would_block ||
                  (sent.error() == protocol_errc::not_a_member && group_->resuming()));
    if (later && next.deadline > at) break;
    broadcasts_taken_.push_back(broadcast_answer{next.ticket, std::move(sent)});
    broadcasts_.pop_front();
  }
  if (leave_ && broadcasts_.empty()) {
    leave_ = false;
    group_->leave(at);
  }
}

/// One full channel holds back only its own messages.
void l1_node::serve_whispers(instant at) {
  for (const auto& [key, up_to] : std::exchange(private_commits_, {}))
    channels_.commit(key, up_to, at);
  std::deque<waiting_whisper> later;
  std::set<protocol::channel_key> full;
  for (auto& next : whispers_) {
    const bool expired = next.deadline <= at;
    if (full.contains(next.to) && !expired) {
      later.push_back(std::move(next));
      continue;
    }
    const bool durable = keeps_channels() && next.to.name == durable_channel;
    if (durable) CAUSERIE_ASSERT(!channels_.make_durable(next.to, at));
    const auto sent = channels_.send(next.to, next.payload, /*request=*/0, next.deadline, at);
    if (sent) {
      outcomes_awaited_[*sent] = next.ticket;
      if (durable) whispers_taken_.push_back(whisper_kept{next.ticket});
    } else if (sent.error() == protocol_errc::would_block && !expired) {
      full.insert(next.to);
      later.push_back(std::move(next));
    } else {
      whispers_taken_.push_back(whisper_answer{next.ticket, sent.error(), {}});
    }
  }
  whispers_ = std::move(later);
}

}  // namespace causerie::simulation
