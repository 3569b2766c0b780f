// SPDX-License-Identifier: BSL-1.0
#include <system_error>
#include <utility>

#include "actors/application_start.hpp"
#include "actors/bridge/ask.hpp"
#include "actors/node_state.hpp"
#include "causerie/caf.hpp"

namespace causerie {
namespace {

/// Asks whoever is the worker now; its answer is the transaction.
struct asking_worker {
  const actors::hub& through;
  std::string name;
  std::function<worker_actor()> who;
  duration within;

  asio::awaitable<void> operator()(transaction& work) const {
    // Not made within the call: g++ 12 destroys aggregates of a co_await expression twice.
    work_order order{name, work.message(), work.attempt()};
    const auto answer = co_await actors::ask<work_answer>(through, who(), within, std::move(order));
    if (!answer) throw std::system_error{answer.error(), "the worker did not answer"};
    for (const auto& payload : answer->sends) work.send(payload);
    for (const auto& each : answer->whispers) work.whisper(each.peer, each.payload, each.channel);
    for (const auto& [key, value] : answer->writes) value ? work.put(key, *value) : work.erase(key);
  }
};

}  // namespace

application serve(node& at, std::string name, std::string group, std::function<worker_actor()> who,
                  join_options joining, const application_options& options, duration within) {
  auto& internals = at.internals();
  auto room =
      internals.core.open_group(internals.config_of(std::move(group), joining), internals.now());
  if (!room) return {nullptr, room.error()};
  const asking_worker work{internals.questions, name, std::move(who), within};
  return start_application(at, std::move(name), std::move(*room), work_by(at, work), options);
}

}  // namespace causerie
