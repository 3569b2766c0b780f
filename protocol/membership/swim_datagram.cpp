// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/swim_datagram.hpp"

#include <algorithm>

#include "protocol/assert.hpp"
#include "protocol/hash.hpp"

namespace causerie::protocol::swim {

namespace {

bool sound(const member_record& record) {
  if (record.refutations > refutations_max) return false;
  if (record.state == member_state::alive && !record.profile) return false;
  return !record.profile || is_utf8(record.profile->name);
}

bool sound(const presence_record& record) { return record.group != group_id{}; }

bool sound(const key_range& range) { return range.first < range.end; }

bool sound(const std::vector<key_range>& ranges) {
  return std::all_of(ranges.begin(), ranges.end(), [](const auto& range) { return sound(range); });
}

std::size_t records_max(const swim_datagram& message) {
  return std::holds_alternative<exchange_part>(message.body) ? part_records_max
                                                             : piggyback_records_max;
}

struct body_check {
  bool operator()(const exchange_request& body) const { return sound(body.wanted); }
  bool operator()(const join_request& body) const { return sound(body.wanted); }
  bool operator()(const exchange_part& body) const { return sound(body.covers); }
  bool operator()(const join_refusal& body) const { return is_utf8(body.reason); }
  bool operator()(const auto&) const { return true; }
};

bool sound(const swim_datagram& message) {
  const auto is_sound = [](const auto& record) { return sound(record); };
  return message.members.size() + message.presences.size() <= records_max(message) &&
         std::visit(body_check{}, message.body) &&
         std::all_of(message.members.begin(), message.members.end(), is_sound) &&
         std::all_of(message.presences.begin(), message.presences.end(), is_sound);
}

/// How many continuation octets follow `lead`, and the smallest code point so long a form may have.
struct utf8_form {
  std::size_t continuations;
  std::uint32_t bits, code_min;
};
std::optional<utf8_form> form_of(std::uint8_t lead) {
  if (lead < 0x80) return utf8_form{0, lead, 0};
  if ((lead & 0xe0) == 0xc0) return utf8_form{1, lead & 0x1fu, 0x80};
  if ((lead & 0xf0) == 0xe0) return utf8_form{2, lead & 0x0fu, 0x800};
  if ((lead & 0xf8) == 0xf0) return utf8_form{3, lead & 0x07u, 0x10000};
  return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto form = form_of(static_cast<std::uint8_t>(text[i++]));
    if (!form || text.size() - i < form->continuations) return false;
    auto code = form->bits;
    for (std::size_t k = 0; k < form->continuations; ++k) {
      const auto octet = static_cast<std::uint8_t>(text[i++]);
      if ((octet & 0xc0) != 0x80) return false;
      code = code << 6 | (octet & 0x3fu);
    }
    const auto surrogate = code >= 0xd800 && code < 0xe000;
    if (code < form->code_min || code > 0x10ffff || surrogate) return false;
  }
  return true;
}

bool detail::choose_body(datagram_body& body, std::uint8_t index) {
  switch (index) {
    case 0: body.emplace<probe_body>(); return true;
    case 1: body.emplace<gossip_body>(); return true;
    case 2: body.emplace<exchange_request>(); return true;
    case 3: body.emplace<exchange_part>(); return true;
    case 4: body.emplace<join_request>(); return true;
    case 5: body.emplace<join_refusal>(); return true;
    default: return false;
  }
}

std::uint64_t cluster_hash(std::string_view name) {
  hasher<16> hash;
  hash.add(std::string_view{"causerie cluster"});
  hash.add(static_cast<std::uint64_t>(name.size()));
  hash.add(name);
  const auto digest = hash.finish();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(digest[i]) << (8 * i);
  return value;
}

result<swim_datagram> parse_datagram(const shared_bytes& bytes) {
  if (bytes.empty() || bytes.size() > datagram_bytes_max) return failure(protocol_errc::malformed);
  if (static_cast<std::uint8_t>(bytes.view().front()) != version_major)
    return failure(protocol_errc::foreign_version);
  auto message = wire::decode<swim_datagram>(bytes);
  if (message && !sound(*message)) return failure(protocol_errc::malformed);
  return message;
}

shared_bytes encode_datagram(const swim_datagram& message) {
  auto bytes = wire::encode(message);
  CAUSERIE_ASSERT(bytes.size() <= datagram_bytes_max);
  return bytes;
}

}  // namespace causerie::protocol::swim
