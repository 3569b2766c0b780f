// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <set>
#include <string>

#include "tests/protocol/channel/channel_world.hpp"

namespace causerie::protocol::testing {

/// What may happen in a random schedule besides the carrier's faults.
struct schedule_options {
  bool restarts = true, lives = false, deaths = false, deadlines = false;
  int steps = 120;
};

/// One random day of two nodes, judged by what the applications saw and were told. Knows nothing
/// of the machine's inside.
class channel_schedule {
public:
  channel_schedule(std::uint64_t seed, schedule_options with)
      : chance_{seed}, options_{with}, world{chance_.next(), config()} {
    auto& faults = world.faults;
    faults.duplicate = chance_.unit() * 0.3;
    faults.vanish = chance_.unit() * 0.2;
    faults.lose_fresh = chance_.unit() * 0.4;
    faults.refuse = chance_.unit() * 0.2;
    world.on_outcome = [this](std::size_t i, const channel_set::outcome& outcome) {
      told(i, outcome);
    };
    faults.delay_max = chance_.between(std::chrono::milliseconds{1}, std::chrono::milliseconds{80});
  }

  /// The first promise that was broken, or nothing.
  std::string run() {
    for (int step = 0; step < options_.steps && broken_.empty(); ++step) {
      act();
      world.run_for(chance_.between(duration{0}, std::chrono::milliseconds{30}));
    }
    heal();
    if (broken_.empty()) judge();
    return broken_;
  }

  std::size_t delivered = 0, unknown = 0, not_sent = 0;

private:
  struct sent_text {
    std::size_t from;
    std::string channel;
    std::uint64_t number;  // Of this sender's life and channel, rising.
    std::uint64_t life;
    bool deadline;
  };

  channel_config config() {
    channel_config small;
    small.queue_messages_max = 64;
    small.window_bytes = chance_.between(2'000, 64'000);
    small.window_bytes_max = 2 * small.window_bytes;
    small.link_bytes_max = 256'000;
    small.node_bytes_max = 256'000;
    small.message_bytes_max = 100'000;
    return small;
  }

  void act() {
    const auto dice = chance_.below(100);
    const auto i = static_cast<std::size_t>(chance_.below(2));
    if (dice < 55) return say(i);
    if (dice < 90) return listen(i, chance_.below(20) + 1);
    if (dice < 94 && options_.restarts) {
      if (chance_.chance(0.5)) world.lose_everything_under_way();
      for (std::size_t side = 0; side < 2; ++side) world.set(side).on_restarted(world.now);
      return world.drain();
    }
    if (dice < 96 && options_.lives) return rebirth(i);
    if (dice < 98 && options_.deaths) return death();
  }

