// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/node/node_start.hpp"

#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/folders.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "journal/journal_errors.hpp"

namespace causerie::apps {
namespace {

/// Held while a node looks for others and until others can find it.
class start_turn {
public:
  explicit start_turn(const std::filesystem::path& folder)
      : file_{::open((folder / "start.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)} {
    // A start that hangs must not keep others from starting: they go on without the lock.
    for (int tries = 0; tries < 300 && ::flock(file_, LOCK_EX | LOCK_NB) != 0; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  ~start_turn() {
    if (file_ >= 0) ::close(file_);
  }
  start_turn(const start_turn&) = delete;
  start_turn& operator=(const start_turn&) = delete;

private:
  int file_;
};

std::vector<std::string> discovered(const std::filesystem::path& folder,
                                    const std::string& cluster) {
  std::vector<std::string> addresses;
  for (const auto& other : running_nodes(folder)) try {
      control_client client{other};
      const auto answer = client.ask({{"do", "address"}}, std::chrono::milliseconds{500});
      if (answer.value("cluster", "") == cluster) addresses.push_back(answer.value("address", ""));
    } catch (const app_error&) {
      // It is just ending, or stopped: nobody to join.
    }
  return addresses;
}

std::string single_listen_address(const settings& chosen) {
  const auto& listen = chosen.list("node.listen");
  if (listen.size() > 1)
    throw app_error{"bad-value", exit_code::configuration,
                    fmt::format("node.listen: {} addresses (from {})", listen.size(),
                                chosen.origin_of("node.listen").where),
                    "a node listens on one address for now"};
  return listen.empty() ? "127.0.0.1:0" : listen.front();
}

/// A named node keeps its key; one without a name would leave a folder behind at every start.
std::filesystem::path data_folder(const settings& chosen, const std::string& name) {
  if (chosen.on("node.memory-only")) return {};
  if (const auto folder = chosen.text("node.data"); !folder.empty()) return folder;
  return name.empty() ? std::filesystem::path{} : state_folder(chosen.variables()) / name;
}

node_options options_of(const settings& chosen) {
  node_options options;
  options.name = chosen.text("node.name");
  options.listen = single_listen_address(chosen);
  options.join = chosen.list("node.join");
  options.cluster = chosen.text("node.cluster");
  options.data = data_folder(chosen, options.name);
  options.journal_moved = chosen.on("node.journal-moved");
  options.sync_every_commit = chosen.text("store.sync") == "full";
  options.group_limit = chosen.count("node.group-limit");
  if (chosen.text("node.profile") == "lan") options.profile = network_profile::lan;
  if (!chosen.is_default("node.ping-interval"))
    options.probe_period = chosen.time("node.ping-interval");
  options.stuck_after = chosen.time("node.stuck-after");
  options.on_stuck = [](const std::string& path, duration so_far) {
    fmt::print(stderr, "stuck: {} has been in one handler for {:.1f}s\n", path,
               std::chrono::duration<double>(so_far).count());
  };
  options.faults = fault_plan_of(chosen);
  options.fault_seed = chosen.count("faults.seed");
  return options;
}

app_error journal_error(const std::system_error& error) {
  const auto moved = journal::make_error_code(journal::journal_errc::moved);
  return {"journal-refused", exit_code::cannot_create, error.what(),
          error.code() == moved ? "--journal-moved, once, if no other copy is in use; else --data "
                                  "with a folder of its own"
                                : "--data chooses another folder, --memory-only does without"};
}

/// How the node is in the groups that its users ask for.
join_options membership_of(const settings& chosen, const node_options& options) {
  join_options how;
  how.durable = chosen.on("node.durable");
  how.horizon = chosen.time("node.horizon");
  how.keep.messages = chosen.count("node.keep-messages");
  how.keep.bytes = chosen.bytes("node.keep-bytes");
  if (!chosen.is_default("node.keep-age")) how.keep.age = chosen.time("node.keep-age");
  if (how.horizon < std::chrono::seconds{1})
    throw app_error{
        "bad-value", exit_code::configuration,
        fmt::format("node.horizon: '{}' is too short (from {})", chosen.text("node.horizon"),
                    chosen.origin_of("node.horizon").where),
        "1s at least"};
  if (how.durable && options.data.empty())
    throw app_error{"bad-value", exit_code::configuration,
                    fmt::format("durable groups (from {}) want a folder to be kept in",
                                chosen.origin_of("node.durable").where),
                    "--name or --data gives the node one, --memory-only takes it away"};
  return how;
}

app_error start_error(const std::system_error& error, const settings& chosen) {
  if (error.code().category() == journal::journal_category()) return journal_error(error);
  const auto what = fmt::format("cannot start on {} (from {}): {}", single_listen_address(chosen),
                                chosen.origin_of("node.listen").where, error.code().message());
  if (error.code() == std::errc::address_in_use)
    return {"port-in-use", exit_code::cannot_create, what, "port 0 takes any free port"};
  if (error.code() == std::errc::permission_denied)
    return {"refused", exit_code::refused, what, "ports below 1024 are the administrator's"};
  if (error.code() == std::errc::address_not_available)
    return {"no-address", exit_code::cannot_create, what, "'ip address' lists this machine's"};
  return {"cannot-create", exit_code::cannot_create, what, ""};
}

std::unique_ptr<live_node> make_node(asio::io_context& io, node_options options,
                                     const settings& chosen) {
  auto membership = membership_of(chosen, options);
  try {
    if (!options.data.empty()) std::filesystem::create_directories(options.data);
    return std::make_unique<live_node>(io, std::move(options), std::move(membership));
  } catch (const std::filesystem::filesystem_error& error) {
    throw app_error{"cannot-create", exit_code::cannot_create,
                    fmt::format("cannot make the data folder {}: {}", error.path1().string(),
                                error.code().message()),
                    "--data chooses another, --memory-only does without"};
  } catch (const std::system_error& error) {
    throw start_error(error, chosen);
  } catch (const std::invalid_argument& error) {
    throw app_error{"bad-value", exit_code::configuration, error.what(),
                    "'causerie node --help' tells what an address looks like"};
  }
}

}  // namespace

net::fault_plan fault_plan_of(const settings& chosen) {
  net::fault_plan plan;
  plan.everywhere.loss = chosen.probability("faults.loss");
  plan.everywhere.duplicate = chosen.probability("faults.duplicate");
  plan.everywhere.reorder = chosen.probability("faults.reorder");
  plan.everywhere.corrupt = chosen.probability("faults.corrupt");
  plan.everywhere.delay = chosen.time("faults.delay");
  plan.everywhere.jitter = chosen.time("faults.jitter");
  plan.withheld = chosen.text("faults.withhold");
  return plan;
}

app_error node_failed(const node_failure& why) {
  if (why.cause == "disk")
    return {"disk-failed", exit_code::disk,
            fmt::format("the journal cannot be written any more: {}; the node has left", why.why),
            "what was acknowledged is kept; look after the disk, then start the node again"};
  if (why.cause == "refused")
    return {"refused", exit_code::refused, fmt::format("the node cannot go on: {}", why.why),
            "another cluster is joined with --cluster; of two processes with one key, end one"};
  return {"node-failed", exit_code::internal, fmt::format("the node cannot go on: {}", why.why),
          "this is a bug of causerie: please report it with the lines above"};
}

started_node start_node(asio::io_context& io, const settings& chosen) {
  auto options = options_of(chosen);
  const auto folder = runtime_folder(chosen.variables());
  prepare_runtime_folder(folder);
  if (!options.name.empty() && is_served(socket_path(folder, options.name)))
    throw app_error{"name-taken", exit_code::cannot_create,
                    fmt::format("a node named '{}' is already running for this user", options.name),
                    "--name gives this one another name"};
  const start_turn turn{folder};
  if (options.join.empty() && chosen.on("node.discover"))
    options.join = discovered(folder, options.cluster);
  started_node started;
  started.node = make_node(io, std::move(options), chosen);
  started.socket = socket_path(folder, started.node->facts().name);
  started.control = std::make_unique<control_server>(io, *started.node, started.socket);
  return started;
}

}  // namespace causerie::apps
