// SPDX-License-Identifier: BSL-1.0
// Two nodes in one program whose applications are CAF actors in the host's own actor system: ann
// asks, bob answers, and ann has her question before the answer. Ends by itself.
#include <caf/all.hpp>
#include <causerie/caf.hpp>

#include <iostream>
#include <string>
#include <thread>

#include <asio/executor_work_guard.hpp>

using namespace causerie::protocol;

struct talker_state {
  std::string name, greeting;
  causerie::group_actor group;

  void say(const std::string& text) const {
    caf::anon_send(group, causerie::publish{causerie::shared_bytes::copy_of(text)});
  }
  /// Greets whoever is there or comes, once.
  void greet() {
    if (!greeting.empty()) say(std::exchange(greeting, {}));
  }
  /// True when the conversation is over.
  bool hear(std::string_view text) const {
    // In one piece: the other actor may be on another thread.
    std::cout << name + " heard: " + std::string{text} + "\n" << std::flush;
    if (name == "bob" && text.ends_with('?')) say("bob says yes");
    return name == "ann" && text == "bob says yes";
  }
};

/// Prints what it hears, and answers questions.
causerie::group_listener::behavior_type talker(
    causerie::group_listener::stateful_pointer<talker_state> self, std::string name,
    causerie::group_actor group, std::string greeting) {
  self->state.name = std::move(name);
  self->state.group = std::move(group);
  self->state.greeting = std::move(greeting);
  return {[self](const causerie::delivered_events& batch) {
    bool over = false;
    for (const auto& event : batch.events) {
      const auto* joined = std::get_if<joined_event>(&event.what);
      if (joined != nullptr && joined->members.size() > 1) self->state.greet();
      if (std::holds_alternative<member_up_event>(event.what)) self->state.greet();
      const auto* said = std::get_if<message_event>(&event.what);
      if (said != nullptr) over = self->state.hear(said->payload.text()) || over;
    }
    caf::anon_send(self->state.group, causerie::commit_events{batch.events.back().position});
    if (!over) return;
    caf::anon_send(self->state.group, causerie::leave_group{});
    self->quit();
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