  void say(std::size_t i) {
    const auto channel = std::string(1, static_cast<char>('a' + chance_.below(3)));
    const int count = static_cast<int>(chance_.below(8)) + 1;
    for (int n = 0; n < count; ++n) {
      const auto number = ++numbers_[{i, channel}];
      auto text = channel + std::to_string(number) + ":";
      const auto shape = chance_.below(40);
      text.resize(text.size() + (shape == 0  ? chance_.below(50'000)
                                 : shape < 6 ? chance_.below(3'000)
                                             : chance_.below(100)),
                  '.');
      std::optional<instant> deadline;
      if (options_.deadlines && chance_.chance(0.3))
        deadline = world.now + chance_.between(duration{0}, std::chrono::seconds{1});
      const auto life = protocol::number(world.side_of(i).self.epoch);
      const auto sent = world.send(i, text, channel, deadline);
      if (!sent) continue;
      texts_[{i, life, *sent}] = {i, channel, number, life, deadline.has_value()};
    }
    world.drain();
  }

  void listen(std::size_t i, std::size_t messages_max) {
    for (const auto& key : world.set(i).readable()) {
      const auto messages = world.set(i).read(key, world.set(i).committed(key), messages_max);
      for (const auto& each : messages) heard(i, key.name, each);
      if (!messages.empty()) world.set(i).commit(key, messages.back().position, world.now);
    }
    world.drain();
  }

  void heard(std::size_t i, const std::string& channel, const channel_set::received& message) {
    const auto text = message.payload.text();
    const auto number = std::stoull(std::string{text.substr(1, text.find(':') - 1)});
    const auto life = protocol::number(message.from.epoch);
    const auto own_life = protocol::number(world.side_of(i).self.epoch);
    if (text.substr(0, 1) != channel) broken_ = "a message on a foreign channel";
    // Numbers go on over the sender's lives, so one comparison serves for order and doubles.
    auto& last = last_heard_[{i, own_life, channel}];
    if (number <= last)
      broken_ = "out of order or twice: " + std::to_string(number) + " after " +
                std::to_string(last) + " on " + channel;
    last = number;
    heard_.insert({1 - i, life, channel, number});
  }

  // DELIVERED is a promise about the past: the peer's application had it before we were told.
  void told(std::size_t i, const channel_set::outcome& outcome) {
    const auto life = number(world.side_of(i).self.epoch);
    const auto text = texts_.find({i, life, outcome.message});
    if (outcome.what != send_outcome::delivered || text == texts_.end()) return;
    if (heard_.count({i, life, text->second.channel, text->second.number}) == 0)
      broken_ = "delivered before anybody had it";
  }

  void rebirth(std::size_t i) {
    settle(i);
    world.lose_everything_under_way();
    world.reborn(i);
  }

  void death() {
    world.cut = true;
    const auto time = chance_.between(std::chrono::seconds{1}, std::chrono::seconds{50});
    for (std::size_t i = 0; i < 2; ++i)
      world.set(i).on_node_down(world.side_of(1 - i).self, world.now);
    world.drain();
    world.run_for(time);
    world.cut = false;
    world.meet();
  }

  // What a life leaves without an outcome when it ends is nobody's promise.
  void settle(std::size_t i) {
    collect(i);
    const auto life = number(world.side_of(i).self.epoch);
    std::erase_if(texts_, [&](const auto& each) {
      const auto& [side, of_life, id] = each.first;
      return side == i && of_life == life && outcomes_.count(each.first) == 0;
    });
    world.side_of(i).outcomes.clear();
    world.side_of(i).outcome_count = 0;
  }

  void collect(std::size_t i) {
    auto& side = world.side_of(i);
    if (side.outcomes.size() != side.outcome_count) broken_ = "two outcomes of one message";
    for (const auto& [id, outcome] : side.outcomes)
      outcomes_[{i, number(side.self.epoch), id}] = outcome.what;
  }

  void heal() {
    world.faults.vanish = world.faults.refuse = world.faults.lose_fresh = 0;
    for (int round = 0; round < 200; ++round) {
      world.run_for(std::chrono::milliseconds{200});
      listen(0, 1000);
      listen(1, 1000);
    }
    collect(0);
    collect(1);
  }

  void judge() {
    for (const auto& [id, text] : texts_) {
      const auto found = outcomes_.find(id);
      if (found == outcomes_.end()) {
        broken_ = "no outcome for " + text.channel + std::to_string(text.number);
        return;
      }
      const bool arrived = heard_.count({text.from, text.life, text.channel, text.number}) != 0;
      switch (found->second) {
        case send_outcome::delivered:
          ++delivered;
          if (!arrived) broken_ = "delivered, but nobody has it: " + std::to_string(text.number);
          break;
        case send_outcome::not_sent:
          ++not_sent;
          if (arrived) broken_ = "not_sent, but it arrived: " + std::to_string(text.number);
          if (!text.deadline && !options_.deaths) broken_ = "not_sent for no reason";
          break;
        case send_outcome::unknown:
          ++unknown;
          if (!text.deadline && !options_.deaths && !options_.lives)
            broken_ = "unknown for no reason";
          break;
      }
    }
  }

  random_source chance_;
  schedule_options options_;

public:
  channel_world world;

private:
  std::map<std::pair<std::size_t, std::string>, std::uint64_t> numbers_;
  using text_id = std::tuple<std::size_t, std::uint64_t, std::uint64_t>;
  std::map<text_id, sent_text> texts_;
  std::map<text_id, send_outcome> outcomes_;
  std::map<std::tuple<std::size_t, std::uint64_t, std::string>, std::uint64_t> last_heard_;
  std::set<std::tuple<std::size_t, std::uint64_t, std::string, std::uint64_t>> heard_;
  std::string broken_;
};

}  // namespace causerie::protocol::testing
