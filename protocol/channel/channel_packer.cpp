// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_packer.hpp"

#include <utility>

#include "protocol/assert.hpp"

namespace causerie::protocol {
namespace {

using wire::detail::varint_bytes;

constexpr std::size_t count_bytes_max = 2;  // A frame holds fewer than 2^14 messages.

// The largest header leaves room for the largest whole message: kind, cid, flag, name,
// generation, epoch, first, count, the message's length.
static_assert(1 + 8 + 1 + (1 + channel_name_bytes_max) + 10 + 10 + 10 + count_bytes_max + 2 +
                  channel_whole_bytes_max <=
              frame_body_bytes_max);

std::byte* write_raw(std::byte* at, byte_view bytes) {
  wire::writer write{at};
  write(static_cast<std::uint64_t>(bytes.size()));
  auto* to = write.position();
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace

channel_packer::channel_packer(std::uint64_t cid, const channel_introduction* introduction,
                               sequence first)
    : cid_{cid}, introduction_{introduction}, first_{first} {
  header_bytes_ = 1 + 8 + 1 + varint_bytes(first);
  if (introduction != nullptr) header_bytes_ += wire::encoded_size(*introduction);
}

bool channel_packer::add(const shared_bytes& message) {
  const auto bytes = varint_bytes(message.size()) + message.size();
  if (header_bytes_ + count_bytes_max + body_bytes_ + bytes > frame_body_bytes_max) return false;
  body_bytes_ += bytes;
  ++count_;
  messages_.push_back(&message);
  return true;
}

shared_bytes channel_packer::batch() const {
  CAUSERIE_ASSERT(count_ != 0);
  byte_buffer out(header_bytes_ + varint_bytes(count_) + body_bytes_);
  wire::writer write{out.data()};
  auto cid = cid_;
  write(static_cast<std::uint8_t>(channel_frame_kind::batch), wire::fixed(cid),
        introduction_ != nullptr);
  if (introduction_ != nullptr) write(*introduction_);
  write(first_, static_cast<std::uint64_t>(count_));
  auto* at = write.position();
  for (const auto* message : messages_) at = write_raw(at, message->view());
  CAUSERIE_ASSERT(at == out.data() + out.size());
  return shared_bytes{std::move(out)};
}

std::size_t channel_packer::fragment_room(std::uint64_t off, std::uint64_t total) const {
  return frame_body_bytes_max - header_bytes_ - varint_bytes(off) - varint_bytes(total) -
         varint_bytes(frame_body_bytes_max);
}

shared_bytes channel_packer::fragment(std::uint64_t off, std::uint64_t total,
                                      byte_view bytes) const {
  byte_buffer out(header_bytes_ + varint_bytes(off) + varint_bytes(total) +
                  varint_bytes(bytes.size()) + bytes.size());
  wire::writer write{out.data()};
  auto cid = cid_;
  write(static_cast<std::uint8_t>(channel_frame_kind::fragment), wire::fixed(cid),
        introduction_ != nullptr);
  if (introduction_ != nullptr) write(*introduction_);
  write(first_, off, total);
  const auto* end = write_raw(write.position(), bytes);
  CAUSERIE_ASSERT(end == out.data() + out.size());
  return shared_bytes{std::move(out)};
}

}  // namespace causerie::protocol
