// SPDX-License-Identifier: BSL-1.0
//
// Frames that a member may send: bytes become a few frames to an active member that has company.
// Whatever they say, the machine keeps its invariants, its bounds and its timers.
#include <cstdlib>

#include "protocol/assert.hpp"
#include "protocol/causal/bundle.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/causal/group_message.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::causal;
using namespace std::chrono_literals;

namespace {

incarnation life(std::uint8_t number) {
  incarnation who;
  who.node.octets[0] = number;
  who.epoch = boot_epoch{1};
  return who;
}
const incarnation self = life(1), peer = life(2), stranger = life(3);

group_config config() {
  group_config config;
  config.name = "fuzz";
  config.stream_events_max = 64;
  config.pending_bytes_max = 16 * 1024;
  config.message_bytes_max = 4096;
  return config;
}

void drain(causal_group& group) {
  while (group.poll()) {}
}

/// A founder that has let `peer` in.
causal_group make_member(instant& now) {
  causal_group group{self, config(), 1};
  group.join(now);
  group.on_directory({}, true, now);
  drain(group);
  now += 2s;
  group.on_deadline(now);
  drain(group);
  const auto body = encode_frame(group.id(), frame_type::join_request, join_request{});
  (void)group.on_frame(peer, body, now);
  (void)group.send(shared_bytes::copy_of(std::string_view{"hello"}), 0, {}, now);
  drain(group);
  const auto tag = make_member_tag(group.id(), peer), own = make_member_tag(group.id(), self);
  row_frame row{tag, 1, true, {{own, 3, 3}}};
  (void)group.on_frame(peer, encode_frame(group.id(), frame_type::row, row), now);
  drain(group);
  return group;
}

template <class Body>
std::vector<std::uint8_t> seed(frame_type type, const Body& body) {
  const auto bytes = wire::encode(body);
  std::vector<std::uint8_t> out{static_cast<std::uint8_t>(bytes.size()),
                                static_cast<std::uint8_t>(bytes.size() >> 8), 0,
                                static_cast<std::uint8_t>(type)};
  for (const auto octet : bytes.view()) out.push_back(static_cast<std::uint8_t>(octet));
  return out;
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  const auto id = make_group_id("causerie", "fuzz");
  const auto tag = make_member_tag(id, peer), own = make_member_tag(id, self);
  const auto control = [&](message_kind kind, const auto& record) {
    group_message message;
    message.kind = kind;
    message.causes = {{own, 3}};
    message.payload = wire::encode(record);
    return bundle{tag, 1, {message}};
  };
  group_summary summary{summary_use::merge, own, {}, {{own, 3}}, {}, 1, {}, {{stranger}}, {}};
  auto gap = summary;
  gap.use = summary_use::gap;
  gap.base = gap.delivered = {{tag, 9}, {own, 3}};
  return {seed(frame_type::bundle, control(message_kind::add, add_record{stranger, {{own, 2}}})),
          seed(frame_type::bundle, control(message_kind::retire, retire_record{self, 3})),
          seed(frame_type::bundle, control(message_kind::unretire, retire_record{peer, 3})),
          seed(frame_type::bundle, bundle{tag, 1, {group_message{message_kind::leave}}}),
          seed(frame_type::row, row_frame{tag, 2, true, {{own, 3, 3}, {tag, 5, 2}}}),
          seed(frame_type::repair_request, repair_request{1, {{own, 1, 3}}}),
          seed(frame_type::repair_answer, repair_answer{1, {{tag, 4}}}),
          seed(frame_type::summary, summary),
          seed(frame_type::summary, gap),
          seed(frame_type::row_request, row_request{own}),
          seed(frame_type::summary_request, summary_request{summary_use::gap})};
}
std::size_t fuzz_runs() { return 100'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  instant now{1h};
  auto group = make_member(now);
  const auto id = group.id();
  // Each frame: length (2), sender and pause (1), type (1), body.
  while (size >= 4) {
    const auto length = std::min<std::size_t>(data[0] | data[1] << 8, size - 4);
    byte_buffer body;
    for (const auto octet : id.octets) body.push_back(static_cast<std::byte>(octet));
    for (std::size_t i = 0; i <= length; ++i) body.push_back(static_cast<std::byte>(data[3 + i]));
    const auto& from = data[2] % 4 == 3 ? stranger : peer;
    now += duration{1ms} * (data[2] >> 2);
    const shared_bytes bytes{std::move(body)};
    (void)(data[2] % 2 ? group.on_internal(from, bytes, now) : group.on_frame(from, bytes, now));
    data += 4 + length;
    size -= 4 + length;
    drain(group);
    group.commit(group.committed() + 8, now);
    drain(group);
    group.audit();
    if (const auto next = group.next_deadline(); next && *next <= now + 10s) {
      now = std::max(now, *next);
      group.on_deadline(now);
      drain(group);
      if (const auto after = group.next_deadline(); after && *after <= now) std::abort();
    }
  }
  group.audit();
  return 0;
}
