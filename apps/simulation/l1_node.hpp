// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "apps/simulation/l1_journal.hpp"
#include "apps/simulation/mail.hpp"
#include "apps/simulation/sim_node.hpp"
#include "protocol/link/link_set.hpp"
#include "protocol/membership/failure_detector.hpp"
#include "protocol/membership/member_table.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// Level 1: the pure machines, glued as the actors glue them, with a mailbox each so that a killed
/// actor takes its mail with it. The seed decides whose mail is handled next.
class l1_node final : public sim_node {
public:
  explicit l1_node(node_environment environment);
  ~l1_node() override;

  void start(std::span<const protocol::socket_address> seeds, protocol::instant at) override;
  void run(protocol::instant at) override;
  [[nodiscard]] std::optional<protocol::instant> next_deadline() const override;
  bool kill_actor(actor_kind which, protocol::instant at) override;
  [[nodiscard]] const kill_counts& actors_killed() const noexcept override { return killed_; }
  void restart_application(protocol::instant at) override;
  void open_group(protocol::group_config config, protocol::instant at) override;
  void leave_group(protocol::instant at) override;
  void broadcast(std::uint64_t ticket, protocol::shared_bytes payload,
                 protocol::instant at) override;
  [[nodiscard]] std::vector<protocol::group_event> take_events(std::size_t events_max) override;
  void commit_events(protocol::cursor up_to, protocol::instant at) override;
  void whisper(std::uint64_t ticket, const protocol::channel_key& to,
               protocol::shared_bytes payload, protocol::duration within,
               protocol::instant at) override;
  [[nodiscard]] bool keeps_channels() const override { return journal_.has_value(); }
  [[nodiscard]] std::vector<private_message> take_private() override;
  void commit_private(const protocol::channel_key& from, std::uint64_t up_to,
                      protocol::instant at) override;
  [[nodiscard]] std::vector<answer> take_answers() override;
  void leave_cluster(protocol::instant at) override;
  [[nodiscard]] bool has_left() const override;
  [[nodiscard]] bool active() const override;
  [[nodiscard]] std::vector<protocol::member_view> members() const override;
  [[nodiscard]] std::optional<protocol::message_explanation> explain(
      const protocol::message_id& id) const override {
    return group_ ? std::optional{group_->explain(id)} : std::nullopt;
  }
  void audit() const override;
  [[nodiscard]] node_counters counters() const override;
  [[nodiscard]] std::uint64_t livelocks() const noexcept override { return livelocks_; }

private:
  struct waiting_broadcast {
    std::uint64_t ticket;
    protocol::shared_bytes payload;
    protocol::instant deadline;
  };
  struct waiting_whisper {
    std::uint64_t ticket;
    protocol::channel_key to;
    protocol::shared_bytes payload;
    protocol::instant deadline;
  };
  struct doomed {
    bool pending = false;
    std::uint32_t mails_left = 0;
  };

  [[nodiscard]] static std::size_t index(actor_kind who) { return static_cast<std::size_t>(who); }
  void post(actor_kind to, mail::any what);
  void work(protocol::instant at);
  void handle(actor_kind who, mail::any& what, protocol::instant at);
  void handle_courier(mail::any& what, protocol::instant at);
  void handle_detector(mail::any& what, protocol::instant at);
  void handle_membership(mail::any& what, protocol::instant at);
  void handle_channels(mail::any& what, protocol::instant at);
  void handle_orderer(mail::any& what, protocol::instant at);
  void on_deadline(actor_kind who, protocol::instant at);
  void flush(actor_kind who, protocol::instant at);
  void flush_courier(protocol::instant at);
  void flush_detector();
  void flush_membership();
  void flush_channels(protocol::instant at);
  void flush_orderer(protocol::instant at);
  void release(l1_journal::turn came);
  void tell_signs_of_life(protocol::instant at);
  void tell_everything(actor_kind asker);
  void tell_directory();
  void learn_addresses(const mail::members& news, protocol::instant at);
  void pass_on_internal(const protocol::channel_key& key, protocol::instant at);
  void send_frames(const mail::frames& frames, protocol::instant at);
  void serve_broadcasts(protocol::instant at);
  void serve_whispers(protocol::instant at);
  void die(actor_kind who, protocol::instant at);
  void take_over(actor_kind who, protocol::instant at);
  [[nodiscard]] std::optional<protocol::instant> deadline_of(actor_kind who) const;

  node_environment environment_;
  protocol::random_source random_;
  protocol::link_set links_;
  protocol::failure_detector detector_;
  protocol::member_table table_;
  protocol::channel_set channels_;
  std::optional<protocol::causal_group> group_;
  std::optional<l1_journal> journal_;  // With what waits for it; no actor's death takes that.

  std::array<std::deque<mail::any>, actor_kind_count> mailboxes_;
  std::array<doomed, actor_kind_count> doomed_;
  static constexpr protocol::instant never = protocol::instant::max();
  std::array<protocol::instant, actor_kind_count> deadlines_;
  std::array<std::uint32_t, actor_kind_count> late_in_a_row_{};
  std::vector<protocol::incarnation> heard_;  // Since signs of life were last told.
  std::map<protocol::node_id, protocol::instant> told_heard_;

  // The ports, where the application meets the actors: they outlive both.
  protocol::cursor handed_over_ = 0;
  protocol::cursor readable_ = 0;         // Of a durable group: kept up to there.
  std::vector<answer> broadcasts_taken_;  // In this turn.
  std::optional<protocol::cursor> commit_;
  bool events_wait_ = false, leave_ = false;
  std::deque<waiting_broadcast> broadcasts_;
  std::deque<waiting_whisper> whispers_;
  std::vector<answer> whispers_taken_;                       // What came of them in this turn.
  std::map<std::uint64_t, std::uint64_t> outcomes_awaited_;  // Message number to ticket.
  std::set<protocol::channel_key> private_ready_;
  std::map<protocol::channel_key, std::uint64_t> private_handed_over_;
  std::map<protocol::channel_key, std::uint64_t> private_commits_;
  std::vector<answer> answers_;

  kill_counts killed_{};
  std::uint64_t livelocks_ = 0;
};

}  // namespace causerie::simulation
