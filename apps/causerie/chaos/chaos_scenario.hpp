// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/cli/units.hpp"
#include "net/fault/fault_plan.hpp"

namespace causerie::apps {

/// What a step does. The names in files are those of `name_of`.
enum class step_verb : std::uint8_t {
  kill,         ///< A node as by `kill -9`, or one of its actors.
  start,        ///< A node that is down.
  restart,      ///< Nodes are killed and started again; `all`: the whole cluster at once.
  join,         ///< A node that was not there before.
  leave,        ///< A node leaves in order.
  pause,        ///< A node stops as by SIGSTOP.
  cpu_hog,      ///< A node gets hardly any processor time.
  slow_reader,  ///< A node's application takes one event each so often.
  partition,
  loss,
  delay,
  duplicate,
  reorder,
  corrupt,
  skew,        ///< A node's wall clock jumps.
  disk_full,   ///< A durable node's journal finds no room.
  slow_fsync,  ///< Each of its commits takes longer.
  disk_fails,  ///< Its next fsync fails: the process ends with status 74.
  withhold,    ///< One message never comes to a node, whoever sends it.
  heal,        ///< Everything that is wrong with the network or with running nodes ends.
};
[[nodiscard]] std::string_view name_of(step_verb verb) noexcept;

/// Which paths a partition closes.
enum class partition_shape : std::uint8_t {
  halves,    ///< Two sides that do not hear each other.
  isolate,   ///< One node and the rest.
  one_way,   ///< Nothing that one node says gets out; it hears everything.
  bridge,    ///< Two sides, and one node that still talks with both.
  flapping,  ///< Halves that part and meet again and again.
};
[[nodiscard]] std::string_view name_of(partition_shape shape) noexcept;

/// Whom a step is about.
struct chaos_target {
  enum class who : std::uint8_t { node, any, all } whom{};
  std::uint32_t node = 0;  ///< From 0; people count from 1: n1.
  std::string actor;       ///< A role (`orderer`), or `any`; empty: the whole node.
};

/// Where in the file something stands, counted from 1.
struct file_place {
  std::uint32_t line = 0, column = 0;
};

struct chaos_step {
  duration at{};  ///< From the moment when all nodes have found each other.
  step_verb verb{};
  std::string text;  ///< As people would say it: `kill n3/orderer`.
  std::vector<chaos_target> targets;
  std::optional<duration> lasts;  ///< None: until a heal.
  std::uint64_t times = 1;        ///< It happens so often,
  duration every{};               ///< so far apart.

  partition_shape shape{};
  std::vector<std::vector<std::uint32_t>> sides;  ///< None: drawn by the seed.
  duration period{};                              ///< Of flapping: cut for half of it.
  net::link_faults weather;                       ///< Of loss and its like.
  std::vector<std::uint32_t> from, to;            ///< Of these paths; empty: of all.
  double share = 0;                               ///< Of the processor that the hog takes.
  duration amount{};                              ///< Of skew, slow-reader, slow-fsync, restart.
  std::optional<duration> back_after;             ///< A killed or left node comes back.
  std::uint32_t author = 0;                       ///< Of the withheld message, in its first life,
  std::uint64_t number = 0;                       ///< which it is of all that the author says.
  file_place place;
};

/// Who says how much.
struct chaos_load {
  std::vector<std::uint32_t> from;  ///< Empty: everybody takes an equal share.
  bool in_private = false;          ///< To one peer at a time, or to the group.
  double per_second = 0;            ///< All of `from` together.
  file_place place;
};

/// What must hold.
enum class chaos_check : std::uint8_t {
  no_loss,
  no_gap,
  no_duplicate,
  causal_order,
  fifo_order,
  true_outcomes,
  no_forgery,
  converged_within,
  detected_within,
  repaired_within,
  members,
  false_dead_at_most,
  restarts_at_most,
  memory_at_most,
  delivered_at_least,
  why_names_it,  ///< Of what waits for a withheld message, `why` said so.
};
[[nodiscard]] std::string_view name_of(chaos_check check) noexcept;

struct chaos_expect {
  chaos_check check{};
  duration time{};          ///< Of `...-within`, and the `within` of members.
  std::uint64_t count = 0;  ///< Of `...-at-most` and `...-at-least`, and of members.
  file_place place;
};

/// A scripted day: what is said, what goes wrong when, and what must hold all the same. The same
/// file is played in simulation and by real processes.
struct chaos_scenario {
  std::string file;
  std::string name, about;
  std::uint32_t nodes = 0;    ///< That are there from the beginning.
  std::uint32_t joiners = 0;  ///< That `join` steps add, numbered behind them.
  std::uint64_t seed = 1;
  duration lasts{};   ///< Load and steps; then everything heals.
  duration settle{};  ///< How long after that it may take until nothing is on its way any more.
  std::string group = "lobby";
  bool durable = false;  ///< The group outlives processes; every commit is fsynced.
  duration horizon = std::chrono::minutes{15};
  net::link_faults network;  ///< The weather outside of steps.
  std::vector<chaos_load> loads;
  std::vector<chaos_step> steps;
  std::vector<chaos_expect> expects;

  [[nodiscard]] std::uint32_t nodes_in_all() const noexcept { return nodes + joiners; }
};

/// `n3` for 2.
[[nodiscard]] std::string node_name(std::uint32_t node);
/// How the author of a withheld message signs it, in both worlds: `n2.1:50`.
[[nodiscard]] std::string withheld_id(const chaos_step& step);
/// `FILE:7:3`.
[[nodiscard]] std::string place_text(const chaos_scenario& scenario, const file_place& at);

inline constexpr std::uint32_t chaos_nodes_max = 64;

}  // namespace causerie::apps
