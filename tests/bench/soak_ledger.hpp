// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/soak_cell.hpp"

namespace causerie::bench {

/// How much of a cell a release wants to have seen.
struct soak_goal {
  soak_place where;
  double node_hours = 0;
  std::size_t crashes = 0;
  double slice_hours = 0;  ///< What one slice of it is: a minute or so of processor time.
  std::size_t slice_crashes = 0;
};

/// The cells of the table: 10, 100 and 1000 members at 0, 20 and 40 % loss, and a hundred of whom a
/// quarter pauses, with all that we do and as plain SWIM.
[[nodiscard]] std::vector<soak_goal> table_goals();

/// What has been measured so far, slice by slice, in a file of JSON Lines: a table that takes hours
/// of processor time is made a few minutes at a time. Each slice has a seed of its own.
class soak_ledger {
public:
  /// Reads what is there; the file need not exist. Throws std::runtime_error on a line that is none
  /// of ours.
  explicit soak_ledger(std::filesystem::path file);

  /// The goal that is furthest from being reached; none when all are.
  [[nodiscard]] std::optional<soak_goal> next(const std::vector<soak_goal>& goals) const;
  /// The seed of that cell's next slice.
  [[nodiscard]] std::uint64_t next_seed(const soak_place& where) const;
  /// Adds a slice, in the file too.
  void add(const soak_figures& slice);
  /// All slices of a cell as one; none when there is none.
  [[nodiscard]] std::optional<soak_figures> sum(const soak_place& where) const;
  /// The bars that lie between cells, in words: what an idle node sends must not grow with the
  /// cluster, and where members pause, plain SWIM must do far worse, or the rig is too kind.
  [[nodiscard]] std::vector<std::string> missed_between() const;

private:
  std::filesystem::path file_;
  std::map<soak_place, std::vector<soak_figures>> slices_;
};

}  // namespace causerie::bench
