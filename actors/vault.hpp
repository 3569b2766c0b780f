// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/actor_post.hpp"
#include "actors/channel_gate.hpp"
#include "actors/channel_port.hpp"
#include "actors/group_port.hpp"
#include "actors/journal_gate.hpp"
#include "protocol/assert.hpp"
#include "protocol/causal/causal_group.hpp"
#include "protocol/channel/channel_set.hpp"
#include "protocol/link/link_set.hpp"
#include "protocol/membership/failure_detector.hpp"
#include "protocol/membership/member_table.hpp"

namespace causerie::actors {

/// A machine's place outside the actor that runs it. An actor takes a lease; a kill comes between
/// two of its handlers, so the successor finds a whole machine. One lease at a time.
template <class Machine>
class vault_slot {
public:
  explicit vault_slot(Machine machine) : machine_{std::in_place, std::move(machine)} {}

  class lease {
  public:
    lease() noexcept = default;
    explicit lease(vault_slot& slot) : slot_{&slot} {
      CAUSERIE_ASSERT(!slot.leased_);
      slot.leased_ = true;
    }
    ~lease() {
      if (slot_ != nullptr) slot_->leased_ = false;
    }
    lease(lease&& other) noexcept : slot_{std::exchange(other.slot_, nullptr)} {}
    lease& operator=(lease&& other) noexcept {
      std::swap(slot_, other.slot_);
      return *this;
    }
    Machine* operator->() const noexcept { return &*slot_->machine_; }
    Machine& operator*() const noexcept { return *slot_->machine_; }

  private:
    vault_slot* slot_ = nullptr;
  };

  /// How often an actor has taken a lease: the second time on, the machine must be told.
  [[nodiscard]] lease take() {
    ++leases_;
    return lease{*this};
  }
  [[nodiscard]] bool taken_before() const noexcept { return leases_ > 1; }
  /// For whoever knows that no actor runs: the simulator between two steps, the node at its start.
  [[nodiscard]] Machine& unleased() noexcept { return *machine_; }
  /// Another machine takes the place of one that broke; nobody has taken a lease of it yet.
  void replace(Machine machine) {
    CAUSERIE_ASSERT(!leased_);
    machine_.emplace(std::move(machine));
    leases_ = 0;
  }

private:
  std::optional<Machine> machine_;  // Never none.
  bool leased_ = false;
  std::uint64_t leases_ = 0;
};

/// A group at this node: the machine, and the port where the application meets it.
struct group_room {
  group_room(protocol::incarnation self, const protocol::group_config& config, std::uint64_t seed)
      : port{config},
        machine{protocol::causal_group{self, config, seed}},
        post{"groups/" + config.name} {}
  group_port port;
  vault_slot<protocol::causal_group> machine;
  std::optional<journal_gate> gate;  ///< Of a durable group; set before its orderer starts.
  actor_post post;                   ///< Of this group's orderer.
};

class application_desk;

/// All state of a node that must outlive any of its actors.
struct vault {
  vault_slot<protocol::link_set> links;
  vault_slot<protocol::failure_detector> detector;
  vault_slot<protocol::member_table> members;
  vault_slot<protocol::channel_set> channels;
  channel_port private_port;
  std::optional<channel_gate> channels_gate{};  ///< Of a node with a journal; set at its start.

  [[nodiscard]] std::shared_ptr<group_room> find(const protocol::group_id& id) const {
    std::lock_guard lock{mutex_};
    const auto found = rooms_.find(id);
    return found == rooms_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::shared_ptr<group_room> find(const std::string& name) const {
    std::lock_guard lock{mutex_};
    for (const auto& [_, room] : rooms_)
      if (room->port.config().name == name) return room;
    return nullptr;
  }
  /// False when there is such a group already.
  bool add(std::shared_ptr<group_room> room) {
    std::lock_guard lock{mutex_};
    return rooms_.emplace(room->port.id(), std::move(room)).second;
  }
  [[nodiscard]] std::vector<std::shared_ptr<group_room>> rooms() const {
    std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<group_room>> all;
    for (const auto& [_, room] : rooms_) all.push_back(room);
    return all;
  }

  [[nodiscard]] std::shared_ptr<application_desk> application(const std::string& name) const {
    std::lock_guard lock{mutex_};
    const auto found = applications_.find(name);
    return found == applications_.end() ? nullptr : found->second;
  }
  /// False when there is such an application already.
  bool add(const std::string& name, std::shared_ptr<application_desk> desk) {
    std::lock_guard lock{mutex_};
    return applications_.emplace(name, std::move(desk)).second;
  }
  [[nodiscard]] std::vector<std::shared_ptr<application_desk>> applications() const {
    std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<application_desk>> all;
    for (const auto& [_, desk] : applications_) all.push_back(desk);
    return all;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<application_desk>> applications_;
  std::map<protocol::group_id, std::shared_ptr<group_room>> rooms_;
};

}  // namespace causerie::actors
