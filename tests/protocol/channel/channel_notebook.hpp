// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "protocol/channel/channel_keeping.hpp"

namespace causerie::protocol::testing {

/// What a node's journal would hold of its durable channels, by the simplest rules.
class channel_notebook {
public:
  explicit channel_notebook(boot_epoch since = {}) : since_{since} {}

  void write(std::vector<channel_note> notes) {
    for (auto& note : notes) std::visit([this](auto& x) { take(x); }, note);
  }

  [[nodiscard]] channels_image image() const {
    channels_image all{.since = since_};
    for (const auto& [_, one] : sides_) all.channels.push_back(one);
    return all;
  }
  [[nodiscard]] std::size_t waiting(const channel_key& of) const {
    const auto at = sides_.find({of, true});
    return at == sides_.end() ? 0 : at->second.outbox.size();
  }

private:
  using side = std::pair<channel_key, bool>;

  void take(kept::channel_begun& x) {
    auto& one = sides_[{x.channel, x.sending}];
    if (one.begun.cid == x.cid) {
      one.begun.life = x.life;
      return;
    }
    const auto position = std::max(one.begun.position, x.position);
    one = {.begun = std::move(x), .next = 1, .outbox = {}};
    one.begun.position = position;
  }
  void take(kept::outbox_added& x) {
    auto& one = sides_.at({x.channel, true});
    if (one.begun.cid != x.cid || x.seq != one.next + one.outbox.size())
      throw std::logic_error{"an outbox with a hole"};
    one.outbox.push_back(std::move(x.payload));
  }
  void take(const kept::outbox_settled& x) {
    auto& one = sides_.at({x.channel, true});
    if (one.begun.cid != x.cid) return;
    for (; one.next <= x.last; ++one.next) one.outbox.erase(one.outbox.begin());
  }
  void take(const kept::channel_received& x) {
    auto& one = sides_.at({x.channel, false});
    if (one.begun.cid != x.cid) return;
    one.next = std::max(one.next, x.next);
    one.begun.position = std::max(one.begun.position, x.position);
  }
  void take(const kept::channel_ended& x) { sides_.erase({x.channel, true}); }

  boot_epoch since_;
  std::map<side, channel_image> sides_;
};

}  // namespace causerie::protocol::testing
