// SPDX-License-Identifier: BSL-1.0
#include "causerie/application.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <system_error>
#include <utility>

#include "actors/application_start.hpp"
#include "actors/node_state.hpp"

namespace causerie {

struct transaction::state {
  causerie::message what;
  unsigned attempt = 1;
  std::shared_ptr<const actors::application_desk> desk;
  actors::work_effects effects;
};

const causerie::message& transaction::message() const noexcept { return state_->what; }
unsigned transaction::attempt() const noexcept { return state_->attempt; }
void transaction::send(shared_bytes payload) {
  state_->effects.sends.push_back(std::move(payload));
}
void transaction::whisper(node_id to, shared_bytes payload, std::string channel) {
  state_->effects.whispers.push_back({{to, std::move(channel)}, std::move(payload)});
}

std::optional<shared_bytes> transaction::get(const std::string& key) const {
  const auto& writes = state_->effects.writes;
  if (const auto found = writes.find(key); found != writes.end()) return found->second;
  auto kept = state_->desk->state(key);
  if (!kept) throw std::system_error{kept.error(), "the state under '" + key + "'"};
  return std::move(*kept);
}

void transaction::put(std::string key, shared_bytes value) {
  state_->effects.writes.insert_or_assign(std::move(key), std::move(value));
}
void transaction::erase(std::string key) {
  state_->effects.writes.insert_or_assign(std::move(key), std::nullopt);
}

struct application::state {
  std::shared_ptr<actors::application_desk> desk;
};

std::vector<dead_letter> application::dead_letters() const {
  std::vector<dead_letter> all;
  if (!state_) return all;
  for (auto& letter : state_->desk->dead_letters())
    all.push_back({letter.id, letter.position, std::move(letter.why)});
  return all;
}

application::counters application::counted() const {
  if (!state_) return {};
  const auto counts = state_->desk->counted();
  return {counts.applied, counts.failed, counts.dead_letters, counts.abandoned};
}

result<std::optional<shared_bytes>> application::state_of(const std::string& key) const {
  if (!state_) return protocol::failure(error_);
  return state_->desk->state(key);
}

namespace {

using actors::application_desk;

/// Makes the transactions of one application; its clerks come one after the other.
class transaction_maker {
public:
  explicit transaction_maker(std::weak_ptr<actors::node_context> node)
      : names_{std::make_shared<name_book>(std::move(node))} {}

  [[nodiscard]] std::shared_ptr<transaction::state> operator()(
      const application_desk::assignment& task) const {
    auto made = std::make_shared<transaction::state>();
    auto& what = made->what;
    const auto& said = task.message;
    what.id = said.id;
    what.from_node = said.id.sender.node;
    what.from = names_->of(what.from_node);
    what.lamport = said.lamport;
    what.sent_at = std::chrono::system_clock::time_point{said.sent_at.time_since_epoch()};
    what.payload = said.payload;
    what.lost_before = task.lost_before;
    what.position = task.position;
    made->attempt = task.attempt;
    made->desk = task.desk;
    return made;
  }

private:
  std::shared_ptr<name_book> names_;
};

/// What became of a handler: its transaction, or in words why there is none.
actors::work_result outcome_of(std::exception_ptr thrown, transaction::state& made) {
  if (!thrown) return std::move(made.effects);
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return tl::unexpected<std::string>{error.what()};
  } catch (...) {
    return tl::unexpected<std::string>{"something was thrown that is no std::exception"};
  }
}

application start(node& at, std::string name, group::state& membership, application_desk::work work,
                  const application_options& options) {
  if (membership.error) return {nullptr, membership.error};
  if (name.empty() || name.size() > 64) return {nullptr, protocol_errc::too_large};
  if (membership.uncommitted != 0)
    membership.room->port.commit(std::exchange(membership.uncommitted, 0));
  return start_application(at, std::move(name), membership.room, std::move(work), options,
                           std::exchange(membership.waiting, {}));
}

asio::awaitable<void> perform(detail::async_handler handler, transaction made) {
  co_await handler(made);
}

}  // namespace

application start_application(node& at, std::string name, std::shared_ptr<actors::group_room> room,
                              application_desk::work work, const application_options& options,
                              std::deque<group_event> taken_already) {
  auto desk = at.internals().core.open_application(
      std::move(name), std::move(room), std::move(work),
      {options.attempts_max, options.send_within, options.state_bytes_max},
      std::move(taken_already));
  if (!desk) return {nullptr, desk.error()};
  return {std::make_shared<application::state>(application::state{std::move(*desk)}), {}};
}

application_desk::work work_by(node& at, detail::async_handler handler) {
  return [&io = at.internals().io, make = transaction_maker{at.internals().core.context()},
          handler = std::move(handler)](const application_desk::assignment& task,
                                        application_desk::work_done done) {
    auto made = make(task);
    asio::co_spawn(io, perform(handler, transaction{made}),
                   [made, done = std::move(done)](std::exception_ptr thrown) {
                     done(outcome_of(thrown, *made));
                   });
  };
}

application detail::start_application(node& at, std::string name, group membership,
                                      async_handler handler, const application_options& options) {
  return start(at, std::move(name), membership.internals(), work_by(at, std::move(handler)),
               options);
}

application detail::start_application(node& at, std::string name, group membership,
                                      sync_handler handler, const application_options& options) {
  return start(
      at, std::move(name), membership.internals(),
      [make = transaction_maker{at.internals().core.context()}, handler = std::move(handler)](
          const application_desk::assignment& task, application_desk::work_done done) {
        auto made = make(task);
        std::exception_ptr thrown;
        try {
          transaction work{made};
          handler(work);
        } catch (...) {
          thrown = std::current_exception();
        }
        done(outcome_of(thrown, *made));
      },
      options);
}

}  // namespace causerie
