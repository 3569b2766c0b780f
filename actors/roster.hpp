// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/send.hpp>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "actors/messages.hpp"

namespace causerie::actors {

/// Who plays which role now. Handles are looked up at each use and never kept: a held one goes
/// stale when its actor is restarted. About 25 ns a look-up; any thread.
class roster {
public:
  [[nodiscard]] courier_actor courier() const { return copy(courier_); }
  [[nodiscard]] failure_detector_actor detector() const { return copy(detector_); }
  [[nodiscard]] membership_actor membership() const { return copy(membership_); }
  [[nodiscard]] channels_actor channels() const { return copy(channels_); }
  [[nodiscard]] guardian_actor guardian() const { return copy(guardian_); }
  [[nodiscard]] journal_actor journal() const { return copy(journal_); }
  [[nodiscard]] orderer_actor orderer(const protocol::group_id& group) const {
    std::lock_guard lock{mutex_};
    const auto found = orderers_.find(group);
    return found == orderers_.end() ? orderer_actor{} : found->second;
  }
  [[nodiscard]] std::vector<orderer_actor> orderers() const {
    std::lock_guard lock{mutex_};
    std::vector<orderer_actor> all;
    for (const auto& [_, handle] : orderers_) all.push_back(handle);
    return all;
  }

  [[nodiscard]] clerk_actor clerk(const std::string& application) const {
    std::lock_guard lock{mutex_};
    const auto found = clerks_.find(application);
    return found == clerks_.end() ? clerk_actor{} : found->second;
  }
  [[nodiscard]] std::vector<clerk_actor> clerks() const {
    std::lock_guard lock{mutex_};
    std::vector<clerk_actor> all;
    for (const auto& [_, handle] : clerks_) all.push_back(handle);
    return all;
  }

  void set(courier_actor handle) { assign(courier_, std::move(handle)); }
  void set(failure_detector_actor handle) { assign(detector_, std::move(handle)); }
  void set(membership_actor handle) { assign(membership_, std::move(handle)); }
  void set(channels_actor handle) { assign(channels_, std::move(handle)); }
  void set(guardian_actor handle) { assign(guardian_, std::move(handle)); }
  void set(journal_actor handle) { assign(journal_, std::move(handle)); }
  void set(const protocol::group_id& group, orderer_actor handle) {
    std::lock_guard lock{mutex_};
    if (!closed_) orderers_[group] = std::move(handle);
  }
  void set(const std::string& application, clerk_actor handle) {
    std::lock_guard lock{mutex_};
    if (!closed_) clerks_[application] = std::move(handle);
  }
  /// Lets go of every handle, and takes none any more: actors and their node hold each other until
  /// then, and one that starts late would again.
  void clear() {
    roster empty;
    std::lock_guard lock{mutex_};
    closed_ = true;
    std::swap(courier_, empty.courier_);
    std::swap(detector_, empty.detector_);
    std::swap(membership_, empty.membership_);
    std::swap(channels_, empty.channels_);
    std::swap(guardian_, empty.guardian_);
    std::swap(journal_, empty.journal_);
    std::swap(orderers_, empty.orderers_);
    std::swap(clerks_, empty.clerks_);
  }

private:
  template <class Handle>
  Handle copy(const Handle& handle) const {
    std::lock_guard lock{mutex_};
    return handle;
  }
  template <class Handle>
  void assign(Handle& place, Handle handle) {
    std::lock_guard lock{mutex_};
    if (!closed_) std::swap(place, handle);
  }

  mutable std::mutex mutex_;
  bool closed_ = false;
  courier_actor courier_;
  failure_detector_actor detector_;
  membership_actor membership_;
  channels_actor channels_;
  guardian_actor guardian_;
  journal_actor journal_;
  std::map<protocol::group_id, orderer_actor> orderers_;
  std::map<std::string, clerk_actor> clerks_;
};

/// Sends without waiting for anything; to nobody when the role is vacant just now.
template <class Handle, class Message>
void tell(const Handle& to, Message&& message) {
  if (to) caf::anon_send(to, std::forward<Message>(message));
}

}  // namespace causerie::actors
