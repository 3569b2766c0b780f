// SPDX-License-Identifier: BSL-1.0
#include "net/fault/fault_decider.hpp"

namespace causerie::net {

namespace {

constexpr std::size_t streams_max = 65'536;

}  // namespace

protocol::random_source& fault_decider::stream_to(const protocol::socket_address& to) {
  const auto found = streams_.find(to);
  if (found != streams_.end()) return found->second;
  if (streams_.size() >= streams_max) streams_.clear();
  std::uint64_t mixed = seed_ ^ (std::uint64_t{to.port} << 48);
  for (const auto octet : to.ip) mixed = (mixed ^ octet) * 0x100000001b3;
  return streams_.emplace(to, protocol::random_source{mixed}).first->second;
}

fault_decider::copy fault_decider::make_copy(const link_faults& faults, std::size_t bytes,
                                             protocol::random_source& chance) {
  copy made{.delay = faults.delay, .flipped_bit = std::nullopt};
  if (faults.jitter.count() > 0) made.delay += chance.between(protocol::duration{0}, faults.jitter);
  made.held_behind = chance.chance(faults.reorder);
  if (made.held_behind) made.delay += faults.reorder_by;
  if (bytes != 0 && chance.chance(faults.corrupt)) made.flipped_bit = chance.below(bytes * 8);
  return made;
}

fault_decider::fate fault_decider::decide(const link_faults& faults,
                                          const protocol::socket_address& to, std::size_t bytes) {
  return decide(faults, bytes, stream_to(to));
}

fault_decider::fate fault_decider::decide(const link_faults& faults, std::size_t bytes,
                                          protocol::random_source& chance) {
  fate result;
  if (faults.blocked || chance.chance(faults.loss)) return result;
  result.copies[result.count++] = make_copy(faults, bytes, chance);
  if (chance.chance(faults.duplicate))
    result.copies[result.count++] = make_copy(faults, bytes, chance);
  return result;
}

protocol::shared_bytes with_flipped_bit(const protocol::shared_bytes& bytes, std::size_t bit) {
  protocol::byte_buffer bent{bytes.view().begin(), bytes.view().end()};
  bent[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  return protocol::shared_bytes{std::move(bent)};
}

}  // namespace causerie::net
