// SPDX-License-Identifier: BSL-1.0
#include "actors/identity_store.hpp"

#include <fcntl.h>
#include <sodium/core.h>
#include <sodium/randombytes.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>

#include "protocol/identity/node_key.hpp"

namespace causerie::actors {
namespace {

namespace fs = std::filesystem;
using protocol::boot_epoch;
using protocol::node_key;

[[noreturn]] void fail(const std::string& doing, const fs::path& path, int error = errno) {
  throw std::system_error{error, std::generic_category(), doing + " '" + path.string() + "'"};
}

class file {
public:
  file(const fs::path& path, int flags, mode_t mode = 0600)
      : path_{path}, descriptor_{open(path.c_str(), flags | O_CLOEXEC, mode)} {}
  ~file() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

  [[nodiscard]] std::string read_small() const {
    char buffer[256];
    const auto count = ::read(descriptor_, buffer, sizeof buffer);
    if (count < 0) fail("cannot read", path_);
    return {buffer, static_cast<std::size_t>(count)};
  }
  void write_all(std::string_view text) const {
    while (!text.empty()) {
      const auto count = ::write(descriptor_, text.data(), text.size());
      if (count < 0) fail("cannot write", path_);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void sync() const {
    if (fsync(descriptor_) != 0) fail("cannot sync", path_);
  }
  [[nodiscard]] mode_t mode() const {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) fail("cannot look at", path_);
    return status.st_mode & 0777;
  }

private:
  fs::path path_;
  int descriptor_;
};

/// Write, fsync, rename, fsync the folder: afterwards the file is whole, old or new.
void replace(const fs::path& path, std::string_view text) {
  const fs::path fresh = path.string() + ".new";
  {
    const file out{fresh, O_WRONLY | O_CREAT | O_TRUNC};
    if (!out.is_open()) fail("cannot create", fresh);
    out.write_all(text);
    out.sync();
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) fail("cannot rename", fresh);
  const file folder{path.parent_path(), O_RDONLY | O_DIRECTORY};
  if (folder.is_open()) folder.sync();
}

node_key fresh_key() {
  protocol::secret<node_key::seed> seed;
  randombytes_buf(seed.reveal().data(), seed.reveal().size());
  return node_key::from_seed(std::move(seed));
}

node_key load_key(const fs::path& path) {
  const file in{path, O_RDONLY};
  if (!in.is_open()) {
    if (errno != ENOENT) fail("cannot open", path);
    auto key = fresh_key();
    const auto contents = key.file_contents();
    replace(path,
            {reinterpret_cast<const char*>(contents.reveal().data()), contents.reveal().size()});
    return key;
  }
  if ((in.mode() & 077) != 0)
    throw std::system_error{EACCES, std::generic_category(),
                            "the key file '" + path.string() +
                                "' can be read by others; make it private with chmod 600"};
  const auto contents = in.read_small();
  auto key =
      node_key::from_file_contents(std::as_bytes(std::span{contents.data(), contents.size()}));
  if (!key)
    throw std::system_error{key.error(), "the key file '" + path.string() + "' is not usable"};
  return std::move(*key);
}

std::uint64_t unix_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

/// Above every epoch this folder has seen, whatever the clock says.
boot_epoch raise_epoch(const fs::path& path, boot_epoch above) {
  std::uint64_t stored = 0;
  const file in{path, O_RDONLY};
  if (in.is_open()) {
    const auto text = in.read_small();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), stored);
    if (error != std::errc{})
      throw std::system_error{EBADMSG, std::generic_category(),
                              "the epoch file '" + path.string() + "' is damaged"};
  } else if (errno != ENOENT) {
    fail("cannot open", path);
  }
  const auto epoch = std::max(std::max(stored, protocol::number(above)) + 1, unix_ms());
  replace(path, std::to_string(epoch) + "\n");
  return boot_epoch{epoch};
}

}  // namespace

node_identity load_identity(const fs::path& data) {
  if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be initialised"};
  if (data.empty()) return {{fresh_key().id(), boot_epoch{unix_ms()}}};
  std::error_code error;
  fs::create_directories(data, error);
  if (error) throw std::system_error{error, "cannot create '" + data.string() + "'"};
  const auto key = load_key(data / "node.key");
  return {{key.id(), raise_epoch(data / "epoch", {})}};
}

protocol::result<boot_epoch> next_epoch(const fs::path& data, boot_epoch above) {
  if (data.empty()) return boot_epoch{std::max(protocol::number(above) + 1, unix_ms())};
  try {
    return raise_epoch(data / "epoch", above);
  } catch (const std::system_error& error) {
    return tl::unexpected{error.code()};
  }
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  randombytes_buf(&seed, sizeof seed);
  return seed;
}

}  // namespace causerie::actors
