// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "protocol/causal/causal_buffer.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/causal/delivery_memory.hpp"
#include "protocol/causal/delivery_stream.hpp"
#include "protocol/causal/frontier.hpp"
#include "protocol/causal/group_keeping.hpp"
#include "protocol/causal/group_member.hpp"
#include "protocol/causal/message_log.hpp"
#include "protocol/causal/peer_budget.hpp"
#include "protocol/causal/repair.hpp"
#include "protocol/causal/row_clock.hpp"
#include "protocol/causal/send_memory.hpp"
#include "protocol/causal/stable_cuts.hpp"
#include "protocol/causal/tombstones.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

/// The parts of a group and how they play together. Each subject's methods are in a file of their
/// own: group_sending, group_delivering, group_rows, group_stability, group_repairing,
/// group_joining, group_meeting, group_departing, group_retiring, group_keeping, group_restoring,
/// group_explaining, group_audit.
///
/// Inputs change the parts and set flags; `settle` draws the consequences once per batch.
struct causal_group::state {
  enum class phase : std::uint8_t { idle, seeking, joining, active, leaving, ended };
  using member_map = std::map<member_tag, causal::group_member>;

  state(const incarnation& self_, group_config config_, std::uint64_t seed);

  // --- causal_group.cpp: inputs' common end, timers, output
  void settle();
  void take_time(instant at);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  void plan_maintenance();
  void maintain();
  void refresh_counters();
  void emit_frame(std::vector<node_id> to, shared_bytes body, frame_care care, frame_lane lane,
                  std::uint64_t slot = 0);
  /// As a frame where it fits, else on the internal channel.
  void emit_any_size(const std::vector<node_id>& to, const shared_bytes& body, frame_care care,
                     frame_lane lane, std::uint64_t slot);
  template <class Body>
  [[nodiscard]] shared_bytes encode(causal::frame_type type, const Body& body) const {
    return causal::encode_frame(group, type, body);
  }
  std::error_code on_body(const incarnation& from, const shared_bytes& body);
  std::error_code malformed();

  [[nodiscard]] bool is_member() const noexcept {
    return at == phase::active || at == phase::leaving;
  }
  [[nodiscard]] bool takes_part() const noexcept { return is_member() || at == phase::joining; }
  [[nodiscard]] causal::group_member* find(member_tag of);
  [[nodiscard]] const causal::group_member* find(member_tag of) const;
  [[nodiscard]] causal::group_member* find(const incarnation& who);
  [[nodiscard]] const causal::vector_clock& delivered() const { return buffer.delivered(); }

  // --- group_sending.cpp
  result<message_id> send(shared_bytes payload, std::uint64_t request, wall_time wall);
  result<std::vector<message_id>> send_together(std::span<const shared_bytes> payloads,
                                                wall_time wall);
  [[nodiscard]] std::error_code objection_to(const shared_bytes& payload) const;
  [[nodiscard]] std::error_code check_room();
  message_id say(const shared_bytes& payload, wall_time wall);
  /// Broadcasts; the last number used. The caller applies it here.
  sequence append(causal::message_kind kind, const shared_bytes& payload, wall_time wall);
  void append_fragment(causal::group_message message);
  template <class Record>
  sequence append_control(causal::message_kind kind, const Record& record) {
    return append(kind, wire::encode(record), wall_time{});
  }
  void close_bundle();
  [[nodiscard]] std::size_t own_unstable_bytes() const;
  [[nodiscard]] std::size_t own_window() const;
  [[nodiscard]] bool out_of_credit() const;
  void block();
  void grant_credit();
  [[nodiscard]] std::size_t live_members() const;
  [[nodiscard]] bool nobody_else_is_live() const;

  // --- group_delivering.cpp
  std::error_code on_bundle(const incarnation& from, const shared_bytes& body);
  void put_aside(const incarnation& from, const shared_bytes& body, member_tag sender);
  void retry_aside();
  void drain();
  void deliver(causal::causal_buffer::delivery& ready);
  void apply_control(const causal::causal_buffer::delivery& ready);
  void apply_add(const causal::add_record& record, const causal::clock_entry& id);
  void apply_leave(member_tag sender);
  void count_towards_row(causal::group_member& sender, std::size_t bytes);
  void let_go_of_dropped();

