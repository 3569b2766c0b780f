// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>

#include <nlohmann/json.hpp>

#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// A node that is only talked about: what the control socket's tests serve.
class fake_node final : public node_service {
public:
  explicit fake_node(asio::any_io_executor executor)
      : inbox_{std::make_shared<feed>(executor)},
        happenings_{std::make_shared<feed>(executor)},
        lobby_{std::make_shared<feed>(executor, feed::limits{.items_max = 4})} {
    ann.name = "ann";
    ann.who.node.octets[0] = 0xaa;
    ann.state = protocol::member_state::alive;
    ann.health = 2;
    bob.name = "bob";
    bob.who.node.octets[0] = 0xbb;
    bob.state = protocol::member_state::suspect;
    bob.who.epoch = boot_epoch{17};
    bob.refutations = 3;
    cid.name = "cid";
    cid.who.node.octets[0] = 0xcc;
    cid.state = protocol::member_state::alive;
    bob.accusations = {{ann.who.node, false}, {cid.who.node, true}};
    orderer = {"groups/lobby", "orderer", 3, 0, true};
  }

  [[nodiscard]] node_facts facts() const override {
    node_facts facts;
    facts.name = "ann";
    facts.id = ann.who.node;
    facts.address = protocol::socket_address::v4(127, 0, 0, 1, 7450);
    facts.cluster = "causerie";
    facts.groups = groups;
    return facts;
  }
  asio::awaitable<std::vector<member_view>> members() override { co_return std::vector{ann, bob}; }
  asio::awaitable<result<member_view>> find(std::string text) override {
    if (text == "same") co_return protocol::failure(protocol_errc::duplicate);
    for (const auto& member : {ann, bob, cid})
      if (text == member.name || text == member.who.node.text()) co_return member;
    co_return protocol::failure(protocol_errc::unknown_peer);
  }
  asio::awaitable<std::vector<actor_view>> actors() override { co_return std::vector{orderer}; }
  asio::awaitable<std::map<std::string, std::uint64_t>> counters() override {
    co_return std::map<std::string, std::uint64_t>{{"link.dropped_malformed", 2}};
  }
  asio::awaitable<result<void>> kill(std::string) override {
    ++orderer.restarts;
    co_return result<void>{};
  }
  asio::awaitable<result<message_explanation>> why(std::string group, message_id id,
                                                   duration) override {
    if (std::find(groups.begin(), groups.end(), group) == groups.end())
      co_return protocol::failure(protocol_errc::not_a_member);
    explanation.id = id;
    co_return explanation;
  }
  asio::awaitable<result<delivery>> send(node_id peer, std::string text, duration) override {
    sent.push_back(std::move(text));
    co_return peer == cid.who.node ? delivery::delivered : delivery::unknown;
  }
  asio::awaitable<result<message_id>> publish(std::string group, std::string text,
                                              duration) override {
    if (group != "lobby") co_return protocol::failure(protocol_errc::refused);
    lobby_->push(nlohmann::json{{"schema", "causerie.message/1"}, {"text", text}}.dump());
    co_return message_id{ann.who, lobby_->last()};
  }
  asio::awaitable<result<std::shared_ptr<feed>>> listen(std::string, duration) override {
    co_return lobby_;
  }
  std::shared_ptr<feed> inbox() override { return inbox_; }
  std::shared_ptr<feed> happenings() override { return happenings_; }
  void set_faults(net::fault_plan plan) override { faults = std::move(plan); }
  void set_clock_error(duration error) override { clock_error = error; }
  result<void> set_disk_faults(const disk_faults& what) override {
    if (!has_journal) return protocol::failure(protocol_errc::refused);
    disk = what;
    return {};
  }
  [[nodiscard]] protocol::instant now() const override { return {}; }

  member_view ann, bob, cid;  ///< Itself, one who is silent, one who acknowledges.
  actor_view orderer;
  std::vector<std::string> groups{"lobby"};
  message_explanation explanation;
  std::vector<std::string> sent;
  net::fault_plan faults;
  duration clock_error{};
  bool has_journal = true;
  disk_faults disk;

private:
  std::shared_ptr<feed> inbox_, happenings_, lobby_;
};

}  // namespace causerie::apps
