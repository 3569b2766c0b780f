// SPDX-License-Identifier: BSL-1.0
#include "net/udp/resolve.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>

#include <algorithm>
#include <stdexcept>

#include "net/udp/sockaddr.hpp"

namespace causerie::net {

protocol::socket_address resolve(const std::string& text) {
  if (const auto numeric = protocol::socket_address::parse(text)) return *numeric;
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::string{} : text.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || colon == 0 || std::stoul(port) > 65535)
    throw std::invalid_argument{"'" + text + "' is not an address of the form host:port"};
  asio::io_context io;
  asio::ip::udp::resolver resolver{io};
  std::error_code error;
  const auto found = resolver.resolve(text.substr(0, colon), port, error);
  if (error || found.empty())
    throw std::system_error{error ? error : make_error_code(std::errc::host_unreachable),
                            "cannot find the host of '" + text + "'"};
  return to_address(found.begin()->endpoint().data());
}

}  // namespace causerie::net
