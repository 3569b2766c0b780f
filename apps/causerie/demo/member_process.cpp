// SPDX-License-Identifier: BSL-1.0
#include <csignal>
#include <cstdlib>

#include <unistd.h>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/demo/demo_member.hpp"
#include "apps/causerie/demo/demo_text.hpp"
#include "apps/causerie/node/node_start.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using namespace asio::experimental::awaitable_operators;
constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);
constexpr auto report_every = std::chrono::milliseconds{100};
constexpr auto leave_patience = std::chrono::seconds{4};

/// A member of the demo in a process of its own: obeys its standard input, reports on its standard
/// output, ends when its input does.
class member_process {
public:
  member_process(asio::io_context& io, invocation& run)
      : io_{io},
        terminal_{run.terminal},
        started_{start_node(io, run.chosen)},
        diary_{run.given.text("history"), started_.node->facts().name,
               protocol::number(started_.node->facts().epoch), started_.node->facts().id.text()},
        member_{io, started_.node->node(), part_of(run), diary_},
        input_{io, ::dup(STDIN_FILENO)},
        join_patience_{run.given.time("join-patience", std::chrono::seconds{60})} {}

  asio::awaitable<void> live() {
    const auto facts = started_.node->facts();
    terminal_.answer({{"is", "ready"},
                      {"name", facts.name},
                      {"id", facts.id.text()},
                      {"address", facts.address.text()}});
    asio::co_spawn(io_, report(), asio::detached);
    asio::co_spawn(io_, join(), asio::detached);
    std::string buffer;
    for (bool going_on = true; going_on;) {
      const auto [error, bytes] =
          co_await asio::async_read_until(input_, asio::dynamic_buffer(buffer), '\n', as_result);
      if (error) std::_Exit(1);  // Nobody directs any more.
      const auto order = json::parse(buffer.substr(0, bytes), nullptr, false);
      buffer.erase(0, bytes);
      going_on = co_await obey(order);
    }
  }

private:
  static demo_part part_of(const invocation& run) {
    demo_part part;
    part.messages = run.given.count("messages", 40);
    part.pause = run.given.time("pause", std::chrono::milliseconds{100});
    part.whisper_patience = run.given.time("whisper-patience", std::chrono::seconds{10});
    part.seed = run.given.count("seed", 1);
    part.lines = demo_lines(run.given.all("text"));
    return part;
  }

  asio::awaitable<void> join() {
    const auto error = co_await member_.join(join_patience_);
    if (error) terminal_.answer({{"is", "failed"}, {"why", error.message()}});
  }

  asio::awaitable<void> report() {
    asio::steady_timer timer{io_};
    for (json last; !over_;) {
      auto now = member_.progress();
      if (now != last) terminal_.answer(now);
      last = std::move(now);
      timer.expires_after(report_every);
      co_await timer.async_wait(as_result);
    }
  }

  asio::awaitable<bool> obey(const json& order) {
    const auto what = order.is_object() ? order.value("do", "") : "";
    if (what == "talk") member_.talk(order.value("peers", std::vector<std::string>{}));
    if (what != "finish") co_return true;
    over_ = true;
    member_.finish();
    co_await say_final();
    asio::steady_timer patience{io_, leave_patience};
    co_await (started_.node->leave() || patience.async_wait(as_result));
    co_return false;
  }

  asio::awaitable<void> say_final() {
    json final{{"is", "final"}};
    auto& figures = final["counters"] = json::object();
    for (const auto& [name, value] : co_await started_.node->counters())
      if (value != 0) figures[name] = value;
    std::uint64_t restarts = 0;
    for (const auto& actor : co_await started_.node->actors()) restarts += actor.restarts;
    final["restarts"] = restarts;
    terminal_.answer(final);
  }

  asio::io_context& io_;
  console& terminal_;
  started_node started_;
  checker::history_writer diary_;
  demo_member member_;
  asio::posix::stream_descriptor input_;
  duration join_patience_;
  bool over_ = false;
};

exit_code run_member(invocation& run) {
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the director, who ends the input.
  asio::io_context io{1};
  member_process member{io, run};
  std::exception_ptr failure;
  asio::co_spawn(io, member.live(), [&](std::exception_ptr thrown) {
    failure = thrown;
    io.stop();
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  std::fflush(stdout);
  std::_Exit(0);  // Coroutines that wait for ever are not worth taking apart.
}

}  // namespace

verb_spec demo_member_verb() {
  auto verb = node_verb();
  verb.name = "demo-member";
  verb.hidden = true;
  verb.run = run_member;
  for (const auto& flag : {
           flag_spec{.name = "history", .kind = value_kind::text, .placeholder = "FILE"},
           flag_spec{.name = "messages", .kind = value_kind::count, .placeholder = "N"},
           flag_spec{.name = "pause", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "whisper-patience", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "join-patience", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "seed", .kind = value_kind::count, .placeholder = "N"},
           flag_spec{
               .name = "text", .kind = value_kind::text, .placeholder = "FILE", .repeated = true},
       })
    verb.flags.push_back(flag);
  return verb;
}

}  // namespace causerie::apps
