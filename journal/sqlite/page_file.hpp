// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace causerie::journal {

/// The pages of a journal's file with the committed frames of its log laid over them, read without
/// SQLite, which gives up where we still want to look. Pages are numbered from 1.
class page_file {
public:
  [[nodiscard]] static protocol::result<page_file> open(const std::filesystem::path& file);

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// None when it cannot be read.
  [[nodiscard]] std::optional<protocol::byte_buffer> page(std::uint32_t number);

  /// Pages in no use: they still show what was deleted. `whole` is false when their list is broken.
  struct unused_pages {
    std::set<std::uint32_t> numbers;
    bool whole = true;
  };
  [[nodiscard]] unused_pages unused();

private:
  void lay_log_over(const std::filesystem::path& log);

  std::ifstream file_, log_;
  std::uint32_t count_ = 0;
  std::map<std::uint32_t, std::uint64_t> frames_;  // By page: where its youngest frame lies.
};

/// Big-endian, as everything in SQLite's files. Precondition: four bytes are there.
[[nodiscard]] std::uint32_t word_at(protocol::byte_view bytes, std::size_t at) noexcept;

}  // namespace causerie::journal
