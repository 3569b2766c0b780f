// SPDX-License-Identifier: BSL-1.0
// Two nodes in one program whose applications are CAF actors in the host's own actor system: ann
// asks, bob answers, and ann has her question before the answer. Ends by itself.
#include <caf/all.hpp>
#include <causerie/caf.hpp>

#include <iostream>
#include <thread>

#include <asio/executor_work_guard.hpp>

struct talker_state {
  bool greeted = false;
};

/// Prints what it hears; greets whoever is there or comes, once, and answers questions.
causerie::group_listener::behavior_type talker(
    causerie::group_listener::stateful_pointer<talker_state> self, std::string name,
    causerie::group_actor group, std::string greeting) {
  using namespace causerie::protocol;
  const auto say = [=](const std::string& text) {
    caf::anon_send(group, causerie::publish{causerie::shared_bytes::copy_of(text)});
  };
  const auto greet = [=] {
    if (!greeting.empty() && !std::exchange(self->state.greeted, true)) say(greeting);
  };
  return {[=](const causerie::delivered_events& batch) {
    for (const auto& event : batch.events) {
      if (auto* joined = std::get_if<joined_event>(&event.what);
          joined && joined->members.size() > 1)
        greet();
      if (std::holds_alternative<member_up_event>(event.what)) greet();
      auto* said = std::get_if<message_event>(&event.what);
      if (said == nullptr) continue;
      std::cout << name << " heard: " << said->payload.text() << std::endl;
      if (name == "bob" && said->payload.text().ends_with('?')) say("bob says yes");
      if (name == "ann" && said->payload.text() == "bob says yes") {
        caf::anon_send(group, causerie::leave_group{});
        self->quit();
      }
    }
    caf::anon_send(group, causerie::commit_events{batch.events.back().position});
  }};
}

int main() {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{2});
  config.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{config};
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  std::thread network{[&io] { io.run(); }};
  {
    causerie::node ann{io, {.name = "ann"}, system};
    causerie::node bob{io, {.name = "bob", .join = {ann.address().text()}}, system};
    auto bobs_group = causerie::join(bob, "lobby");
    auto bobs_ears = system.spawn(talker, "bob", bobs_group, "");
    caf::anon_send(bobs_group, causerie::subscribe{bobs_ears});
    auto anns_group = causerie::join(ann, "lobby");
    auto anns_ears = system.spawn(talker, "ann", anns_group, "bob, are you there?");
    caf::anon_send(anns_group, causerie::subscribe{anns_ears});
    caf::scoped_actor self{system};
    self->wait_for(anns_ears);
    for (const auto& actor : {bobs_group, anns_group})
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(bobs_ears, caf::exit_reason::user_shutdown);
  }
  io.stop();
  network.join();
}
