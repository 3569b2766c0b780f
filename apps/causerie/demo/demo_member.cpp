// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/demo_member.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/demo/demo_text.hpp"
#include "apps/checker/history_reader.hpp"
#include "journal/journal_errors.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {

using net::as_result;

namespace {

constexpr std::uint64_t whispers_in_flight_max = 4;
constexpr auto send_patience = std::chrono::seconds{60};
constexpr unsigned refusals_max = 5;

std::string_view outcome_text(delivery what) {
  switch (what) {
    case delivery::delivered: return "delivered";
    case delivery::not_sent: return "not_sent";
    case delivery::unknown: break;
  }
  return "unknown";
}

std::string_view cause_text(protocol::gap_event::cause why) {
  using cause = protocol::gap_event::cause;
  switch (why) {
    case cause::unreachable: return "unreachable";
    case cause::lagging: return "lagging";
    case cause::retention: return "retention";
    case cause::restart: break;
  }
  return "restart";
}

constexpr const char* left_text = "left";

std::vector<checker::lost_range> ranges_of(const protocol::gap_event& gap) {
  std::vector<checker::lost_range> ranges;
  for (const auto& [sender, first, last] : gap.missing)
    ranges.push_back({sender.node.text(), number(sender.epoch), first, last});
  return ranges;
}

std::string text_of(const std::vector<checker::lost_range>& ranges) {
  std::string text;
  for (const auto& [node, life, first, last] : ranges)
    text += fmt::format("{}.{}:{}-{};", node, life, first, last);
  return text;
}

/// It was not taken now, and may be a little later: the disk is full.
bool may_pass(const std::error_code& error) { return error == journal::journal_errc::disk_full; }

asio::awaitable<void> pause(asio::io_context& io, duration length) {
  asio::steady_timer timer{io, length};
  co_await timer.async_wait(as_result);
}

}  // namespace

/// In-flight private texts to one peer; the timer wakes the lane when one is settled.
struct demo_member::lane {
  explicit lane(asio::io_context& io) : settled{io, asio::steady_timer::time_point::max()} {}
  std::uint64_t in_flight = 0;
  asio::steady_timer settled;
};

demo_member::demo_member(asio::io_context& io, causerie::node& node, demo_part part,
                         checker::history_writer& diary)
    : io_{io}, node_{node}, part_{std::move(part)}, diary_{diary}, chance_{part_.seed} {
  if (part_.as.empty()) part_.as = node_.name();
}

asio::awaitable<std::error_code> demo_member::join(duration within) {
  asio::co_spawn(io_, take_whispers(), asio::detached);
  auto how = part_.membership;
  how.within = within;
  auto membership = co_await node_.join(part_.group, how);
  if (!membership) co_return membership.error();
  group_.emplace(std::move(membership));
  if (how.durable) resume();
  asio::co_spawn(io_, take_group_events(), asio::detached);
  co_return std::error_code{};
}

/// Its own account of its stream is the diary, which is ahead of what it has committed.
void demo_member::resume() {
  bool interrupted = false;
  for (const auto& file : part_.earlier)
    for (const auto& life : checker::read_histories(file).lives)
      for (const auto& entry : life.entries) {
        if (entry.where != part_.group) continue;
        if (entry.kind == checker::entry_kind::joined) interrupted = true;
        if (entry.kind == checker::entry_kind::ended && entry.text == left_text)
          interrupted = false;
        if (entry.kind == checker::entry_kind::deliver) heard_before_.insert(entry.message);
        if (entry.kind == checker::entry_kind::gap) lost_before_.insert(text_of(entry.ranges));
      }
  if (interrupted) diary_.write({.kind = checker::entry_kind::resumed, .where = part_.group});
}

bool demo_member::known(const group_event& event) const {
  if (const auto* message = std::get_if<protocol::message_event>(&event.what))
    return heard_before_.contains(demo_message_of(message->payload.text()).id);
  if (const auto* gap = std::get_if<protocol::gap_event>(&event.what))
    return lost_before_.contains(text_of(ranges_of(*gap)));
  return false;
}

