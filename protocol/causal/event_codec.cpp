// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <utility>

#include "protocol/causal/group_keeping.hpp"
#include "protocol/errors.hpp"
#include "protocol/wire/codec.hpp"

/// How events are written down: a byte that says which, and its fields in the wire format.
namespace causerie::protocol {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, joined_event& x) {
  return f(x.members, x.resumed);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gap_event::range& x) {
  return f(x.sender, x.first, x.last);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gap_event& x) {
  return f(wire::ranged(x.why, gap_event::cause::unreachable, gap_event::cause::restart),
           x.missing);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_up_event& x) {
  return f(x.who);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_down_event& x) {
  return f(x.who);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_left_event& x) {
  return f(x.who);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, member_lagging_event& x) {
  return f(x.who);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stable_event& x) {
  return f(x.up_to, x.holders);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, majority_event& x) {
  return f(x.held, x.here, x.of);
}

namespace {

/// Of a reason only the protocol's own codes outlive the process.
struct written_end {
  std::uint64_t code = 0;
  std::string text;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, written_end& x) {
  return f(x.code, x.text);
}

/// The numbers stand in journals: a kind keeps its own for ever.
enum class event_kind : std::uint8_t {
  joined = 1,
  gap,
  member_up,
  member_down,
  member_left,
  member_lagging,
  stable,
  ended,
  majority,
};

template <class Body>
shared_bytes written(event_kind kind, const Body& body) {
  byte_buffer bytes{std::byte{static_cast<std::uint8_t>(kind)}};
  wire::encode_to(bytes, body);
  return shared_bytes{std::move(bytes)};
}

struct event_writer {
  shared_bytes operator()(const message_event&) const { return {}; }
  shared_bytes operator()(const joined_event& x) const { return written(event_kind::joined, x); }
  shared_bytes operator()(const gap_event& x) const { return written(event_kind::gap, x); }
  shared_bytes operator()(const member_up_event& x) const {
    return written(event_kind::member_up, x);
  }
  shared_bytes operator()(const member_down_event& x) const {
    return written(event_kind::member_down, x);
  }
  shared_bytes operator()(const member_left_event& x) const {
    return written(event_kind::member_left, x);
  }
  shared_bytes operator()(const member_lagging_event& x) const {
    return written(event_kind::member_lagging, x);
  }
  shared_bytes operator()(const stable_event& x) const { return written(event_kind::stable, x); }
  shared_bytes operator()(const majority_event& x) const {
    return written(event_kind::majority, x);
  }
  shared_bytes operator()(const ended_event& x) const {
    const bool ours = x.reason.category() == protocol_category();
    return written(event_kind::ended,
                   written_end{ours ? static_cast<std::uint64_t>(x.reason.value()) : 0, x.text});
  }
};

template <class Body>
result<event_body> read_as(const shared_bytes& bytes) {
  auto body = wire::decode<Body>(bytes, 1);
  if (!body) return tl::unexpected{body.error()};
  return event_body{std::move(*body)};
}

}  // namespace

shared_bytes encode_event(const event_body& what) { return std::visit(event_writer{}, what); }

result<event_body> decode_event(const shared_bytes& bytes) {
  if (bytes.empty()) return failure(protocol_errc::malformed);
  switch (event_kind{std::to_integer<std::uint8_t>(bytes.view().front())}) {
    case event_kind::joined: return read_as<joined_event>(bytes);
    case event_kind::gap: return read_as<gap_event>(bytes);
    case event_kind::member_up: return read_as<member_up_event>(bytes);
    case event_kind::member_down: return read_as<member_down_event>(bytes);
    case event_kind::member_left: return read_as<member_left_event>(bytes);
    case event_kind::member_lagging: return read_as<member_lagging_event>(bytes);
    case event_kind::stable: return read_as<stable_event>(bytes);
    case event_kind::majority: return read_as<majority_event>(bytes);
    case event_kind::ended: {
      auto body = wire::decode<written_end>(bytes, 1);
      if (!body) return tl::unexpected{body.error()};
      const auto reason = static_cast<protocol_errc>(body->code);
      return event_body{ended_event{body->code == 0 ? std::error_code{} : make_error_code(reason),
                                    std::move(body->text)}};
    }
  }
  return failure(protocol_errc::malformed);
}

}  // namespace causerie::protocol
