// SPDX-License-Identifier: BSL-1.0
#include "tests/journal/shim_vfs.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <new>

namespace causerie::journal::test {

/// What SQLite holds: our part, and behind it the real file system's.
struct shim_vfs::open_file {
  sqlite3_file base;
  shim_vfs* shim;
  const std::string* path;  // A key of files_.

  static open_file& of(sqlite3_file* file) { return *reinterpret_cast<open_file*>(file); }
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(open_file));
  }
};

shim_vfs::shim_vfs() : real_{sqlite3_vfs_find(nullptr)}, own_{*real_} {
  static int count = 0;
  name_ = "causerie-shim-" + std::to_string(++count);
  own_.pNext = nullptr;
  own_.szOsFile = static_cast<int>(sizeof(open_file)) + real_->szOsFile;
  own_.zName = name_.c_str();
  own_.pAppData = this;
  own_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    return static_cast<shim_vfs*>(vfs->pAppData)->open(path, file, flags, out);
  };
  own_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync_folder) {
    auto* self = static_cast<shim_vfs*>(vfs->pAppData);
    self->files_.erase(path);
    return self->real_->xDelete(self->real_, path, sync_folder);
  };
  sqlite3_vfs_register(&own_, 0);
}

shim_vfs::~shim_vfs() { sqlite3_vfs_unregister(&own_); }

const sqlite3_io_methods* shim_vfs::methods() {
  using f = open_file;
  static const sqlite3_io_methods table = [] {
    sqlite3_io_methods m{};
    m.iVersion = 1;  // No shared memory: the journal has to do without.
    m.xClose = [](sqlite3_file* x) { return f::real(x)->pMethods->xClose(f::real(x)); };
    m.xRead = [](sqlite3_file* x, void* to, int count, sqlite3_int64 at) {
      return f::real(x)->pMethods->xRead(f::real(x), to, count, at);
    };
    m.xWrite = [](sqlite3_file* x, const void* from, int count, sqlite3_int64 at) {
      return f::of(x).shim->write(x, from, count, at);
    };
    m.xTruncate = [](sqlite3_file* x, sqlite3_int64 size) {
      return f::of(x).shim->truncate(x, size);
    };
    m.xSync = [](sqlite3_file* x, int flags) { return f::of(x).shim->sync(x, flags); };
    m.xFileSize = [](sqlite3_file* x, sqlite3_int64* size) {
      return f::real(x)->pMethods->xFileSize(f::real(x), size);
    };
    m.xLock = [](sqlite3_file* x, int lock) {
      return f::real(x)->pMethods->xLock(f::real(x), lock);
    };
    m.xUnlock = [](sqlite3_file* x, int lock) {
      return f::real(x)->pMethods->xUnlock(f::real(x), lock);
    };
    m.xCheckReservedLock = [](sqlite3_file* x, int* out) {
      return f::real(x)->pMethods->xCheckReservedLock(f::real(x), out);
    };
    m.xFileControl = [](sqlite3_file* x, int what, void* argument) {
      return f::real(x)->pMethods->xFileControl(f::real(x), what, argument);
    };
    m.xSectorSize = [](sqlite3_file* x) { return f::real(x)->pMethods->xSectorSize(f::real(x)); };
    m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };  // Promises nothing.
    return m;
  }();
  return &table;
}

int shim_vfs::open(const char* path, sqlite3_file* file, int flags, int* flags_out) {
  auto* ours = new (file) open_file{};
  const int code = real_->xOpen(real_, path, open_file::real(file), flags, flags_out);
  if (code != SQLITE_OK) return code;
  const auto [place, fresh] = files_.try_emplace(path == nullptr ? "" : path);
  if (fresh && path != nullptr) {
    std::ifstream in{path, std::ios::binary};
    place->second.synced.assign(std::istreambuf_iterator<char>{in}, {});
  }
  *ours = {{methods()}, this, &place->first};
  return SQLITE_OK;
}

shim_vfs::disk_file& shim_vfs::file_of(sqlite3_file* file) {
  return files_[*open_file::of(file).path];
}

int shim_vfs::write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  if (writes_left == 0) return SQLITE_IOERR_WRITE;
  if (write_bytes_left < static_cast<std::uint64_t>(count)) return SQLITE_FULL;
  if (writes_left != never) --writes_left;
  if (write_bytes_left != never) write_bytes_left -= static_cast<std::uint64_t>(count);
  ++writes;
  file_of(file).pending.push_back(
      {static_cast<std::uint64_t>(at),
       {static_cast<const char*>(bytes), static_cast<std::size_t>(count)}});
  auto* real = open_file::real(file);
  return real->pMethods->xWrite(real, bytes, count, at);
}

int shim_vfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  file_of(file).pending.push_back({static_cast<std::uint64_t>(size), {}, true});
  auto* real = open_file::real(file);
  return real->pMethods->xTruncate(real, size);
}

int shim_vfs::sync(sqlite3_file* file, int /*flags*/) {
  if (syncs_left == 0) return SQLITE_IOERR_FSYNC;
  if (syncs_left != never) --syncs_left;
  ++syncs;
  auto& disk = file_of(file);
  for (const auto& one : disk.pending) apply(disk.synced, one);
  disk.pending.clear();
  return SQLITE_OK;  // The machine does not really lose power: no need to wait for it.
}

void shim_vfs::apply(std::string& to, const pending_write& what) {
  if (what.truncates) {
    to.resize(std::min<std::size_t>(to.size(), what.at));
    return;
  }
  to.resize(std::max<std::size_t>(to.size(), what.at + what.bytes.size()));
  std::ranges::copy(what.bytes, to.begin() + static_cast<std::ptrdiff_t>(what.at));
}

void shim_vfs::cut_power_into(const std::filesystem::path& folder,
                              protocol::random_source& chance) const {
  constexpr std::size_t sector = 512;
  for (const auto& [path, file] : files_) {
    if (path.empty()) continue;
    auto left = file.synced;
    const auto kept = chance.unit();  // Of this file's sectors.
    for (const auto& one : file.pending) {
      if (one.truncates) {
        if (chance.chance(kept)) apply(left, one);
        continue;
      }
      for (std::size_t at = 0; at < one.bytes.size(); at += sector)
        if (chance.chance(kept)) apply(left, {one.at + at, one.bytes.substr(at, sector)});
    }
    std::ofstream{folder / std::filesystem::path{path}.filename(), std::ios::binary} << left;
  }
}

}  // namespace causerie::journal::test
