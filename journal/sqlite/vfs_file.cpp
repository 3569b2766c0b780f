// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/vfs_file.hpp"

namespace causerie::journal {

vfs_file::vfs_file(const std::filesystem::path& path, const std::string& vfs) {
  auto* system = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (system == nullptr) return;
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored);
  memory_.resize(static_cast<std::size_t>(system->szOsFile) / sizeof(std::max_align_t) + 1);
  name_ = sqlite3_create_filename(whole.c_str(), "", "", 0, nullptr);
  if (name_ == nullptr) return;
  constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
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

}  // namespace causerie::journal
