// SPDX-License-Identifier: BSL-1.0
#include <rapidcheck.h>

#include "protocol/causal/bundle.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/causal/delivery_stream.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/causal/group_member.hpp"
#include "protocol/causal/message_log.hpp"
#include "protocol/causal/send_memory.hpp"
#include "protocol/causal/stable_cuts.hpp"
#include "tests/catch.hpp"

namespace causerie::protocol::causal::test {
namespace {

constexpr member_tag ann{1}, bob{2};

message_log::held held(sequence first, sequence last, std::size_t size = 10) {
  return {first, last, shared_bytes{byte_buffer(size)}};
}

TEST_CASE("a log gives the bundle that contains a message, or the next one",
          "[protocol][causal][message_log]") {
  message_log log;
  REQUIRE(log.insert(ann, held(4, 6)));
  REQUIRE(log.insert(ann, held(1, 3)));
  CHECK_FALSE(log.insert(ann, held(4, 6)));
  CHECK(log.at_or_after(ann, 2)->first == 1);
  CHECK(log.at_or_after(ann, 4)->first == 4);
  CHECK(log.at_or_after(ann, 7) == nullptr);
  CHECK(log.at_or_after(bob, 1) == nullptr);
}

TEST_CASE("a log forgets whole bundles up to the floor, and never a part of one",
          "[protocol][causal][message_log]") {
  message_log log;
  log.insert(ann, held(1, 3));
  log.insert(ann, held(4, 6));
  log.forget({{ann, 5}});
  CHECK(log.at_or_after(ann, 1)->first == 4);
  CHECK(log.bytes() == 10);
}

TEST_CASE("a log's byte counts equal a recount whatever the marks do",
          "[protocol][causal][message_log]") {
  CHECK(rc::check("recount", [](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& ops) {
    message_log log;
    for (const auto& [what, number] : ops) {
      const member_tag tag{what % 2u + 1};
      switch (what % 6) {
        case 0:
        case 1: log.insert(tag, held(number * 2u + 1, number * 2u + 2, what)); break;
        case 2: log.mark_live({{tag, number}}); break;
        case 3: log.mark_stable({{tag, number}}); break;
        case 4: log.remove(tag, number * 2u + 1); break;
        case 5: log.forget({{tag, number / 4u}}); break;
      }
      log.audit();
    }
  }));
}

TEST_CASE("a stream reads the same until it is committed", "[protocol][causal][delivery_stream]") {
  group_config config;
  config.stream_events_max = 2;
  delivery_stream stream{config};
  stream.start({});
  stream.append(member_up_event{});
  CHECK(stream.full());
  CHECK(stream.read(0, 10).size() == 2);
  CHECK(stream.read(0, 10).size() == 2);
  CHECK(stream.read(1, 10).front().position == 2);
  CHECK(stream.commit(1));
  CHECK(stream.committed() == 1);
  CHECK_FALSE(stream.full());
  CHECK(stream.read(0, 10).front().position == 2);
  stream.commit(99);
  CHECK(stream.committed() == 2);
  stream.audit();
}

TEST_CASE("a row counts only once everything its owner had sent has arrived",
          "[protocol][causal][rows]") {
  group_member member{{}, {}};
  vector_clock ours{{ann, 4}};
  CHECK(member.on_row(1, {{ann, 5}, {bob, 1}}, {}, ann, ours, {}));
  CHECK(member.usable.empty());  // Ann had sent 5 when she said so; we have 4.
  CHECK(member.on_row(2, {{ann, 9}, {bob, 2}}, {}, ann, ours, {}));
  ours.raise(ann, 5);
  CHECK(member.refresh(ann, ours));  // The first row was not overwritten by the second.
  CHECK(member.usable.at(bob) == 1);
  ours.raise(ann, 9);
  CHECK(member.refresh(ann, ours));
  CHECK(member.usable.at(bob) == 2);
  CHECK_FALSE(member.on_row(2, {}, {}, ann, ours, {}));  // Not newer.
}

TEST_CASE("request ids are remembered, the last 1024 of them", "[protocol][causal]") {
  send_memory memory;
  memory.remember(0, 1);
  CHECK_FALSE(memory.find(0));
  for (std::uint64_t i = 1; i <= send_memory::requests_max + 1; ++i) memory.remember(i, i * 10);
  CHECK_FALSE(memory.find(1));
  CHECK(memory.find(2) == 20);
}

TEST_CASE("recorded cuts are thinned, not lost at the ends", "[protocol][causal]") {
  stable_cuts cuts;
  for (sequence i = 1; i <= 1000; ++i) cuts.record({{ann, i}}, instant{});
  CHECK(cuts.size() <= stable_cuts::cuts_max);
  CHECK(cuts.oldest().clock.at(ann) == 1);
  CHECK(cuts.newest().clock.at(ann) == 1000);
}

template <class Body>
void check_rejects_every_prefix(const Body& body) {
  const auto bytes = wire::encode(body);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(wire::decode<Body>(bytes.slice(0, size)));
  auto longer = byte_buffer{bytes.view().begin(), bytes.view().end()};
  longer.push_back(std::byte{0});
  CHECK_FALSE(wire::decode<Body>(shared_bytes{std::move(longer)}));
  const auto back = wire::decode<Body>(bytes);
  REQUIRE(back);
  CHECK(std::ranges::equal(wire::encode(*back).view(), bytes.view()));
}

TEST_CASE("every frame survives the wire, and no part of one passes for a whole",
          "[protocol][causal][frames]") {
  group_message message;
  message.causes = {{bob, 3}};
  message.payload = shared_bytes::copy_of("hello");
  check_rejects_every_prefix(bundle{ann, 7, {message, message}});
  check_rejects_every_prefix(row_frame{ann, 3, true, {{ann, 5, 2}, {bob, 9, 9}}});
  check_rejects_every_prefix(repair_request{4, {{ann, 1, 2}}});
  check_rejects_every_prefix(repair_answer{4, {{ann, 1}}});
  check_rejects_every_prefix(join_request{history_policy::recent});
  check_rejects_every_prefix(join_refused{refusal::full, "full"});
  check_rejects_every_prefix(
      group_summary{summary_use::join, ann, {{ann, 1}}, {{ann, 2}}, {bob, 1}, 5, {}, {{}}, {{}}});
}

TEST_CASE("numbers that make no sense are malformed", "[protocol][causal][frames]") {
  CHECK_FALSE(well_formed(bundle{ann, 0, {group_message{}}}));
  CHECK_FALSE(well_formed(bundle{ann, 1, {}}));
  auto message = group_message{};
  message.fragments = 0;
  CHECK_FALSE(well_formed(bundle{ann, 1, {message}}));
  message = {};
  message.causes = {{bob, 1}, {bob, 2}};
  CHECK_FALSE(well_formed(bundle{ann, 1, {message}}));
  CHECK_FALSE(well_formed(row_frame{ann, 1, true, {{ann, 1, 2}}}));
  CHECK_FALSE(well_formed(row_frame{ann, 1, true, {{bob, 1, 0}, {ann, 1, 0}}}));
  CHECK_FALSE(well_formed(repair_request{1, {{ann, 3, 2}}}));
  CHECK_FALSE(well_formed(group_summary{summary_use::join, ann, {{ann, 2}}, {{ann, 1}}}));
}

TEST_CASE("the group of a frame is its first sixteen bytes", "[protocol][causal][frames]") {
  const auto group = make_group_id("causerie", "lobby");
  const auto body = encode_frame(group, frame_type::join_request, join_request{});
  CHECK(group_of(body.view()) == group);
  CHECK_FALSE(group_of(body.view().first(16)));
}

}  // namespace
}  // namespace causerie::protocol::causal::test
