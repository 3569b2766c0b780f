// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/hostile_port.hpp"

#include <algorithm>
#include <array>

#include "protocol/causal/bundle.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/link/packet.hpp"
#include "protocol/link/packet_frames.hpp"
#include "protocol/link/session.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::simulation {
namespace {

using protocol::byte_buffer;
using protocol::shared_bytes;

constexpr double lies = 0.6;  // Another one after each honest datagram, and after each lie.
constexpr std::size_t remembered = 64;
constexpr std::size_t head_bytes = protocol::session::overhead_bytes;

template <class... Fields>
void append(byte_buffer& bytes, const Fields&... fields) {
  std::array<std::byte, 1024> scratch;
  protocol::wire::writer write{scratch.data()};
  write(fields...);
  bytes.insert(bytes.end(), scratch.data(), write.position());
}

}  // namespace

void hostile_port::send(protocol::datagram_batch batch) {
  protocol::datagram_batch all;
  for (auto& honest : batch) {
    while (random_.chance(lies)) {
      ++told_;
      all.push_back({honest.peer, spoil(honest.bytes)});
    }
    if (!before_.empty() && random_.chance(0.1)) {
      ++told_;
      all.push_back(before_[random_.below(before_.size())]);
    }
    if (before_.size() == remembered) before_.pop_front();
    before_.push_back(honest);
    all.push_back(std::move(honest));
  }
  port_->send(std::move(all));
}

shared_bytes hostile_port::spoil(const shared_bytes& honest) {
  if (honest.empty()) return honest;
  const auto type = static_cast<protocol::datagram_type>(honest.data()[0]);
  if (type == protocol::datagram_type::transport && honest.size() > head_bytes)
    return transport_packet(honest);
  // Cut short, or with more behind it, or nothing but noise. A change in its middle would speak
  // for somebody else.
  byte_buffer bytes{honest.view().begin(), honest.view().end()};
  switch (random_.below(3)) {
    case 0: bytes.resize(1 + random_.below(bytes.size())); break;
    case 1: add_noise(bytes, 1 + random_.below(200)); break;
    default: bytes.resize(1); add_noise(bytes, random_.below(1400));
  }
  return shared_bytes{std::move(bytes)};
}

/// The same session and epochs, a number that is fresh, and frames of its own.
shared_bytes hostile_port::transport_packet(const shared_bytes& honest) {
  const auto header = *protocol::read_header(honest.view());
  byte_buffer bytes{honest.view().begin(), honest.view().end()};
  const protocol::packet_number far = std::uint64_t{1} << random_.below(14);
  protocol::write_header({header.index, header.number + far}, bytes.data());
  if (random_.chance(0.3)) {
    change_some(bytes, head_bytes);
  } else {
    bytes.resize(head_bytes);
    for (auto count = 1 + random_.below(4); count != 0; --count) add_frame(bytes);
  }
  if (random_.chance(0.2)) bytes.resize(head_bytes + random_.below(bytes.size() - head_bytes + 1));
  bytes.resize(std::min(bytes.size(), protocol::datagram_bytes_accepted_max));
  return shared_bytes{std::move(bytes)};
}

void hostile_port::add_frame(byte_buffer& bytes) {
  switch (random_.below(6)) {
    case 0: {  // What nobody sent.
      protocol::ack_frame ack;
      ack.largest = std::uint64_t{1} << random_.below(60);
      ack.delay_us = std::uint64_t{1} << random_.below(60);
      ack.first_length = random_.below(ack.largest + 1);
      return append(bytes, std::uint8_t(protocol::link_frame::ack), ack);
    }
    case 1: return add_garbage_for_a_machine(bytes);
    case 4: return add_claim_to_be_a_member(bytes);
    case 2:  // A length that ends nowhere.
      return append(bytes, std::uint8_t(protocol::frame_kind::group),
                    ~std::uint64_t{0} >> random_.below(60));
    case 3: return append(bytes, std::uint8_t(protocol::link_frame::ping));
    default: return add_noise(bytes, random_.below(30));
  }
}

/// A frame whose body begins as it should, where that helps it to be read on.
void hostile_port::add_garbage_for_a_machine(byte_buffer& bytes) {
  byte_buffer body;
  const bool to_group = random_.chance(0.5);
  if (to_group) {
    const auto last = static_cast<std::uint64_t>(protocol::causal::frame_type::summary);
    append(body, protocol::causal::frame_head{
                     group_, static_cast<protocol::causal::frame_type>(1 + random_.below(last))});
  }
  add_noise(body, random_.below(250));
  const auto kind = to_group ? protocol::frame_kind::group : protocol::frame_kind::channel;
  append(bytes, std::uint8_t(kind), shared_bytes{std::move(body)});
}

/// Well-formed, in its own name, and without a word of truth.
void hostile_port::add_claim_to_be_a_member(byte_buffer& bytes) {
  using namespace protocol::causal;
  const protocol::sequence some = std::uint64_t{1} << random_.below(59);
  byte_buffer body;
  const auto say = [&](frame_type type, auto frame) {
    append(body, frame_head{group_, type}, frame);
  };
  switch (random_.below(4)) {
    case 0:
      say(frame_type::row, row_frame{tag_, some, random_.chance(0.5), {{tag_, some, some / 2}}});
      break;
    case 1: say(frame_type::row_request, row_request{tag_}); break;
    case 2: say(frame_type::repair_request, repair_request{some, {{tag_, 1, some}}}); break;
    default: {
      bundle said{tag_, some, {}};
      said.messages.resize(1 + random_.below(8));
      say(frame_type::bundle, std::move(said));
    }
  }
  append(bytes, std::uint8_t(protocol::frame_kind::group), shared_bytes{std::move(body)});
}

void hostile_port::change_some(byte_buffer& bytes, std::size_t from) {
  for (auto count = 1 + random_.below(8); count != 0; --count)
    bytes[from + random_.below(bytes.size() - from)] = static_cast<std::byte>(random_.below(256));
}

void hostile_port::add_noise(byte_buffer& bytes, std::size_t size) {
  for (; size != 0; --size) bytes.push_back(static_cast<std::byte>(random_.below(256)));
}

}  // namespace causerie::simulation
