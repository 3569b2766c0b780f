// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/page_file.hpp"

#include <algorithm>
#include <bit>

#include "journal/journal_errors.hpp"
#include "journal/sqlite/file_header.hpp"

namespace causerie::journal {
namespace {

using protocol::byte_buffer;
using protocol::byte_view;

// "The Database File Format", sections 1.5 (free pages) and 4 (the write-ahead log).
constexpr std::size_t first_trunk_at = 32, free_count_at = 36;
constexpr std::size_t log_header_bytes = 32, frame_header_bytes = 24;
constexpr std::uint32_t log_magic = 0x377f0682;  // The lowest bit: checksums of big-endian words.

/// The log's running checksum.
class log_sum {
public:
  explicit log_sum(bool big) noexcept : big_{big} {}
  void add(byte_view bytes) noexcept {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      one_ += word(bytes, at) + two_;
      two_ += word(bytes, at + 4) + one_;
    }
  }
  [[nodiscard]] bool is(byte_view stored) const noexcept {
    return word_at(stored, 0) == one_ && word_at(stored, 4) == two_;
  }

private:
  [[nodiscard]] std::uint32_t word(byte_view bytes, std::size_t at) const noexcept {
    const auto value = word_at(bytes, at);
    if (big_) return value;
    return value >> 24 | (value >> 8 & 0xff00u) | (value << 8 & 0xff0000u) | value << 24;
  }

  bool big_;
  std::uint32_t one_ = 0, two_ = 0;
};

std::optional<byte_buffer> read_at(std::ifstream& from, std::uint64_t at, std::size_t size) {
  byte_buffer bytes(size);
  from.clear();
  from.seekg(static_cast<std::streamoff>(at));
  from.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (from.gcount() != static_cast<std::streamsize>(size)) return std::nullopt;
  return bytes;
}

}  // namespace

std::uint32_t word_at(byte_view bytes, std::size_t at) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

protocol::result<page_file> page_file::open(const std::filesystem::path& file) {
  page_file pages;
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  pages.file_.open(file, std::ios::binary);
  if (error || !pages.file_) return protocol::failure(journal_errc::cannot_open);
  pages.count_ = static_cast<std::uint32_t>(size / page_bytes);
  pages.lay_log_over(file.string() + "-wal");
  return pages;
}

void page_file::lay_log_over(const std::filesystem::path& log) {
  log_.open(log, std::ios::binary);
  if (!log_) return;
  const auto header = read_at(log_, 0, log_header_bytes);
  if (!header || (word_at(*header, 0) & ~1u) != log_magic) return;
  log_sum sum{(word_at(*header, 0) & 1u) != 0};
  sum.add(byte_view{*header}.first(24));
  if (!sum.is(byte_view{*header}.subspan(24))) return;
  std::map<std::uint32_t, std::uint64_t> open;  // Of a transaction whose end we have not seen.
  for (std::uint64_t at = log_header_bytes;; at += frame_header_bytes + page_bytes) {
    const auto frame = read_at(log_, at, frame_header_bytes + page_bytes);
    if (!frame) return;
    const byte_view bytes{*frame};
    if (!std::ranges::equal(bytes.subspan(8, 8), byte_view{*header}.subspan(16, 8))) return;
    sum.add(bytes.first(8));
    sum.add(bytes.subspan(frame_header_bytes));
    if (!sum.is(bytes.subspan(16, 8))) return;
    open[word_at(bytes, 0)] = at + frame_header_bytes;
    if (const auto pages = word_at(bytes, 4); pages != 0) {
      for (const auto& [number, place] : open) frames_[number] = place;
      open.clear();
      count_ = pages;
    }
  }
}

std::optional<byte_buffer> page_file::page(std::uint32_t number) {
  if (number == 0 || number > count_) return std::nullopt;
  if (const auto frame = frames_.find(number); frame != frames_.end())
    return read_at(log_, frame->second, page_bytes);
  return read_at(file_, std::uint64_t{number - 1} * page_bytes, page_bytes);
}

page_file::unused_pages page_file::unused() {
  unused_pages unused;
  const auto first = page(1);
  if (!first) return {{}, false};
  const auto expected = word_at(*first, free_count_at);
  for (auto trunk = word_at(*first, first_trunk_at); trunk != 0;) {
    const auto bytes = page(trunk);
    if (!bytes || !unused.numbers.insert(trunk).second) return {unused.numbers, false};
    const auto leaves = word_at(*bytes, 4);
    if (leaves > page_bytes / 4 - 2) return {unused.numbers, false};
    for (std::uint32_t i = 0; i < leaves; ++i) unused.numbers.insert(word_at(*bytes, 8 + 4 * i));
    trunk = word_at(*bytes, 0);
  }
  unused.whole = unused.numbers.size() == expected;
  return unused;
}

}  // namespace causerie::journal
