// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_frames.hpp"

#include <array>
#include <span>
#include <utility>

namespace causerie::protocol {
namespace {

/// Far beyond any real count, and sums of a few of them cannot wrap.
constexpr std::uint64_t number_max = std::uint64_t{1} << 60;

bool sane(const channel_position& at) {
  return at.seq >= 1 && at.seq < number_max && at.off < number_max;
}

bool sane(const std::optional<channel_introduction>& introduction) {
  return !introduction || valid_channel_name(introduction->name);
}

bool sane(const channel_batch& frame) {
  return sane(frame.introduction) && frame.first >= 1 && frame.first < number_max &&
         !frame.messages.empty();
}

bool sane(const channel_fragment& frame) {
  if (!sane(frame.introduction) || !sane(frame.at) || frame.total >= number_max) return false;
  if (frame.total == 0) return frame.at.off == 0 && frame.bytes.empty();
  return !frame.bytes.empty() && frame.at.off + frame.bytes.size() <= frame.total;
}

bool sane(const channel_ack& frame) {
  if (!sane(frame.recv_next) || frame.committed_next < 1 ||
      frame.committed_next > frame.recv_next.seq || frame.window >= number_max)
    return false;
  auto after = frame.recv_next;
  for (const auto& range : frame.sacks) {
    if (!sane(range.begin) || !sane(range.end) || range.begin < after || range.end <= range.begin)
      return false;
    after = range.end;
  }
  return true;
}

bool sane(const channel_control& frame) {
  return sane(frame.introduction) && (frame.kind == channel_control_kind::reject) ==
                                         (frame.reason != channel_reject_reason::none);
}

template <class Frame>
result<channel_frame> decode_as(const shared_bytes& body) {
  auto frame = wire::decode<Frame>(body);
  if (!frame || !sane(*frame)) return failure(protocol_errc::malformed);
  return channel_frame{std::move(*frame)};
}

template <class Frame>
shared_bytes encode_as(channel_frame_kind kind, const Frame& frame) {
  byte_buffer out{static_cast<std::byte>(kind)};
  wire::encode_to(out, frame);
  return shared_bytes{std::move(out)};
}

/// Bytes of the UTF-8 sequence at the head of `text`, or 0.
std::size_t code_point_bytes(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (at(i) & 0xc0) == 0x80; };
  const auto head = at(0);
  if (head < 0x20 || head == 0x7f) return 0;
  if (head < 0x80) return 1;
  if (head >= 0xc2 && head < 0xe0) return tail(1) ? 2 : 0;
  if (head >= 0xe0 && head < 0xf0) {
    if (!tail(1) || !tail(2)) return 0;
    if (head == 0xe0 && at(1) < 0xa0) return 0;   // Overlong.
    if (head == 0xed && at(1) >= 0xa0) return 0;  // A surrogate.
    return 3;
  }
  if (head >= 0xf0 && head < 0xf5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (head == 0xf0 && at(1) < 0x90) return 0;
    if (head == 0xf4 && at(1) >= 0x90) return 0;  // Beyond U+10FFFF.
    return 4;
  }
  return 0;
}

}  // namespace

result<channel_frame> decode_channel_frame(const shared_bytes& body) {
  if (body.empty()) return failure(protocol_errc::malformed);
  const auto rest = body.slice(1, body.size() - 1);
  switch (static_cast<channel_frame_kind>(body.view()[0])) {
    case channel_frame_kind::batch: return decode_as<channel_batch>(rest);
    case channel_frame_kind::fragment: return decode_as<channel_fragment>(rest);
    case channel_frame_kind::ack: return decode_as<channel_ack>(rest);
    case channel_frame_kind::control: return decode_as<channel_control>(rest);
  }
  return failure(protocol_errc::malformed);
}

shared_bytes encode_channel_frame(const channel_ack& frame) {
  return encode_as(channel_frame_kind::ack, frame);
}

shared_bytes encode_channel_frame(const channel_control& frame) {
  return encode_as(channel_frame_kind::control, frame);
}

bool valid_channel_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > channel_name_bytes_max) return false;
  while (!name.empty()) {
    const auto bytes = code_point_bytes(name);
    if (bytes == 0) return false;
    name.remove_prefix(bytes);
  }
  return true;
}

}  // namespace causerie::protocol
