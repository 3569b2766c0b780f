// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_opening.hpp"

#include <sodium/randombytes.h>

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "journal/sqlite/sqlite_journal.hpp"

namespace causerie::actors {

std::shared_ptr<journal_desk> open_journal(const std::filesystem::path& data,
                                           bool sync_every_commit, bool may_have_moved,
                                           std::shared_ptr<journal::disk_faults> faults,
                                           node_identity& who) {
  if (data.empty()) return nullptr;
  const auto file = data / "journal.db";
  auto store = journal::open_sqlite(
      {.file = file,
       .sync = sync_every_commit ? journal::sync_mode::full : journal::sync_mode::normal});
  if (!store)
    throw std::system_error{store.error().why,
                            store.error().what + " (hint: " + store.error().hint + ")"};
  journal::opening_request request{
      .self = who.self.node,
      .now = protocol::wall_time{std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now().time_since_epoch())},
      .epoch_at_least = who.self.epoch,
      .may_have_moved = may_have_moved};
  randombytes_buf(request.token.data(), request.token.size());
  auto opened = journal::node_journal::open(
      std::make_unique<journal::faulty_store>(
          std::move(*store), std::move(faults),
          [](std::chrono::nanoseconds longer) { std::this_thread::sleep_for(longer); }),
      request);
  if (!opened)
    throw std::system_error{opened.error(),
                            "cannot begin with the journal '" + file.string() + "'"};
  who.self.epoch = opened->opened().epoch;
  return std::make_shared<journal_desk>(std::move(*opened));
}

}  // namespace causerie::actors
