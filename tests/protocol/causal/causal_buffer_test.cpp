// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/causal_buffer.hpp"

#include <algorithm>
#include <set>

#include <rapidcheck.h>

#include "protocol/errors.hpp"
#include "tests/catch.hpp"

namespace causerie::protocol::causal::test {
namespace {

constexpr member_tag ann{1}, bob{2}, cat{3};

group_message text(std::string_view words, std::vector<clock_entry> causes = {}) {
  group_message message;
  message.causes = std::move(causes);
  message.payload = shared_bytes::copy_of(words);
  return message;
}
bundle one(member_tag sender, sequence first, group_message message) {
  return {sender, first, {std::move(message)}};
}
std::vector<std::string> drain(causal_buffer& buffer) {
  std::vector<std::string> said;
  while (auto ready = buffer.poll()) said.emplace_back(ready->message.payload.text());
  buffer.audit(/*drained=*/true);
  return said;
}
using words = std::vector<std::string>;

TEST_CASE("an answer waits for its question", "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  REQUIRE_FALSE(buffer.on_bundle(one(bob, 1, text("answer", {{ann, 1}})), 100));
  CHECK(drain(buffer).empty());
  CHECK(buffer.witness(ann, 1) == bob);
  CHECK(buffer.mentioned().at(ann) == 1);
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 1, text("question")), 100));
  CHECK(drain(buffer) == words{"question", "answer"});
  CHECK(buffer.held_bytes() == 0);
}

TEST_CASE("messages of one sender keep their order without naming each other",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 2, text("two")), 100));
  CHECK(drain(buffer).empty());
  CHECK(buffer.missing(ann, 2, 8) == std::vector<message_range>{{ann, 1, 1}});
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 1, text("one")), 100));
  CHECK(drain(buffer) == words{"one", "two"});
}

TEST_CASE("what was delivered or is held is a duplicate", "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 1, text("one")), 100));
  CHECK(buffer.on_bundle(one(ann, 1, text("one")), 100) == protocol_errc::duplicate);
  CHECK(drain(buffer) == words{"one"});
  CHECK(buffer.on_bundle(one(ann, 1, text("one")), 100) == protocol_errc::duplicate);
  CHECK(drain(buffer).empty());
}

TEST_CASE("fragments are delivered as one message, and the clock never stands between them",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  const auto part = [](std::uint8_t i, std::string_view words_) {
    auto message = text(words_);
    message.fragment = i;
    message.fragments = 3;
    return message;
  };
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 1, part(0, "all ")), 100));
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 3, part(2, "one")), 100));
  CHECK(drain(buffer).empty());
  CHECK(buffer.delivered().at(ann) == 0);
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 2, part(1, "is ")), 100));
  const auto ready = buffer.poll();
  REQUIRE(ready);
  CHECK(ready->message.payload.text() == "all is one");
  CHECK((ready->first == 1 && ready->last == 3));
  CHECK(buffer.delivered().at(ann) == 3);
}

TEST_CASE("fragments that do not belong together are passed over, not waited for",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  auto tail = text("tail without head");
  tail.fragment = 1;
  tail.fragments = 2;
  REQUIRE_FALSE(buffer.on_bundle({ann, 1, {tail, text("whole")}}, 100));
  CHECK(buffer.poll()->broken);
  CHECK(buffer.poll()->message.payload.text() == "whole");
}

TEST_CASE("a raise by a closed cut releases what waited for it and drops what it covers",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  REQUIRE_FALSE(buffer.on_bundle(one(bob, 1, text("answer", {{ann, 5}})), 100));
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 4, text("old")), 100));
  CHECK(drain(buffer).empty());
  CHECK(buffer.raise({{ann, 5}}) == std::vector<message_range>{{ann, 1, 5}});
  CHECK(drain(buffer) == words{"answer"});
  CHECK(buffer.held_messages() == 0);
}

TEST_CASE("a retired member's messages count as delivered causes",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  buffer.raise({{ann, 3}});
  buffer.retire(ann, 3);
  CHECK_FALSE(buffer.delivered().contains(ann));
  REQUIRE_FALSE(buffer.on_bundle(one(bob, 1, text("before", {{ann, 3}})), 100));
  REQUIRE_FALSE(buffer.on_bundle(one(cat, 1, text("after", {{ann, 4}})), 100));
  CHECK(drain(buffer) == words{"before"});
  buffer.unretire(ann, 3);
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 4, text("back")), 100));
  CHECK(drain(buffer) == words{"back", "after"});
}