  // --- group_rows.cpp
  [[nodiscard]] causal::row_frame make_row();
  void send_row(const std::vector<node_id>& to);
  void row_tick();
  [[nodiscard]] bool dirty() const;
  void ask_silent_members();
  [[nodiscard]] std::vector<node_id> partners() const;
  [[nodiscard]] std::vector<node_id> some_of(std::vector<node_id> all, std::size_t count);
  std::error_code on_row(const incarnation& from, const shared_bytes& body);
  void take_row(member_tag owner, causal::group_member& member, const causal::row_frame& row,
                const shared_bytes& body);
  std::error_code on_row_request(const incarnation& from, const shared_bytes& body);
  void request_row(const node_id& from, member_tag about);

  // --- group_stability.cpp
  void refresh_stability();
  void recompute_cuts();
  void shed_for_room();
  void record_cut();
  void trim_history();
  void begin_history_at(const causal::vector_clock& cut);
  [[nodiscard]] causal::vector_clock past_of(const causal::clock_entry& message) const;
  void announce_stable();

  // --- group_repairing.cpp
  void notice_wants();
  void ask_for_wants();
  struct holders {
    std::vector<member_tag> able;    ///< Have it and can give it; the origin first.
    std::vector<member_tag> forgot;  ///< Delivered it, may have forgotten it.
    /// Nobody is known to be either, but a message waits for it: a tomb does not show in rows.
    std::vector<member_tag> perhaps;
  };
  [[nodiscard]] holders find_holders(member_tag of, sequence number);
  std::optional<member_tag> ask_for(member_tag of, causal::want& wanted,
                                    std::vector<causal::message_range>& ranges);
  void send_request(member_tag holder, std::vector<causal::message_range> ranges,
                    const std::vector<member_tag>& wanted);
  [[nodiscard]] duration repair_timeout(member_tag holder, unsigned attempts);
  [[nodiscard]] duration reorder_delay(member_tag of);
  void seek_floor(member_tag of, causal::want& wanted, const std::vector<member_tag>& forgot);
  void send_in_turn(const incarnation& to, std::vector<causal::message_range> ranges);
  std::error_code on_repair_request(const incarnation& from, const shared_bytes& body);
  std::error_code on_repair_answer(const incarnation& from, const shared_bytes& body);
  /// Adopts the cut of a member from which alone the group can be continued; says what is skipped.
  void skip_to(const incarnation& from, const causal::group_summary& summary);
  /// Counts the summary's cut as delivered; what that skips. `gone_unseen`: see learn_members.
  [[nodiscard]] std::vector<causal::message_range> adopt_cut(const causal::group_summary& summary,
                                                             bool gone_unseen);
  void begin_above(const std::vector<causal::message_range>& missing,
                   const causal::group_summary& summary);
  void bury_what_is_buried(const causal::group_summary& summary);
  [[nodiscard]] std::vector<gap_event::range> came_and_went(
      const causal::group_summary& summary) const;
  [[nodiscard]] std::vector<gap_event::range> owed_unseen(
      const incarnation& from, const causal::group_summary& summary) const;
  void declare_lost(const std::vector<causal::message_range>& missing, gap_event::cause why,
                    std::vector<gap_event::range> unknown = {});

  // --- group_joining.cpp
  void join();
  void found();
  void seek();
  [[nodiscard]] std::vector<incarnation> candidates() const;
  void ask_sponsor(const incarnation& sponsor);
  std::error_code on_join_request(const incarnation& from, const shared_bytes& body);
  void refuse(const incarnation& joiner, causal::refusal why, std::string text);
  [[nodiscard]] std::optional<causal::join_refused> objection(const incarnation& joiner,
                                                              member_tag joiner_tag);
  void sponsor(const incarnation& joiner, member_tag joiner_tag, history_policy history);
  std::error_code on_join_refused(const incarnation& from, const shared_bytes& body);
  void on_join_ok(const incarnation& from, const causal::group_summary& summary);
  void joining_tick();
  void forget_everything();
  void try_activate();
  void activate();
  [[nodiscard]] bool seek_higher_floors();
  [[nodiscard]] std::optional<member_tag> unknown_in(const causal::vector_clock& cut) const;
  [[nodiscard]] std::vector<member_tag> unheard_for_activation() const;

