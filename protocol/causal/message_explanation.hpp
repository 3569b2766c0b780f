// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/causal/group_event.hpp"
#include "protocol/causal/member_standing.hpp"

namespace causerie::protocol {

/// What one member knows of one message of its group: whether it was delivered, and if not, what
/// it waits for, who has that, and who was asked for it. An answer to people; nothing depends on
/// it.
struct message_explanation {
  enum class fate : std::uint8_t {
    no_membership,   ///< This node is not (or no more) in the group.
    unknown_sender,  ///< Its sender is no member of the group, as far as this node knows.
    unheard_of,      ///< Nobody who is heard has sent, delivered or named it.
    before_joining,  ///< From before this node's stream began: it was never owed to it.
    missing,         ///< Somebody has it, and it has not arrived here.
    waiting,         ///< It is here, and held back for what happened before it.
    delivered,
    lost,  ///< Declared as a gap: it will never be delivered here.
  };
  /// Messages `first` to `last` of one sender.
  struct span {
    std::optional<incarnation> sender;  ///< None: only a clock named it, and its ADD is not here.
    sequence first = 0, last = 0;
    friend bool operator==(const span&, const span&) = default;
  };
  /// A member that has a message: it sent it, or a row of its says so.
  struct holder {
    incarnation who;
    member_standing standing{};
    bool origin = false;               ///< It is the sender.
    bool forgot = false;               ///< It had it, and may have let go of it since.
    std::optional<instant> row_heard;  ///< When its newest row came; none: not yet.
  };
  /// Messages that exist and are not here.
  struct absence {
    span what;
    std::vector<holder> holders;       ///< The sender first, then who is up.
    std::optional<instant> noticed;    ///< When this node saw that something was missing.
    std::optional<incarnation> asked;  ///< Who was asked last.
    instant asked_at{};
    unsigned attempts = 0;  ///< Questions since something of that sender last arrived.
    std::optional<instant>
        ask_at;  ///< The next question; none: nobody who could help is reachable.
  };
  static constexpr std::size_t absences_max = 16;

  message_id id;
  fate what{};
  std::optional<member_standing> sender_standing;  ///< None: no member (any more).
  sequence newest = 0;   ///< The newest message of that sender that anybody told of.
  span parts;            ///< Its numbers: several when it travels in fragments.
  bool control = false;  ///< Not an application's: a join, a leave, ...

  /// What it names as its causes; none when it is not here (any more).
  std::optional<std::vector<span>> causes;
  std::optional<instant> arrived;  ///< Of one that waits.

  /// Of one that waits: the causes it lacks, and earlier messages of its own sender.
  std::vector<span> waits_for;
  /// What is missing at the end of every chain of waiting, `absences_max` at most; of a missing
  /// message that message itself.
  std::vector<absence> missing;
  std::size_t missing_more = 0;  ///< Absences beyond those listed.
  bool stream_full = false;      ///< Nothing is missing: the application has to read on first.

  /// Of a delivered one that is remembered (the last 4096 are).
  std::optional<instant> delivered_at;
  duration held{};            ///< How long it was here before.
  std::optional<span> after;  ///< What was delivered right before it.

  std::optional<gap_event::cause> lost_because;
  instant lost_at{};

  std::vector<holder> holders;       ///< Other members that have it.
  std::vector<incarnation> lacking;  ///< Members that are up and have not said that they have it.
};

}  // namespace causerie::protocol
