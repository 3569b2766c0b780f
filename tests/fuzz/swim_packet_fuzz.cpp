// SPDX-License-Identifier: BSL-1.0
//
// Any bytes as a swim datagram: what is accepted is canonical, what is refused changes nothing but
// a counter, and the table keeps its invariants.
#include <algorithm>
#include <cstdlib>

#include "protocol/membership/member_table.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::swim;

namespace {

incarnation someone(std::uint8_t n) {
  incarnation who{{}, boot_epoch{10}};
  who.node.octets.fill(n);
  return who;
}
socket_address address_of(std::uint8_t n) { return socket_address::v4(10, 0, 0, n, 7450); }

std::vector<std::uint8_t> octets(const shared_bytes& bytes) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {from, from + bytes.size()};
}

bool same_members(const member_table& a, const member_table& b) {
  const auto left = a.members(), right = b.members();
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& x, const auto& y) {
                      return x.who == y.who && x.state == y.state &&
                             x.refutations == y.refutations && x.address == y.address;
                    });
}

member_table fresh_table(instant now) {
  member_table table{someone(1), "self", address_of(1), {}, 1};
  const auto seed = address_of(2);
  table.join({&seed, 1}, now);
  swim_datagram known{{1, 0, cluster_hash("causerie"), someone(2)}, gossip_body{}};
  for (std::uint8_t n = 2; n < 6; ++n)
    known.members.push_back(
        {member_state::alive, someone(n), 0, member_profile{"n", address_of(n)}});
  (void)table.on_packet(seed, encode_datagram(known), now);
  return table;
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  std::vector<std::vector<std::uint8_t>> seeds;
  const auto range = key_range::all();
  const std::vector<datagram_body> bodies{
      probe_body{probe_kind::ping, 7, someone(1), true},
      probe_body{probe_kind::ping_request, 8, someone(3), false, address_of(3)},
      gossip_body{},
      exchange_request{1, 2, true, {range}},
      exchange_part{1, range, true},
      join_request{5, {range}},
      join_refusal{6, "full"}};
  for (const auto& body : bodies) {
    swim_datagram packet{{1, 0, cluster_hash("causerie"), someone(2)}, body};
    packet.members = {{member_state::alive, someone(9), 3, member_profile{"new", address_of(9)}},
                      {member_state::suspect, someone(4), 0, {}, someone(5).node},
                      {member_state::dead, someone(1), 0, {}, someone(5).node},
                      {member_state::left, someone(5), 0, {}}};
    packet.presences = {{someone(4), make_group_id("causerie", "lobby"), 300, true}};
    seeds.push_back(octets(encode_datagram(packet)));
  }
  return seeds;
}

std::size_t fuzz_runs() { return 60'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy_of(std::as_bytes(std::span{data, size}));
  const auto parsed = parse_datagram(bytes);
  if (parsed && octets(wire::encode(*parsed)) != octets(bytes)) std::abort();

  auto now = instant{std::chrono::seconds{100}};
  auto table = fresh_table(now);
  const auto before = fresh_table(now);
  const auto taken = table.on_packet(address_of(2), bytes, now);
  if (taken && !parsed) std::abort();
  if (!taken && !same_members(table, before)) std::abort();
  table.audit();
  for (int step = 0; step < 8; ++step) {
    while (table.poll()) {}
    const auto next = table.next_deadline();
    if (!next) break;
    now = std::max(now, *next);
    table.on_deadline(now);
    const auto later = table.next_deadline();
    if (later && *later <= now) std::abort();
  }
  table.audit();
  return 0;
}