  // --- group_meeting.cpp: summaries, and groups that were founded twice
  [[nodiscard]] causal::group_summary make_summary(causal::summary_use use, member_tag to) const;
  std::error_code on_summary_request(const incarnation& from, const shared_bytes& body);
  std::error_code on_summary(const incarnation& from, const shared_bytes& body);
  void request_summary(const incarnation& from, causal::summary_use use);
  [[nodiscard]] bool learn_members(const causal::group_summary& summary);
  void recognise(member_tag of, causal::group_member& member);
  void merge(const incarnation& from, const causal::group_summary& summary);
  void meet(const incarnation& stranger);
  void meet_directory();
  /// Nodes that say they are in the group and are no members here.
  [[nodiscard]] std::vector<incarnation> strangers() const;
  causal::group_member& add_member(const incarnation& who, const causal::vector_clock& base);

  // --- group_departing.cpp
  void leave();
  void end(std::error_code reason, std::string text);
  void on_node_down(const incarnation& who);
  void on_node_up(const incarnation& who);
  void mark_down(causal::group_member& member);
  void mark_up(causal::group_member& member);
  void supersede_older(const incarnation& who);
  void check_directory_absence();
  void drop_silent_joiners();
  void park_laggards();
  void maybe_return(causal::group_member& member);
  void announce_view();
  [[nodiscard]] majority_event count_majority() const;
  [[nodiscard]] bool has_majority() const;
  [[nodiscard]] bool may_change_members(const node_id* joiner = nullptr) const;
  void announce_majority();

  // --- group_retiring.cpp
  void retire_the_gone();
  [[nodiscard]] bool ready_to_retire(member_tag of, const causal::group_member& member) const;
  void apply_retire(const causal::retire_record& record);
  void apply_unretire(const causal::retire_record& record);
  void bury(member_tag of);
  /// Somebody names message `number` of `of`: when that is beyond its tomb, it was not gone.
  void on_evidence(member_tag of, sequence number);
  void on_evidence(const causal::bundle& content);
  void on_evidence(const causal::vector_clock& clock);
  [[nodiscard]] causal::vector_clock without_tombs(const causal::vector_clock& clock) const;
  void unretire(member_tag of);

  // --- group_keeping.cpp: what outlives the process
  [[nodiscard]] std::vector<group_note> take_notes();
  void begin_keeping();
  void hold(member_tag of, causal::message_log::held bundle);
  void forget_below_floor();
  void forgettable(const causal::vector_clock& below);
  void note_forgotten();
  void note_members();
  void note_events();

  // --- group_restoring.cpp
  void restore(group_image image);
  void restore_members(group_image& image);
  void restore_log(const group_image& image);
  [[nodiscard]] std::vector<event_body> unread_events(const group_image& image);
  void resume(const causal::group_summary& summary);
  void start_stream(joined_event joined);
  [[nodiscard]] std::map<incarnation, sequence> beginning() const;
  [[nodiscard]] bool shares_a_root(const causal::group_summary& summary) const;

  // --- group_explaining.cpp
  [[nodiscard]] message_explanation explain(const message_id& id) const;
  [[nodiscard]] message_explanation::fate fate_of(member_tag of, sequence number) const;
  void tell_content(message_explanation& told, member_tag of) const;
  void tell_waiting(message_explanation& told, member_tag of) const;
  void tell_delivered(message_explanation& told, member_tag of) const;
  void tell_holders(message_explanation& told, member_tag of) const;
  /// Lists what is missing wherever the chains of waiting that begin at `from` end.
  void tell_missing(message_explanation& told, causal::clock_entry from) const;
  [[nodiscard]] message_explanation::absence absence_of(const causal::message_range& what) const;
  [[nodiscard]] std::vector<message_explanation::holder> holders_of(member_tag of,
                                                                    sequence number) const;
  [[nodiscard]] message_explanation::span name(member_tag of, sequence first, sequence last) const;