void demo_member::talk(std::vector<std::string> peers) {
  if (std::exchange(talking_, true)) return;
  if (part_.pause.count() != 0) {
    ++lanes_open_;
    asio::co_spawn(io_, say_everything(), asio::detached);
  }
  const auto apart = part_.whisper_pause.value_or(part_.pause);
  if (apart.count() == 0) return;
  peers_ = peers.size();
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const auto share = part_.messages / peers.size() + (i < part_.messages % peers.size() ? 1 : 0);
    if (share == 0) continue;
    ++lanes_open_;
    asio::co_spawn(io_, whisper_to(peers[i], share, apart * std::ssize(peers)), asio::detached);
  }
}

void demo_member::whisper_also(const std::string& peer) {
  const auto apart = part_.whisper_pause.value_or(part_.pause);
  if (apart.count() == 0 || hushed_) return;
  ++lanes_open_;
  asio::co_spawn(io_, whisper_to(peer, part_.messages, apart * static_cast<std::int64_t>(++peers_)),
                 asio::detached);
}

void demo_member::finish() {
  if (std::exchange(finished_, true)) return;
  diary_.finish();
}

std::string demo_member::some_line() { return part_.lines[chance_.below(part_.lines.size())]; }

/// An answer to the last thing heard, half of the time.
demo_message demo_member::next_message() {
  demo_message next{.id = fmt::format("{}:{}", part_.as, last_index_ + 1), .text = some_line()};
  if (!question_.empty() && chance_.chance(0.5) && !part_.no_answers.contains(last_index_ + 1))
    next.question = std::exchange(question_, {});
  return next;
}

asio::awaitable<void> demo_member::say_everything() {
  for (unsigned refusals = 0; said_ < part_.messages && refusals < refusals_max && !ended_;) {
    co_await pause(io_, chance_.between(part_.pause / 2, part_.pause * 3 / 2));
    if (hushed_) break;
    const auto message = next_message();
    const auto payload = protocol::shared_bytes::copy_of(to_text(message));
    diary_.send(part_.group, message.id, payload.view());
    ++last_index_;
    if (const auto sent = co_await group_->send(payload, send_patience)) {
      if (part_.membership.durable)
        diary_.write(
            {.kind = checker::entry_kind::accepted, .where = part_.group, .message = message.id});
      ++said_;
      refusals = 0;
    } else {
      // After a failed fsync nobody can tell: the next life may have it.
      if (!journal::is_final(sent.error())) diary_.refused(part_.group, message.id);
      ++refused_;
      if (!may_pass(sent.error())) ++refusals;
    }
  }
  --lanes_open_;
}

asio::awaitable<void> demo_member::whisper(node_id to, std::string id, std::string text,
                                           std::shared_ptr<lane> on) {
  const auto peer = to.text();
  const auto outcome = co_await node_.send(to, protocol::shared_bytes::copy_of(text), demo_channel,
                                           part_.whisper_patience);
  if (!finished_) {
    if (outcome)
      diary_.outcome(peer, demo_channel, id, outcome_text(*outcome));
    else
      diary_.private_refused(peer, demo_channel, id);
  }
  ++outcomes_[outcome ? std::string{outcome_text(*outcome)} : "refused"];
  --on->in_flight;
  on->settled.cancel();
}

asio::awaitable<void> demo_member::whisper_to(std::string peer, std::uint64_t count,
                                              duration apart) {
  const auto member = co_await node_.find(peer);
  const auto on = std::make_shared<lane>(io_);
  for (std::uint64_t i = 1; member && i <= count; ++i) {
    co_await pause(io_, apart);
    if (hushed_) break;
    while (on->in_flight >= whispers_in_flight_max) co_await on->settled.async_wait(as_result);
    const auto id = fmt::format("{}>{}:{}", part_.as, peer, i);
    const auto text = to_text({.id = id, .text = some_line()});
    diary_.private_send(member->who.node.text(), demo_channel, id,
                        std::as_bytes(std::span{text.data(), text.size()}));
    ++whispers_;
    ++on->in_flight;
    asio::co_spawn(io_, whisper(member->who.node, id, text, on), asio::detached);
  }
  while (on->in_flight != 0) co_await on->settled.async_wait(as_result);
  --lanes_open_;
}