TEST_CASE("a full buffer drops what is farthest from delivery and keeps what is next",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{350};
  for (sequence i = 5; i >= 2; --i)
    REQUIRE_FALSE(buffer.on_bundle(one(ann, i, text(std::to_string(i))), 100));
  CHECK(buffer.held_bytes() <= 350);
  const auto dropped = buffer.take_dropped();
  REQUIRE(dropped.size() == 1);
  CHECK(dropped.front().first == 5);
  REQUIRE_FALSE(buffer.on_bundle(one(ann, 1, text("1")), 100));
  CHECK(drain(buffer).size() >= 3);
}

TEST_CASE("a sender too far ahead is refused", "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{1 << 20};
  CHECK(buffer.on_bundle(one(ann, causal_buffer::default_window + 2, text("far")), 100) ==
        protocol_errc::out_of_window);
  CHECK(buffer.empty());
}

TEST_CASE("a chain of any depth is delivered without recursion",
          "[protocol][causal][causal_buffer]") {
  causal_buffer buffer{64u << 20};
  constexpr std::uint64_t depth = 50'000;
  for (std::uint64_t i = depth; i >= 2; --i)
    REQUIRE_FALSE(
        buffer.on_bundle(one(member_tag{i}, 1, text("x", {{member_tag{i - 1}, 1}})), 100));
  CHECK_FALSE(buffer.poll());
  REQUIRE_FALSE(buffer.on_bundle(one(member_tag{1}, 1, text("x")), 100));
  CHECK(drain(buffer).size() == depth);
}

/// Delivers by trying everything again after everything: obviously right, and slow.
class slow_twin {
public:
  void add(const bundle& content) {
    for (std::size_t i = 0; i < content.messages.size(); ++i)
      held_.insert({{content.sender, content.first + i}, content.messages[i]});
  }
  std::set<std::pair<member_tag, sequence>> deliver() {
    for (bool again = true; again;) {
      again = false;
      for (const auto& [id, message] : held_) {
        if (delivered_.at(id.first) + 1 != id.second) continue;
        const auto& causes = message.causes;
        if (!std::all_of(causes.begin(), causes.end(), [this](const clock_entry& cause) {
              return delivered_.at(cause.tag) >= cause.number;
            }))
          continue;
        delivered_.raise(id.first, id.second);
        done_.insert(id);
        again = true;
      }
    }
    return done_;
  }
  [[nodiscard]] const vector_clock& delivered() const { return delivered_; }

private:
  std::map<std::pair<member_tag, sequence>, group_message> held_;
  std::set<std::pair<member_tag, sequence>> done_;
  vector_clock delivered_;
};

/// What four members say, each message naming what its sender had heard.
std::vector<bundle> conversation(const std::vector<std::uint8_t>& choices) {
  std::vector<bundle> all;
  std::vector<vector_clock> heard(4);
  for (const auto choice : choices) {
    const auto who = choice % 4u;
    const auto other = (choice / 4u) % 4u;
    const member_tag sender{who + 1u};
    if (choice >= 128) {
      heard[who].join(heard[other]);
      continue;
    }
    auto message = text("m");
    for (const auto& entry : heard[who].entries())
      if (entry.tag != sender) message.causes.push_back(entry);
    const auto number = heard[who].at(sender) + 1;
    heard[who].raise(sender, number);
    all.push_back(one(sender, number, std::move(message)));
  }
  return all;
}

TEST_CASE("the buffer delivers what its slow twin delivers, whatever order things come in",
          "[protocol][causal][causal_buffer]") {
  CHECK(rc::check("twins", [](const std::vector<std::uint8_t>& choices,
                              const std::vector<std::uint16_t>& arrivals) {
    const auto said = conversation(choices);
    RC_PRE(!said.empty());
    causal_buffer buffer{1 << 20};
    slow_twin twin;
    std::set<std::pair<member_tag, sequence>> got;
    for (const auto arrival : arrivals) {
      const auto& next = said[arrival % said.size()];
      (void)buffer.on_bundle(next, 100);
      twin.add(next);
      while (auto ready = buffer.poll()) {
        for (const auto& cause : ready->message.causes)
          RC_ASSERT(got.contains({cause.tag, cause.number}));
        RC_ASSERT(got.insert({ready->sender, ready->last}).second);
      }
      buffer.audit(/*drained=*/true);
      RC_ASSERT(got == twin.deliver());
      RC_ASSERT(buffer.delivered() == twin.delivered());
    }
  }));
}

}  // namespace
}  // namespace causerie::protocol::causal::test
