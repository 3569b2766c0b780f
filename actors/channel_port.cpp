// SPDX-License-Identifier: BSL-1.0
#include "actors/channel_port.hpp"

#include <algorithm>
#include <utility>

namespace causerie::actors {

using protocol::failure;
using protocol::protocol_errc;

void channel_port::send(send_command command) {
  std::optional<std::error_code> refusal;
  {
    std::lock_guard lock{mutex_};
    if (failed_)
      refusal = *failed_;
    else if (waiting_.sends.size() >= sends_max)
      refusal = make_error_code(protocol_errc::would_block);
    else
      waiting_.sends.push_back(std::move(command));
  }
  if (refusal) return command.done(tl::unexpected{*refusal});
  wake();
}

void channel_port::subscribe(const std::string& name, std::function<void()> arrived) {
  {
    std::lock_guard lock{mutex_};
    auto& box = inboxes_[name];
    box.subscribed = true;
    box.arrived = std::move(arrived);
  }
  wake();  // Messages may wait already.
}

std::vector<channel_port::message> channel_port::take(const std::string& name) {
  std::vector<message> taken;
  {
    std::lock_guard lock{mutex_};
    taken.swap(inboxes_[name].messages);
  }
  if (taken.size() >= messages_max) wake();
  return taken;
}

void channel_port::commit(const protocol::channel_key& from, std::uint64_t up_to) {
  {
    std::lock_guard lock{mutex_};
    const auto earlier = earlier_.find(from);
    const auto before = earlier == earlier_.end() ? 0 : earlier->second;
    if (up_to <= before) return;  // Of a life that is over.
    auto& committed = committed_[from];
    committed = std::max(committed, up_to - before);
    waiting_.commits[from] = committed;
  }
  wake();
}

void channel_port::give_up(const protocol::channel_key& to) {
  std::deque<send_command> never_left;
  {
    std::lock_guard lock{mutex_};
    std::deque<send_command> others;
    for (auto& send : waiting_.sends)
      (send.kept && send.to == to ? never_left : others).push_back(std::move(send));
    waiting_.sends = std::move(others);
    waiting_.given_up.push_back(to);
  }
  for (auto& send : never_left) send.done(protocol::send_outcome::not_sent);
  wake();
}

void channel_port::wake() {
  {
    std::lock_guard lock{mutex_};
    if (woken_) return;
    woken_ = true;
  }
  if (wake_actor) wake_actor();
}

channel_port::commands channel_port::take_commands() {
  std::lock_guard lock{mutex_};
  woken_ = false;
  return std::exchange(waiting_, {});
}

void channel_port::put_back(std::deque<send_command> sends) {
  std::lock_guard lock{mutex_};
  for (auto& later : waiting_.sends) sends.push_back(std::move(later));
  waiting_.sends = std::move(sends);
}

std::size_t channel_port::room(const std::string& name) const {
  std::lock_guard lock{mutex_};
  const auto found = inboxes_.find(name);
  if (found == inboxes_.end() || !found->second.subscribed) return 0;
  const auto waiting = found->second.messages.size();
  return waiting >= messages_max ? 0 : messages_max - waiting;
}

std::uint64_t channel_port::handed_over(const protocol::channel_key& from) const {
  std::lock_guard lock{mutex_};
  const auto found = handed_over_.find(from);
  return found == handed_over_.end() ? 0 : found->second;
}

void channel_port::deliver(const protocol::channel_key& from,
                           std::vector<protocol::channel_set::received> what) {
  if (what.empty()) return;
  std::function<void()> arrived;
  {
    std::lock_guard lock{mutex_};
    auto& box = inboxes_[from.name];
    handed_over_[from] = what.back().position;
    const auto earlier = earlier_.find(from);
    const auto before = earlier == earlier_.end() ? 0 : earlier->second;
    if (box.messages.empty()) arrived = box.arrived;
    for (auto& each : what) {
      each.position += before;
      box.messages.push_back({from, std::move(each)});
    }
  }
  if (arrived) arrived();
}

void channel_port::await_outcome(std::uint64_t number, std::function<void(outcome)> done) {
  std::lock_guard lock{mutex_};
  outcomes_[number] = std::move(done);
}

void channel_port::resolve(std::uint64_t number, outcome what) {
  std::function<void(outcome)> done;
  {
    std::lock_guard lock{mutex_};
    const auto found = outcomes_.find(number);
    if (found == outcomes_.end()) return;
    done = std::move(found->second);
    outcomes_.erase(found);
  }
  if (done) done(std::move(what));
}

void channel_port::fail(std::error_code reason) {
  std::deque<send_command> sends;
  std::map<std::uint64_t, std::function<void(outcome)>> outcomes;
  std::vector<std::function<void()>> arrived;
  {
    std::lock_guard lock{mutex_};
    if (failed_) return;
    failed_ = reason;
    sends.swap(waiting_.sends);
    outcomes.swap(outcomes_);
    for (const auto& [_, box] : inboxes_)
      if (box.arrived) arrived.push_back(box.arrived);
  }
  answer_all(std::move(sends), std::move(outcomes));
  for (const auto& call : arrived) call();
}

/// What never reached the machine never left; of the rest nobody can say.
void channel_port::answer_all(std::deque<send_command> sends,
                              std::map<std::uint64_t, std::function<void(outcome)>> outcomes) {
  for (auto& send : sends) send.done(protocol::send_outcome::not_sent);
  for (auto& [_, done] : outcomes)
    if (done) done(protocol::send_outcome::unknown);
}

void channel_port::begin_again(const std::set<protocol::channel_key>& go_on) {
  std::deque<send_command> sends;
  std::map<std::uint64_t, std::function<void(outcome)>> outcomes;
  {
    std::lock_guard lock{mutex_};
    sends.swap(waiting_.sends);
    outcomes.swap(outcomes_);
    for (const auto& [from, position] : handed_over_)
      if (!go_on.contains(from)) earlier_[from] += position;
    const auto is_over = [&](const auto& entry) { return !go_on.contains(entry.first); };
    std::erase_if(handed_over_, is_over);
    std::erase_if(committed_, is_over);
    waiting_.commits = committed_;  // Some may have been taken by the machine that broke.
  }
  answer_all(std::move(sends), std::move(outcomes));
}

}  // namespace causerie::actors
