// SPDX-License-Identifier: BSL-1.0
#include "net/udp/socket_batches.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/udp/sockaddr.hpp"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace causerie::net {
namespace {

constexpr std::size_t pack_bytes_max = 16 * 1024;

std::error_code last_error() { return {errno, std::generic_category()}; }

/// The segment size of a train that the kernel glued together, or 0.
std::size_t segment_of(const msghdr& header) {
  auto* message = const_cast<msghdr*>(&header);
  for (auto* control = CMSG_FIRSTHDR(message); control != nullptr;
       control = CMSG_NXTHDR(message, control)) {
    if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(control), sizeof size);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  return 0;
}

}  // namespace

batch_receiver::batch_receiver()
    : bytes_{std::make_unique_for_overwrite<std::byte[]>(slots * slot_bytes)},
      spaces_(slots),
      headers_(slots) {}

batch_receiver::received batch_receiver::receive(int descriptor) {
  prepare();
  received result;
  const int count = recvmmsg(descriptor, headers_.data(), slots, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    result.error = last_error();
    return result;
  }
  pieces_.clear();
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(count); ++slot) {
    const auto& header = headers_[slot];
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0 || header.msg_len >= slot_bytes) {
      ++result.truncated;
    } else {
      split(slot);
    }
  }
  result.batch = pack();
  return result;
}

void batch_receiver::prepare() {
  for (std::size_t slot = 0; slot < slots; ++slot) {
    auto& space = spaces_[slot];
    space.vector = {bytes_.get() + slot * slot_bytes, slot_bytes};
    auto& header = headers_[slot].msg_hdr;
    header = {};
    header.msg_name = &space.from;
    header.msg_namelen = sizeof space.from;
    header.msg_iov = &space.vector;
    header.msg_iovlen = 1;
    header.msg_control = space.control;
    header.msg_controllen = sizeof space.control;
  }
}

void batch_receiver::split(std::size_t slot) {
  const auto from = to_address(reinterpret_cast<const sockaddr*>(&spaces_[slot].from));
  protocol::byte_view rest{bytes_.get() + slot * slot_bytes, headers_[slot].msg_len};
  const auto segment = segment_of(headers_[slot].msg_hdr);
  while (segment != 0 && rest.size() > segment) {
    pieces_.push_back({from, rest.first(segment)});
    rest = rest.subspan(segment);
  }
  pieces_.push_back({from, rest});  // The last one, or the only one, which may be empty.
}

/// One allocation per 16 KiB, whatever the number of datagrams in it.
protocol::datagram_batch batch_receiver::pack() const {
  protocol::datagram_batch batch;
  batch.reserve(pieces_.size());
  for (std::size_t first = 0; first < pieces_.size();) {
    std::size_t end = first;
    std::size_t total = 0;
    do {
      total += pieces_[end++].bytes.size();
    } while (end < pieces_.size() && total + pieces_[end].bytes.size() <= pack_bytes_max);
    const auto buffer = std::make_shared_for_overwrite<std::byte[]>(total);
    auto* to = buffer.get();
    for (; first < end; ++first) {
      const auto& [from, bytes] = pieces_[first];
      if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
      batch.push_back({from, {buffer, {to, bytes.size()}}});
      to += bytes.size();
    }
  }
  return batch;
}

/// What one sendmmsg call is told.
struct batch_sender::messages {
  struct alignas(cmsghdr) control_space {
    std::byte bytes[CMSG_SPACE(sizeof(std::uint16_t))];
  };
  std::array<mmsghdr, messages_at_once> headers;
  std::array<sockaddr_storage, messages_at_once> names;
  std::array<std::size_t, messages_at_once> trains;  // Datagrams in each message.
  std::array<control_space, messages_at_once> controls;
  std::size_t count = 0;

  void segment(std::size_t message, std::size_t bytes) {
    auto& header = headers[message].msg_hdr;
    header.msg_control = controls[message].bytes;
    header.msg_controllen = sizeof controls[message].bytes;
    auto* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto size = static_cast<std::uint16_t>(bytes);
    std::memcpy(CMSG_DATA(control), &size, sizeof size);
  }
};

bool batch_sender::reaches(const protocol::socket_address& peer) const noexcept {
  return !peer.empty() && (v6_ || peer.is_v4());
}

/// How many datagrams at the front can go as one train: equal sizes, only the last one shorter.
std::size_t batch_sender::train_at(std::span<const protocol::datagram> batch) const {
  const auto size = batch.front().bytes.size();
  if (!segments_ || size == 0) return 1;
  std::size_t count = 1;
  std::size_t total = size;
  while (count < batch.size() && count < segments_max) {
    const auto& next = batch[count];
    total += next.bytes.size();
    if (next.peer != batch.front().peer || next.bytes.size() > size || next.bytes.empty() ||
        total > train_bytes_max)
      break;
    ++count;
    if (next.bytes.size() < size) break;
  }
  return count;
}

void batch_sender::prepare(std::span<const protocol::datagram> batch, messages& into) {
  vectors_.clear();
  vectors_.reserve(std::min(batch.size(), messages_at_once * segments_max));
  into.count = 0;
  while (!batch.empty() && into.count < messages_at_once && reaches(batch.front().peer)) {
    const auto at = into.count++;
    const auto train = into.trains[at] = train_at(batch);
    auto& header = into.headers[at].msg_hdr;
    header = {};
    header.msg_name = &into.names[at];
    header.msg_namelen = to_sockaddr(batch.front().peer, v6_, into.names[at]);
    header.msg_iov = vectors_.data() + vectors_.size();
    header.msg_iovlen = train;
    for (const auto& datagram : batch.first(train))
      vectors_.push_back({const_cast<std::byte*>(datagram.bytes.data()), datagram.bytes.size()});
    if (train > 1) into.segment(at, batch.front().bytes.size());
    batch = batch.subspan(train);
  }
}

batch_sender::progress batch_sender::send(int descriptor,
                                          std::span<const protocol::datagram> batch) {
  progress done;
  bool retried = false;
  messages next;
  const auto give_up = [&](std::size_t datagrams) {
    done.datagrams += datagrams;
    done.failed += datagrams;
    retried = false;
  };
  while (done.datagrams < batch.size()) {
    prepare(batch.subspan(done.datagrams), next);
    if (next.count == 0) {
      give_up(1);
      continue;
    }
    ++done.calls;
    const int sent =
        sendmmsg(descriptor, next.headers.data(), static_cast<unsigned>(next.count), MSG_DONTWAIT);
    if (sent > 0) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(sent); ++i)
        done.datagrams += next.trains[i];
      suspected_ = false;
      retried = false;
      continue;
    }
    switch (judge(errno, next.trains[0], retried)) {
      case verdict::retry: retried = true; break;
      case verdict::give_up: give_up(next.trains[0]); break;
      case verdict::blocked: done.blocked = true; return done;
    }
  }
  return done;
}

/// The error is the first message's. A pending ICMP error of an earlier datagram is reported here
/// too, once, so everything gets a second try.
batch_sender::verdict batch_sender::judge(int error, std::size_t train, bool retried) noexcept {
  if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) return verdict::blocked;
  if (error == EINTR) return verdict::retry;
  if (train > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
    segments_ = false;
    suspected_ = true;
    return verdict::retry;
  }
  if (suspected_) {  // The first datagram fails alone as well: not the train's fault.
    suspected_ = false;
    segments_ = true;
    return verdict::give_up;
  }
  return retried ? verdict::give_up : verdict::retry;
}

}  // namespace causerie::net
