// SPDX-License-Identifier: BSL-1.0
#include "protocol/errors.hpp"

namespace causerie::protocol {
namespace {

class category final : public std::error_category {
public:
  const char* name() const noexcept override { return "causerie"; }
  std::string message(int value) const override {
    switch (static_cast<protocol_errc>(value)) {
      case protocol_errc::ok: return "success";
      case protocol_errc::would_block: return "the queue or window is full; wait for credit";
      case protocol_errc::too_large: return "larger than allowed";
      case protocol_errc::not_a_member: return "not joined, or already left";
      case protocol_errc::refused: return "refused by the other side";
      case protocol_errc::unknown_peer: return "no address is known for this peer";
      case protocol_errc::unreachable: return "the peer does not answer";
      case protocol_errc::duplicate: return "seen already";
      case protocol_errc::malformed: return "malformed bytes";
      case protocol_errc::foreign_version:
        return "a protocol version that this node does not speak";
      case protocol_errc::stale_epoch: return "from an earlier life of the node";
      case protocol_errc::out_of_window: return "too far ahead or behind";
      case protocol_errc::unknown_session: return "no such session";
      case protocol_errc::closed: return "already closed";
      case protocol_errc::timed_out: return "the deadline passed";
      case protocol_errc::no_majority: return "no majority of the group's members is here";
      case protocol_errc::outcome_unknown: return "nobody can tell whether it was done";
      case protocol_errc::bad_name: return "a group's name has 1 to 64 bytes of UTF-8";
      case protocol_errc::entered_before:
        return "the node has entered this group in this life already";
    }
    return "unknown protocol error";
  }
};

}  // namespace

const std::error_category& protocol_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace causerie::protocol
