// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What happened in a run, whichever world it was lived in, and ways to look at it.
namespace causerie::trace {

/// What one event is. The names in files are those of `name_of`.
enum class event_kind : std::uint8_t {
  start,    ///< A life of the node begins.
  joined,   ///< It is a member of a group from here on.
  send,     ///< A broadcast is handed over.
  deliver,  ///< A broadcast reaches the application; `cause`: its send.
  whisper,  ///< A private message is handed over.
  hear,     ///< A private message reaches the application; `cause`: its whisper.
  hold,     ///< A broadcast has arrived and is still held back when the run is looked at.
  lack,     ///< A broadcast is known to exist and has not arrived when the run is looked at.
  refused,  ///< A hand-over was refused: the message does not exist.
  outcome,  ///< What became of a whisper.
  gap,      ///< Messages were declared lost.
  ended,    ///< The membership of a group is over.
  restart,  ///< An actor of the node was restarted.
  fault,    ///< Something was done to the node or the network.
  stop,     ///< The node's process is gone.
  finish,   ///< It was still there when the run ended.
};
inline constexpr std::size_t event_kinds = 16;
[[nodiscard]] std::string_view name_of(event_kind kind) noexcept;

struct run_event {
  std::int64_t at_ns = 0;
  std::uint32_t node = 0;  ///< Index into `run::nodes`.
  event_kind kind{};
  std::string message{};     ///< Its id, unique in the run.
  std::string where{};       ///< Group or channel.
  std::int64_t held_ns = 0;  ///< Of a delivery: how long the message was here before; of `hold`
                             ///< and `lack`: since when.
  std::string text{};        ///< For people: a cause, an outcome, what it waits for.
  std::optional<std::uint32_t> cause{};  ///< The send or whisper behind it; set by `put_in_order`.
};

struct run {
  std::string title;
  bool virtual_time = false;  ///< Nanoseconds since the run began, else since 1970 UTC.
  std::vector<std::string> nodes;
  std::vector<run_event> events;

  /// The index of the node of that name, added if need be.
  [[nodiscard]] std::uint32_t node(std::string_view name);
};

/// Sorts the events by time, at equal times a send before its deliveries, and links them. A message
/// that is delivered without having been sent in this run has no cause; where the nodes' clocks
/// differ, an effect may stand before its cause.
void put_in_order(run& of);

}  // namespace causerie::trace
