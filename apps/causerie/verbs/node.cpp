// SPDX-License-Identifier: BSL-1.0
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/event_log.hpp"
#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/node/node_start.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {

using net::as_result;

namespace {

using namespace asio::experimental::awaitable_operators;
constexpr auto leave_patience = std::chrono::seconds{3};

void say_ready(console& terminal, const started_node& started) {
  const auto facts = started.node->facts();
  if (terminal.json())
    terminal.answer({{"schema", "causerie.node/1"},
                     {"name", facts.name},
                     {"id", facts.id.text()},
                     {"address", facts.address.text()},
                     {"cluster", facts.cluster},
                     {"socket", started.socket.string()},
                     {"pid", facts.pid}});
  else
    terminal.out(fmt::format("node {} is ready at {} (control socket {})\n", facts.name,
                             facts.address.text(), started.socket.string()));
}

void say_settings(invocation& run) {
  for (const auto& spec : setting_specs())
    if (spec.key.starts_with("node.") || spec.key.starts_with("store.") ||
        spec.key.starts_with("faults."))
      run.terminal.detail(
          1, fmt::format("{} = {}  ({})", spec.key, fmt::join(run.chosen.list(spec.key), ", "),
                         run.chosen.origin_of(spec.key).where));
}

asio::awaitable<void> log_happenings(std::shared_ptr<feed> happenings, std::size_t verbosity) {
  event_log log{verbosity};
  for (auto reader = happenings->read(0);;) {
    const auto batch = co_await reader.next();
    if (batch.items.empty()) co_return;
    for (const auto& item : batch.items) log.write(item->line);
  }
}

/// Waits for a signal, then leaves in order; a second signal ends the process at once.
asio::awaitable<void> until_told_to_end(asio::io_context& io, started_node& started,
                                        console& terminal, exit_code& ending) {
  asio::signal_set signals{io, SIGINT, SIGTERM};
  const auto signal = co_await signals.async_wait(asio::use_awaitable);
  ending = signal == SIGINT ? exit_code::interrupted : exit_code::terminated;
  const auto code = static_cast<int>(ending);
  signals.async_wait([code](std::error_code error, int) {
    if (!error) std::_Exit(code);
  });
  terminal.say("leaving in order; once more ends it now");
  asio::steady_timer patience{io, leave_patience};
  co_await (started.node->leave() || patience.async_wait(as_result));
  started.control->close();
}

/// It leaves what it can, and whoever started it is told why.
asio::awaitable<void> until_it_fails(asio::io_context& io, started_node& started) {
  const auto why = co_await started.node->failure();
  asio::steady_timer patience{io, leave_patience};
  co_await (started.node->leave() || patience.async_wait(as_result));
  started.control->close();
  throw node_failed(why);
}

exit_code run_node(invocation& run) {
  asio::io_context io{1};
  auto started = start_node(io, run.chosen);
  if (run.chosen.on("node.durable")) started.node->rejoin();
  say_settings(run);
  say_ready(run.terminal, started);
  if (run.terminal.verbosity() > 0)
    asio::co_spawn(io, log_happenings(started.node->happenings(), run.terminal.verbosity()),
                   asio::detached);
  auto ending = exit_code::done;
  std::exception_ptr failure;
  const auto over = [&](std::exception_ptr thrown) {
    failure = thrown;
    io.stop();
  };
  asio::co_spawn(io, until_told_to_end(io, started, run.terminal, ending), over);
  asio::co_spawn(io, until_it_fails(io, started), over);
  io.run();
  // Coroutines that still wait go with `io`: none of them may run once the node has gone.
  started.control.reset();
  started.node.reset();
  if (failure) std::rethrow_exception(failure);
  return ending;
}

/// How it is in the groups that its users ask for.
std::vector<flag_spec> group_flags() {
  return {{.name = "durable",
           .summary = "its groups outlive the process; wants --name or --data",
           .setting = "node.durable"},
          {.name = "sync",
           .kind = value_kind::choice,
           .placeholder = "normal|full",
           .summary = "what --durable outlives: kill -9, or power cuts too",
           .setting = "store.sync"},
          {.name = "horizon",
           .kind = value_kind::time,
           .placeholder = "DUR",
           .summary = "how long a silent member is waited for; default 15m, alike for all",
           .setting = "node.horizon"},
          {.name = "keep-messages",
           .kind = value_kind::count,
           .placeholder = "N",
           .summary = "of a group's past, for those who join later; default 10000",
           .setting = "node.keep-messages"},
          {.name = "keep-bytes",
           .kind = value_kind::bytes,
           .placeholder = "SIZE",
           .summary = "likewise; default 64MiB",
           .setting = "node.keep-bytes"},
          {.name = "keep-age",
           .kind = value_kind::time,
           .placeholder = "DUR",
           .summary = "likewise; default: the horizon",
           .setting = "node.keep-age"}};
}

std::vector<flag_spec> detector_flags() {
  return {{.name = "profile",
           .kind = value_kind::choice,
           .placeholder = "any|lan",
           .summary = "lan: find the dead in half the time, for twice the packets",
           .setting = "node.profile"},
          {.name = "ping-interval",
           .kind = value_kind::time,
           .placeholder = "DUR",
           .summary = "how often the failure detector probes; default 1s, lan 500ms",
           .setting = "node.ping-interval"}};
}

}  // namespace

