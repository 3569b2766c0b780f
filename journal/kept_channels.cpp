// SPDX-License-Identifier: BSL-1.0
#include "journal/kept_channels.hpp"

#include <utility>
#include <variant>

namespace causerie::journal {
namespace {

namespace kept = protocol::kept;

constexpr std::size_t outbox_bytes_at_once = std::size_t{4} << 20;

channel_side side_of(bool sending) noexcept {
  return sending ? channel_side::sending : channel_side::receiving;
}

/// Turns notes into records.
struct channel_notes {
  batch& work;

  void operator()(kept::channel_begun& x) const {
    work.add(channel_begun{std::move(x.channel), side_of(x.sending), x.cid, x.generation, x.life,
                           x.position});
  }
  template <class Record>
  void operator()(Record& x) const {
    work.add(std::move(x));
  }
  void operator()(kept::channel_ended& x) const {
    work.add(channel_ended{std::move(x.channel), channel_side::sending});
  }
};

std::error_code load_outbox(node_journal& from, const channel_key& channel, sequence next,
                            protocol::channel_image& into) {
  for (sequence after = 1;;) {
    auto some = from.outbox(channel, after, outbox_bytes_at_once);
    if (!some) return some.error();
    if (some->empty()) break;
    if (into.outbox.empty()) into.next = some->front().seq;
    for (auto& one : *some) {
      // Settled from the front only, so a hole is damage: what lies behind it is not sent.
      if (one.seq != into.next + into.outbox.size()) return journal_errc::corrupted;
      into.outbox.push_back(std::move(one.payload));
    }
    after = into.next + into.outbox.size();
  }
  if (into.outbox.empty()) into.next = next;
  return {};
}

}  // namespace

batch records_of(std::vector<protocol::channel_note> notes, durability need) {
  batch work{{}, need};
  work.records.reserve(notes.size());
  const channel_notes take{work};
  for (auto& note : notes) std::visit(take, note);
  return work;
}

result<protocol::channels_image> load_channels(node_journal& from) {
  const auto& opened = from.opened();
  protocol::channels_image image{.since = opened.moved ? opened.epoch : from.lives().front().epoch,
                                 .channels = {}};
  auto found = from.channels();
  if (!found) return tl::unexpected{found.error()};
  if (opened.moved) {
    batch work;
    for (const auto& one : *found) work.add(channel_ended{one.channel, one.side});
    if (auto kept = from.commit(work); !kept) return tl::unexpected{kept.error()};
    return image;
  }
  for (auto& one : *found) {
    const bool sending = one.side == channel_side::sending;
    protocol::channel_image side{
        .begun = {one.channel, sending, one.cid, one.generation, one.life, one.position},
        .next = one.next};
    if (sending)
      if (auto error = load_outbox(from, one.channel, one.next, side)) return tl::unexpected{error};
    image.channels.push_back(std::move(side));
  }
  return image;
}

}  // namespace causerie::journal
