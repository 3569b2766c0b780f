// SPDX-License-Identifier: BSL-1.0
#include "net/udp/error_queue.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "net/udp/sockaddr.hpp"

namespace causerie::net {
namespace {

constexpr std::size_t errors_max = 64;

bool is_refusal(msghdr& header) {
  for (auto* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    const bool ours = (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) ||
                      (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR);
    if (!ours) continue;
    sock_extended_err report{};
    std::memcpy(&report, CMSG_DATA(item), sizeof report);
    if (report.ee_errno == ECONNREFUSED) return true;
  }
  return false;
}

}  // namespace

void keep_errors(int descriptor, bool v6_socket) noexcept {
  const int on = 1;
  // An IPv6 socket sends to mapped IPv4 addresses too, whose errors are IPv4's.
  (void)setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  if (v6_socket) (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

std::vector<protocol::socket_address> take_refused(int descriptor) {
  std::vector<protocol::socket_address> refused;
  for (std::size_t taken = 0; taken < errors_max; ++taken) {
    sockaddr_storage destination{};
    alignas(cmsghdr) std::byte control[512];
    std::byte payload[1];  // The datagram that came back is of no interest.
    iovec vector{payload, sizeof payload};
    msghdr header{};
    header.msg_name = &destination;
    header.msg_namelen = sizeof destination;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    if (recvmsg(descriptor, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
    if (is_refusal(header))
      refused.push_back(to_address(reinterpret_cast<const sockaddr*>(&destination)));
  }
  return refused;
}

}  // namespace causerie::net