  // --- group_audit.cpp
  void audit() const;
  void audit_log() const;

  const incarnation self;
  const group_config config;
  const group_id group;
  const member_tag tag;  // Of this node in this life.
  random_source chance;
  instant now{};
  phase at = phase::idle;

  // Ordering.
  causal::causal_buffer buffer;  // Holds V, what this node has delivered.
  causal::frontier latest;
  causal::message_log log;
  causal::delivery_stream stream;
  causal::delivery_memory past;
  causal::vector_clock began;  // Where the stream begins: what it covers was never owed.
  std::uint64_t lamport = 0;
  std::deque<std::pair<incarnation, shared_bytes>> aside;  // Bundles of unknown members.
  std::size_t aside_bytes = 0;

  // Sending.
  causal::open_bundle outgoing;
  sequence sent = 0;
  causal::send_memory requests;
  std::optional<instant> blocked_since;  // A send was refused; credit is owed.
  std::deque<sequence> unstable_own;  // Own application messages, not yet held by all live members.

  // Members.
  member_map members;  // This node among them, once it is one.
  std::map<incarnation, member_tag> tags;
  causal::tombstones tombs;
  std::set<member_tag> roots;  // Foundings that this node has been a part of.
  std::map<node_id, std::pair<boot_epoch, bool>> nodes;  // Membership's view: life, up.
  std::map<node_id, instant> summaries_asked;

  // Anti-entropy, stability, history.
  causal::row_clock rows;
  causal::vector_clock row_sent;  // What our newest row said.
  std::uint64_t row_number = 0;
  std::uint64_t row_ticks = 0;
  causal::vector_clock known;  // Highest numbers that anybody is known to have delivered or sent.
  causal::repair_queue repair;
  causal::vector_clock live, stable, raw_stable, floor;
  causal::stable_cuts cuts;
  instant last_cut{};
  std::uint64_t last_cut_total = 0;
  std::size_t last_cut_bytes = 0;

  // Joining.
  std::vector<incarnation> directory;
  bool directory_complete = false;
  std::optional<instant> alone_since;
  std::optional<instant> joining_since;
  std::optional<instant> above_cut_since;  // Others have forgotten more than this joiner has.
  std::optional<incarnation> asked_sponsor;
  causal::clock_entry added_by;    // The broadcast that adds this node.
  std::optional<instant> join_at;  // The next step of seeking or joining.
  instant join_progress_at{};
  std::uint64_t join_progress = 0, join_attempts = 0;
  std::optional<instant> leave_by;
  sequence leave_number = 0;
  causal::peer_budget repair_budget{200}, row_budget{50}, join_budget{20}, summary_budget{5};

  std::optional<instant> maintenance_at;
  bool unsettled = false;  // An input came; `settle` has not run.
  bool delivered_changed = false;
  bool rows_changed = false;  // A usable row, or who counts.
  bool members_changed = false;
  bool wants_changed = false;   // A bundle came, or asking for something ended.
  bool majority_said = true;    // What the application knows, if the group requires one.
  bool view_changed = true;     // Somebody's standing may differ from what was announced.
  bool status_changed = false;  // Our row says something new besides its clock.
  cursor events_said = 0;       // `events_ready` was said up to there.
  bool announced_present = false;

  // What outlives the process.
  causal::keeper keeping;
  bool resuming = false;                   // Restored, and not a member again yet.
  std::optional<member_tag> earlier_root;  // Of the founding that the last life was a part of.
  std::optional<std::map<incarnation, sequence>> followed;  // How far an earlier life had read.
  bool left_in_order = false;                               // The goodbye was this node's own.

  group_counters counts;
  std::deque<output> outbox;
};

}  // namespace causerie::protocol
