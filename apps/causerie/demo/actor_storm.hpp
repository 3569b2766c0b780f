// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "apps/causerie/cli/units.hpp"
#include "apps/checker/history.hpp"

namespace causerie::apps {

/// One actor of a running node, killed by name.
struct actor_kill {
  std::string node, kind;
  std::int64_t at_ns = 0;  ///< Wall clock, as histories have it.
  duration restarted{};    ///< Until its supervisor had another one in its place.
};

/// Kills actors of running nodes through their control sockets, whatever kinds they have.
class actor_storm {
public:
  /// `runtime`: the runtime folder that the nodes have their sockets in.
  explicit actor_storm(std::filesystem::path runtime) : runtime_{std::move(runtime)} {}

  /// The kinds of actors that this node runs, in the order in which it lists them.
  [[nodiscard]] std::vector<std::string> kinds_of(const std::string& node);
  /// Returns when the actor is back. Throws app_error when it does not come back within 5 s.
  void strike(const std::string& node, const std::string& kind);

  [[nodiscard]] const std::vector<actor_kill>& kills() const noexcept { return kills_; }

private:
  std::filesystem::path runtime_;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> actors_;  // Kind, path.
  std::vector<actor_kill> kills_;
};

/// How soon nodes were whole again after kills of one kind.
struct recovery {
  std::string kind;
  std::size_t kills = 0;
  duration restarted_p50{}, restarted_p99{};
  /// Until the node's application heard the next message: a private one after the death of
  /// `channels`, a broadcast after that of any other.
  duration answered_p50{}, answered_p99{}, answered_max{};
};

/// Joins kills and what the killed nodes' applications wrote down. Kills after which nothing more
/// was to be heard count in `kills` only.
[[nodiscard]] std::vector<recovery> recoveries(std::span<const actor_kill> kills,
                                               std::span<const checker::history> lives);

}  // namespace causerie::apps
