// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/causal/vector_clock.hpp"

namespace causerie::protocol::causal {

/// What this node knows of one member: where it stands, and what it has said it holds.
///
/// *Usable rows.* A row says what its owner has delivered, but the owner may have sent something
/// since (adding a joiner, say) that changes who has to be asked before anything is forgotten. So
/// a row counts for stability only when this node has delivered everything that the owner had sent
/// when it made the row. Rows that are not usable yet wait, and the one that waits is not replaced
/// by newer ones, or the rows of a busy sender would never become usable.
class group_member {
public:
  group_member(const incarnation& who_, const vector_clock& base_)
      : who{who_}, base{base_}, row{base_}, usable{base_} {}

  /// Takes a row of this member. False when it is not newer than the one we have.
  bool on_row(std::uint64_t number, vector_clock delivered, const vector_clock& kept_from,
              member_tag self_tag, const vector_clock& ours, instant now);
  /// Our delivered clock grew: rows that wait may have become usable. True when one has.
  bool refresh(member_tag tag, const vector_clock& ours);

  [[nodiscard]] member_standing standing() const noexcept;
  /// Can be talked to, as far as we know.
  [[nodiscard]] bool up() const noexcept { return !left && !down_since; }
  /// Holds back send credit: only members that are active and here.
  [[nodiscard]] bool counts_as_live() const noexcept {
    return up() && activated && !parked && !shed;
  }
  /// May still need what others hold: everybody but those who left, are parked, were given up for
  /// want of room, or have been down for longer than the horizon.
  [[nodiscard]] bool counts_for_stability(instant now, duration horizon) const noexcept;
  void forget(member_tag tag);
  /// Whatever `of` said up to this number it may have forgotten.
  [[nodiscard]] sequence forgotten(member_tag of) const noexcept {
    return std::max(floor.at(of), floor_parts.at(of));
  }
  /// Met through another founding, and not known to know us yet.
  [[nodiscard]] bool foreign() const noexcept { return owed_from == owes_nothing; }
  static constexpr sequence owes_nothing = ~sequence{0};

  incarnation who;
  bool activated = false;   ///< Its rows say so (or its founding did).
  bool left = false;        ///< Its LEAVE was delivered.
  bool parked = false;      ///< Too slow: this node no longer waits for it.
  bool shed = false;        ///< Waiting for it cost too much memory.
  bool superseded = false;  ///< A newer life of the node exists.
  bool listed = false;      ///< The directory has shown it in the group.
  std::optional<instant> down_since;
  /// The first of its messages that is owed to us: all of them, unless it was met through another
  /// founding of the group. Then what it said before it knew us was never for us.
  sequence owed_from = 1;
  member_tag root{};     ///< The founder whose founding it descends from, through its sponsors.
  clock_entry added_by;  ///< The broadcast that added it; zero when it founded, or unknown.
  vector_clock base;     ///< Where it was told to start.

  vector_clock row;    ///< The newest it said to have delivered.
  vector_clock floor;  ///< At or below it it may have forgotten: a closed cut.
  /// What it has told of its floor since, sender by sender: true, and no closed cut.
  vector_clock floor_parts;
  vector_clock usable;           ///< The newest row that counts for stability.
  std::uint64_t row_number = 0;  ///< Of `row`.
  instant row_heard{};
  shared_bytes row_body;  ///< `row` as it came, to be passed on.
  instant row_wanted{};   ///< When we last asked for its row.
  std::optional<duration> round_trip;

  std::size_t bytes_since_row = 0, messages_since_row = 0;  ///< Delivered since our newest row.

  member_standing announced{};  ///< What the application was told last.
  bool was_announced = false;
  std::uint64_t progress_mark = 0;  ///< Messages delivered when the sender ran out of credit.

private:
  std::optional<vector_clock> pending_row_;  // The oldest row that is not usable yet.
  std::uint64_t pending_number_ = 0;
};

}  // namespace causerie::protocol::causal
