// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "journal/row_store.hpp"

namespace causerie::journal {

/// A store in front of another one, where a commit is one row however many rows it brings: it is
/// written whole into the table `recent`, and its rows move to their own tables many commits at a
/// time. What a later commit has overwritten by then never moves.
///
/// A commit costs what the pages cost that it changes, and the rows of one message lie in five
/// (bundle, its index, clock, event, stream's length). Here it is one page, or one write
/// where the store below has a log for it. (O'Neil and others, "The log-structured merge-tree",
/// Acta Informatica 33, 1996; its C0 is `gathered_`.)
///
/// Every answer is as if the rows lay in their tables already. A commit is as safe as the store
/// below makes its commits: `recent` is read again when it is opened. Memory: what has not moved,
/// at most `bounds` and one transaction.
class gathering_store final : public row_store {
public:
  struct bounds {
    std::size_t commits = 256;
    std::size_t bytes = 256 * 1024;  ///< Of keys and values.
  };

  /// Moves what an earlier life has left. Errors: those of the store below.
  [[nodiscard]] static result<std::unique_ptr<row_store>> open(std::unique_ptr<row_store> below,
                                                               bounds most);
  [[nodiscard]] static result<std::unique_ptr<row_store>> open(std::unique_ptr<row_store> below) {
    return open(std::move(below), bounds{});
  }
  /// Moves everything, so that a journal that was closed in order keeps every row in its table.
  ~gathering_store() override;
  gathering_store(const gathering_store&) = delete;
  gathering_store& operator=(const gathering_store&) = delete;

  [[nodiscard]] place_mark place() const override { return below_->place(); }
  [[nodiscard]] std::error_code begin(durability need) override;
  [[nodiscard]] result<bool> insert(table in, byte_view key, byte_view value) override;
  [[nodiscard]] std::error_code put(table in, byte_view key, byte_view value) override;
  [[nodiscard]] result<std::uint64_t> erase(table in, byte_view first, byte_view beyond) override;
  [[nodiscard]] result<commit_mark> commit() override;
  void rollback() override;
  [[nodiscard]] result<std::optional<shared_bytes>> get(table in, byte_view key) override;
  [[nodiscard]] std::error_code scan(table in, byte_view first, byte_view beyond,
                                     const row_visitor& visit) override;
  [[nodiscard]] result<commit_mark> sync() override { return below_->sync(); }
  [[nodiscard]] std::error_code maintain() override;
  [[nodiscard]] result<check_report> check() override { return below_->check(); }

private:
  struct name_view {
    table in{};
    byte_view key;
  };
  struct row_name {
    table in{};
    byte_buffer key;
    operator name_view() const noexcept { return {in, key}; }
  };
  struct in_order {
    using is_transparent = void;
    bool operator()(const name_view& a, const name_view& b) const noexcept {
      if (a.in != b.in) return a.in < b.in;
      return std::ranges::lexicographical_compare(a.key, b.key);
    }
  };
  /// The newest value of each row; none: it has been erased.
  using row_map = std::map<row_name, std::optional<shared_bytes>, in_order>;

  gathering_store(std::unique_ptr<row_store> below, bounds most) noexcept
      : below_{std::move(below)}, most_{most} {}

  [[nodiscard]] std::error_code read_recent();
  [[nodiscard]] std::error_code take(const shared_bytes& commit);
  [[nodiscard]] const std::optional<shared_bytes>* find(const name_view& name) const;
  [[nodiscard]] result<bool> is_below(table in, byte_view key);
  [[nodiscard]] row_map overlay(table in, byte_view first, byte_view beyond) const;
  void change(table in, byte_view key, std::optional<shared_bytes> value);
  [[nodiscard]] std::error_code write_recent();
  [[nodiscard]] std::error_code go_below();
  [[nodiscard]] std::error_code write_rows(const row_map& rows);
  [[nodiscard]] std::error_code move_all();
  void adopt();

  std::unique_ptr<row_store> below_;
  bounds most_;
  row_map gathered_;  // Committed, and not in its table yet.
  row_map pending_;   // Of the transaction that is open.
  /// From a name to the next key of its table below, or the table's end: no row lies there. New
  /// rows mostly follow others, so that most need not be looked for. Since rows last moved.
  std::map<row_name, std::optional<byte_buffer>, in_order> empty_below_;
  durability need_{};
  bool below_open_ = false;              // The open transaction goes to the tables themselves.
  std::uint64_t next_ = 1;               // The number of the next row of `recent`.
  std::size_t commits_ = 0, bytes_ = 0;  // Of `gathered_`, overwritten values included.
  std::size_t pending_bytes_ = 0;
};

}  // namespace causerie::journal
