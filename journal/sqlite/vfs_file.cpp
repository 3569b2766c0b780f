// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/vfs_file.hpp"

namespace causerie::journal {

vfs_file::vfs_file(const std::filesystem::path& path, const std::string& vfs, mode how) {
  auto* system = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (system == nullptr) return;
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored);
  memory_.resize(static_cast<std::size_t>(system->szOsFile) / sizeof(std::max_align_t) + 1);
  name_ = sqlite3_create_filename(whole.c_str(), "", "", 0, nullptr);
  if (name_ == nullptr) return;
  // A "super journal" is a plain file to it: no locks, no mode taken from another one.
  const int flags = how == mode::look ? SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB
                                      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL;
  open_ = system->xOpen(system, name_, file(), flags, nullptr) == SQLITE_OK;
}

vfs_file::~vfs_file() {
  if (open_) file()->pMethods->xClose(file());
  if (name_ != nullptr) sqlite3_free_filename(const_cast<char*>(name_));
}

bool vfs_file::read_beginning(std::span<std::byte> into) {
  if (!open_) return false;
  const int code =
      file()->pMethods->xRead(file(), into.data(), static_cast<int>(into.size()), /*offset=*/0);
  return code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ;
}

bool vfs_file::locked() {
  int held = 0;
  return open_ && file()->pMethods->xCheckReservedLock(file(), &held) == SQLITE_OK && held != 0;
}

std::uint64_t vfs_file::size() {
  sqlite3_int64 bytes = 0;
  if (!open_ || file()->pMethods->xFileSize(file(), &bytes) != SQLITE_OK) return 0;
  return static_cast<std::uint64_t>(bytes);
}

int vfs_file::write(protocol::byte_view bytes, std::uint64_t at) {
  if (!open_) return SQLITE_CANTOPEN;
  return file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()),
                                  static_cast<sqlite3_int64>(at));
}

int vfs_file::sync() {
  return open_ ? file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL) : SQLITE_CANTOPEN;
}

int vfs_file::truncate() {
  return open_ ? file()->pMethods->xTruncate(file(), 0) : SQLITE_CANTOPEN;
}

}  // namespace causerie::journal