asio::awaitable<void> demo_member::take_whispers() {
  for (;;) {
    const auto received = co_await node_.receive(demo_channel);
    if (!received || finished_) co_return;
    const auto id = demo_message_of(received->text()).id;
    diary_.private_deliver(received->sender.node.text(), demo_channel, id,
                           received->payload.view());
    ++whispers_heard_;
  }
}

asio::awaitable<void> demo_member::take_group_events() {
  for (;;) {
    const auto event = co_await group_->next();
    if (!event || finished_) break;
    if (!known(*event)) take(*event);
    group_->commit(event->position);
    if (slow_.count() != 0) co_await pause(io_, slow_);
  }
  ended_ = true;
}

void demo_member::hear(const protocol::message_event& event) {
  const auto message = demo_message_of(event.payload.text());
  diary_.deliver(part_.group, message.id, event.payload.view(), event.id.sender.node.text(),
                 protocol::number(event.id.sender.epoch), event.id.number, event.held);
  ++delivered_;
  const auto [author, index] = demo_place_of(message.id);
  auto& last = heard_[author];
  last = std::max(last, index);
  if (author != part_.as) question_ = message.id;
  note_clock(event);
}

/// Messages take seconds at most in good weather; what is off by more is somebody's clock.
void demo_member::note_clock(const protocol::message_event& event) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto error = (event.sent_at.time_since_epoch() - now).count();
  auto& worst = clock_errors_ms_[event.id.sender.node.text()];
  if (std::abs(error) > std::abs(worst)) worst = error;
}

void demo_member::take(const group_event& event) {
  using namespace protocol;
  if (const auto* message = std::get_if<message_event>(&event.what)) {
    hear(*message);
  } else if (const auto* joined = std::get_if<joined_event>(&event.what)) {
    if (!joined->resumed) diary_.joined(part_.group);
    joined_ = true;
    for (const auto& who : joined->members) present_.insert(who.node);
  } else if (const auto* gap = std::get_if<gap_event>(&event.what)) {
    diary_.gap(part_.group, ranges_of(*gap), cause_text(gap->why));
    ++gaps_;
  } else if (const auto* up = std::get_if<member_up_event>(&event.what)) {
    present_.insert(up->who.node);
  } else if (const auto* down = std::get_if<member_down_event>(&event.what)) {
    present_.erase(down->who.node);
  } else if (const auto* left = std::get_if<member_left_event>(&event.what)) {
    present_.erase(left->who.node);
  } else if (const auto* stable = std::get_if<stable_event>(&event.what)) {
    checker::entry what{.kind = checker::entry_kind::stable, .where = part_.group};
    what.number = stable->up_to;
    for (const auto& holder : stable->holders) what.holders.push_back(holder.text());
    diary_.write(std::move(what));
  } else if (const auto* over = std::get_if<ended_event>(&event.what)) {
    diary_.ended(part_.group, over->reason ? over->reason.message() : left_text);
    ended_ = true;
  }
}

nlohmann::json demo_member::progress() const {
  return {{"is", "progress"},
          {"joined", joined_},
          {"ended", ended_},
          {"present", present_.size()},
          {"said", said_},
          {"last_index", last_index_},
          {"refused", refused_},
          {"delivered", delivered_},
          {"gaps", gaps_},
          {"heard", heard_},
          {"whispers", whispers_},
          {"whispers_heard", whispers_heard_},
          {"outcomes", outcomes_},
          {"done", talking_ && lanes_open_ == 0},
          {"clock_errors_ms", clock_errors_ms_}};
}

}  // namespace causerie::apps
