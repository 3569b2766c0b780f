// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/sqlite_journal.hpp"

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "journal/gathering_store.hpp"
#include "journal/sqlite/commit_log.hpp"
#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/sqlite_error.hpp"
#include "journal/sqlite/sqlite_store.hpp"
#include "protocol/hash.hpp"

namespace causerie::journal {
namespace {

namespace fs = std::filesystem;
using outcome = tl::expected<std::unique_ptr<row_store>, open_failure>;

std::string quoted(const fs::path& file) { return "'" + file.string() + "'"; }

std::string hint_for(const std::error_code& why) {
  if (why == journal_errc::corrupted)
    return "repair it into a new file, or move it away: the node then starts with an empty one and "
           "fetches from its peers what they hold";
  if (why == journal_errc::newer_version)
    return "run the version of causerie that wrote it, or move it away to start with an empty one";
  if (why == journal_errc::not_a_journal) return "choose another path for the journal";
  if (why == journal_errc::in_use) return "stop the other node first; each needs its own folder";
  if (why == journal_errc::disk_full) return "make room; nothing that was acknowledged is lost";
  if (why == journal_errc::cannot_open) return "see that the folder is there and yours to write";
  return "look at the system's log; the disk may be failing";
}

tl::unexpected<open_failure> refuse(const fs::path& file, std::error_code why,
                                    const std::string& detail = {}) {
  auto what = quoted(file) + ": " + why.message();
  if (!detail.empty()) what += " (" + detail + ")";
  return tl::unexpected{open_failure{why, std::move(what), hint_for(why)}};
}

/// Private from its first moment on; its log gets the same mode from SQLite.
std::error_code create_private(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return errno == ENOSPC || errno == EDQUOT ? journal_errc::disk_full : journal_errc::cannot_open;
  ::close(descriptor);
  return {};
}

/// Without it a power cut may take the file's name along.
std::error_code sync_folder(const fs::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return journal_errc::cannot_open;
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;
  ::close(descriptor);
  return synced ? std::error_code{} : make_error_code(journal_errc::sync_failed);
}

/// The machine and the file's own number on its disk: a copy has another one, and so has a journal
/// on another machine. Device numbers change from boot to boot and are left out.
place_mark place_of(const fs::path& file) {
  protocol::hasher<16> hash;
  std::string machine;
  std::ifstream{"/etc/machine-id"} >> machine;
  hash.add(std::string_view{machine});
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) hash.add(static_cast<std::uint64_t>(status.st_ino));
  return hash.finish();
}

/// What the database itself says, with its log: the file's first bytes may be older.
std::error_code confirm(const fs::path& file, const sqlite_settings& settings, bool& fresh) {
  SQLite::Database database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                            static_cast<int>(settings.lock_wait.count()), settings.vfs};
  auto* handle = database.getHandle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const auto version =
      static_cast<std::uint32_t>(database.execAndGet("PRAGMA user_version").getInt64());
  const auto objects = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
  fresh = version == 0 && objects == 0;
  if (version > schema_version) return journal_errc::newer_version;
  return version == 0 && objects != 0 ? make_error_code(journal_errc::not_a_journal)
                                      : std::error_code{};
}

outcome open_store(const sqlite_settings& settings, file_kind kind) {
  const auto& file = settings.file;
  bool fresh = kind == file_kind::absent;
  if (fresh) {
    if (auto error = create_private(file)) return refuse(file, error);
  } else if (auto error = confirm(file, settings, fresh)) {
    return refuse(file, error);
  }
  auto store = std::make_unique<sqlite_store>(settings, place_of(file));
  if (!fresh) {
    const auto report = store->check(settings.check);
    if (!report) return refuse(file, report.error());
    if (!report->sound()) return refuse(file, journal_errc::corrupted, report->damage.front());
  }
  if (auto error = create_private(commit_log::beside(file))) return refuse(file, error);
  if (auto error = store->prepare(fresh)) return refuse(file, error);
  if (auto error = sync_folder(file)) return refuse(file, error);
  return store;
}

}  // namespace

outcome open_sqlite(const sqlite_settings& settings) {
  auto below = open_sqlite_tables(settings);
  if (!below) return below;
  auto store = gathering_store::open(std::move(*below));
  if (!store) return refuse(settings.file, store.error());
  return std::move(*store);
}

outcome open_sqlite_tables(const sqlite_settings& settings) {
  const auto kind = look_at(settings.file, settings.vfs);
  if (!kind) return refuse(settings.file, kind.error(), std::strerror(errno));
  if (*kind == file_kind::foreign) return refuse(settings.file, journal_errc::not_a_journal);
  if (*kind == file_kind::newer) return refuse(settings.file, journal_errc::newer_version);
  try {
    return open_store(settings, *kind);
  } catch (const SQLite::Exception& error) {
    return refuse(settings.file, journal_error(error.getExtendedErrorCode(), errno), error.what());
  }
}

}  // namespace causerie::journal
