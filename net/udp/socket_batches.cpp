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
  for (std::size_t i = 0; i < slots; ++i) {
    auto& space = spaces_[i];
    space.vector = {bytes_.get() + i * slot_bytes, slot_bytes};
    auto& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &space.from;
    header.msg_namelen = sizeof space.from;
    header.msg_iov = &space.vector;
    header.msg_iovlen = 1;
    header.msg_control = space.control;
    header.msg_controllen = sizeof space.control;
  }
  received result;
  const int count = recvmmsg(descriptor, headers_.data(), slots, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    result.error = last_error();
    return result;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const auto& header = headers_[i];
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0 || header.msg_len >= slot_bytes)
      ++result.truncated;
    else
      unpack(i, header.msg_len, segment_of(header.msg_hdr), result);
  }
  return result;
}

/// Datagrams of one slot share a buffer of their own: one allocation a slot, one copy.
void batch_receiver::unpack(std::size_t slot, std::size_t bytes, std::size_t segment,
                            received& into) {
  const auto from = to_address(reinterpret_cast<const sockaddr*>(&spaces_[slot].from));
  const auto* start = bytes_.get() + slot * slot_bytes;
  if (segment == 0) segment = std::max<std::size_t>(bytes, 1);
  const auto per_buffer = std::max<std::size_t>(1, pack_bytes_max / segment) * segment;
  for (std::size_t at = 0; at < std::max<std::size_t>(bytes, 1); at += per_buffer) {
    const auto size = std::min(per_buffer, bytes - at);
    const auto packed = protocol::shared_bytes::copy_of(protocol::byte_view{start + at, size});
    for (std::size_t offset = 0; offset < std::max<std::size_t>(size, 1); offset += segment)
      into.batch.push_back({from, packed.slice(offset, std::min(segment, size - offset))});
  }
}

batch_sender::train batch_sender::next_train(std::span<const protocol::datagram> batch,
                                             std::size_t at) const {
  train found{at, 1};
  const auto size = batch[at].bytes.size();
  if (!segments_ || size == 0) return found;
  std::size_t total = size;
  while (at + found.count < batch.size() && found.count < segments_max) {
    const auto& next = batch[at + found.count];
    if (next.peer != batch[at].peer || next.bytes.size() > size || next.bytes.empty() ||
        total + next.bytes.size() > train_bytes_max)
      break;
    total += next.bytes.size();
    ++found.count;
    if (next.bytes.size() < size) break;  // Only the last segment may be shorter.
  }
  return found;
}

batch_sender::progress batch_sender::send(int descriptor,
                                          std::span<const protocol::datagram> batch) {
  progress done;
  std::array<mmsghdr, messages_at_once> headers;
  std::array<sockaddr_storage, messages_at_once> names;
  std::array<train, messages_at_once> trains;
  struct alignas(cmsghdr) control_space {
    std::byte bytes[CMSG_SPACE(sizeof(std::uint16_t))];
  };
  std::array<control_space, messages_at_once> controls;
  std::vector<iovec> vectors;
  vectors.reserve(batch.size());
  while (done.datagrams < batch.size()) {
    vectors.clear();
    std::size_t count = 0;
    for (std::size_t at = done.datagrams; at < batch.size() && count < messages_at_once; ++count) {
      const auto run = trains[count] = next_train(batch, at);
      auto& header = headers[count].msg_hdr;
      header = {};
      header.msg_name = &names[count];
      header.msg_namelen = to_sockaddr(batch[at].peer, v6_, names[count]);
      header.msg_iov = vectors.data() + vectors.size();
      header.msg_iovlen = run.count;
      for (std::size_t i = 0; i < run.count; ++i)
        vectors.push_back(
            {const_cast<std::byte*>(batch[at + i].bytes.data()), batch[at + i].bytes.size()});
      if (run.count > 1) {
        header.msg_control = controls[count].bytes;
        header.msg_controllen = sizeof controls[count].bytes;
        auto* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto segment = static_cast<std::uint16_t>(batch[at].bytes.size());
        std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
      }
      at += run.count;
    }
    ++done.calls;
    const int sent =
        sendmmsg(descriptor, headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      for (int i = 0; i < sent; ++i) done.datagrams += trains[static_cast<std::size_t>(i)].count;
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
      done.blocked = true;
      return done;
    }
    if (errno == EINTR) continue;
    if (trains[0].count > 1) {  // The kernel or the device takes no trains: never again.
      segments_ = false;
      continue;
    }
    // A pending ICMP error, or a destination that cannot be: this datagram is lost, no more.
    ++done.datagrams;
    ++done.failed;
  }
  return done;
}

}  // namespace causerie::net
