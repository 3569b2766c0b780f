// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "journal/image.hpp"
#include "journal/record.hpp"
#include "journal/stored_rows.hpp"

namespace causerie::journal {

/// The row under a key, written back once when a batch is through.
template <class Row>
struct draft {
  table in{};
  Row row;
  bool found = false;
  bool changed = false;
};

/// Rows that nearly every commit reads: lengths, cursors, channels. As the last commit left them;
/// after a rollback nobody knows, and they are read again.
struct row_cache {
  std::map<byte_buffer, draft<number_row>> numbers;
  std::map<byte_buffer, draft<channel_row>> channels;
};

/// Turns the records of one transaction into rows. Refuses what contradicts the rows there are;
/// what they say already is no contradiction.
class record_writer {
public:
  using usage_map = std::map<group_id, log_usage>;

  record_writer(row_store& store, usage_map& usage, row_cache& cache)
      : store_{&store}, usage_{&usage}, cache_{&cache} {}

  /// All records of `work`; afterwards the transaction may be committed, unless there is an error.
  [[nodiscard]] std::error_code write(const batch& work);
  /// The transaction was committed.
  void committed();

private:
  [[nodiscard]] std::error_code apply(const node_retired& what);
  [[nodiscard]] std::error_code apply(const group_kept& what);
  [[nodiscard]] std::error_code apply(const group_dropped& what);
  [[nodiscard]] std::error_code apply(const bundle_held& what);
  [[nodiscard]] std::error_code apply(const clock_saved& what);
  [[nodiscard]] std::error_code apply(const cut_recorded& what);
  [[nodiscard]] std::error_code apply(const history_forgotten& what);
  [[nodiscard]] std::error_code apply(const member_saved& what);
  [[nodiscard]] std::error_code apply(const member_forgotten& what);
  [[nodiscard]] std::error_code apply(const event_delivered& what);
  [[nodiscard]] std::error_code apply(const cursor_moved& what);
  [[nodiscard]] std::error_code apply(const channel_begun& what);
  [[nodiscard]] std::error_code apply(const outbox_added& what);
  [[nodiscard]] std::error_code apply(const outbox_settled& what);
  [[nodiscard]] std::error_code apply(const channel_received& what);
  [[nodiscard]] std::error_code apply(const channel_ended& what);
  [[nodiscard]] std::error_code apply(const note_written& what);

  template <class Drafts>
  [[nodiscard]] result<typename Drafts::mapped_type*> open_draft(Drafts& drafts, table in,
                                                                 byte_view key);
  template <class Drafts>
  [[nodiscard]] std::error_code write_back(Drafts& drafts);
  [[nodiscard]] result<draft<channel_row>*> channel(const channel_key& of, channel_side side);
  /// Until the next call.
  template <class Row>
  [[nodiscard]] byte_view row_bytes(const Row& row);
  [[nodiscard]] std::error_code erase_all(table in, byte_view first, byte_view beyond);
  [[nodiscard]] std::error_code insert_same(table in, byte_view key, byte_view value);

  row_store* store_;
  usage_map* usage_;
  usage_map gained_, freed_;  // Counted when the transaction is committed.
  std::vector<group_id> dropped_;
  row_cache* cache_;
  byte_buffer value_;  // Of the row being written.
};

}  // namespace causerie::journal