verb_spec node_verb() {
  verb_spec verb{
      .name = "node",
      .summary = "run a node in the foreground",
      .about =
          "Runs a node until Ctrl-C, which leaves the groups in order (a second one ends it\n"
          "at once). Without --join it finds this user's other nodes by itself. It prints one\n"
          "line when it is ready; the other verbs talk to it through its control socket.\n"
          "An address is 127.0.0.1:7450 or [::1]:7450; port 0 takes any free port.",
      .positionals = {},
      .flags = {{.name = "name",
                 .kind = value_kind::text,
                 .placeholder = "NAME",
                 .summary = "what others call it; default: host name and four letters of the key",
                 .setting = "node.name"},
                {.name = "listen",
                 .kind = value_kind::text,
                 .placeholder = "ADDR",
                 .summary = "where to receive; default 127.0.0.1:0",
                 .setting = "node.listen"},
                {.name = "join",
                 .kind = value_kind::text,
                 .placeholder = "ADDR",
                 .summary = "members of the cluster to join through",
                 .setting = "node.join",
                 .repeated = true},
                {.name = "cluster",
                 .kind = value_kind::text,
                 .placeholder = "NAME",
                 .summary = "nodes of other clusters are not heard",
                 .setting = "node.cluster"},
                {.name = "data",
                 .kind = value_kind::text,
                 .placeholder = "DIR",
                 .summary = "where its key is kept; default: the user's state folder",
                 .setting = "node.data"},
                {.name = "memory-only",
                 .summary = "keep nothing on disk",
                 .setting = "node.memory-only"},
                {.name = "journal-moved",
                 .summary = "its journal was moved or restored, and no other copy is in use",
                 .setting = "node.journal-moved"},
                {.name = "group-limit",
                 .kind = value_kind::count,
                 .placeholder = "N",
                 .summary = "members that a group may have",
                 .setting = "node.group-limit"},
                {.name = "stuck-after",
                 .kind = value_kind::time,
                 .placeholder = "DUR",
                 .summary = "name handlers that last longer; default 2s, 0s: do not look",
                 .setting = "node.stuck-after"},
                {.name = "no-discover",
                 .summary = "do not look for this user's other nodes",
                 .setting = "node.discover"}},
      .run = run_node};
  for (const auto& more : {group_flags(), detector_flags(), fault_flags()})
    verb.flags.insert(verb.flags.end(), more.begin(), more.end());
  return verb;
}

}  // namespace causerie::apps
