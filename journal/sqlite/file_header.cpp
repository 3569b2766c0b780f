// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/file_header.hpp"

#include <array>
#include <span>
#include <string_view>

#include "journal/journal_errors.hpp"
#include "journal/sqlite/vfs_file.hpp"

namespace causerie::journal {
namespace {

constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};
constexpr std::size_t version_at = 60, application_at = 68;

std::uint32_t big_endian(const std::array<char, 100>& header, std::size_t at) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(header[at + i]);
  return value;
}

}  // namespace

protocol::result<file_kind> look_at(const std::filesystem::path& file, const std::string& vfs) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error == std::errc::no_such_file_or_directory) return file_kind::absent;
  if (error) return protocol::failure(journal_errc::cannot_open);
  if (size == 0) return file_kind::absent;
  std::array<char, 100> header{};
  if (!vfs_file{file, vfs}.read_beginning(std::as_writable_bytes(std::span{header})))
    return protocol::failure(journal_errc::cannot_open);
  if (std::string_view{header.data(), sqlite_magic.size()} != sqlite_magic)
    return file_kind::foreign;
  const auto version = big_endian(header, version_at);
  const auto application = big_endian(header, application_at);
  if (application == 0 && version == 0) return file_kind::unfinished;
  if (application != application_id) return file_kind::foreign;
  return version > schema_version ? file_kind::newer : file_kind::journal;
}

}  // namespace causerie::journal
