// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/commit_log.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include "journal/number_key.hpp"
#include "journal/sqlite/sqlite_error.hpp"
#include "protocol/hash.hpp"

namespace causerie::journal {
namespace {

constexpr std::string_view magic = "causerie commits";
constexpr std::size_t number_octets = sizeof(number_bytes);
constexpr std::size_t header_octets = magic.size() + std::tuple_size_v<commit_log::identity>;
constexpr std::size_t entry_octets = 4 * number_octets;  // Sequence, key, size, checksum; value.

number_bytes sum_of(const commit_log::identity& who, byte_view numbers, byte_view value) {
  protocol::hasher<16> hash;
  hash.add(who);
  hash.add(numbers);
  hash.add(value);
  const auto digest = hash.finish();
  number_bytes sum{};
  std::transform(digest.begin(), digest.begin() + sum.size(), sum.begin(),
                 [](auto octet) { return std::byte{octet}; });
  return sum;
}

void add(byte_buffer& to, byte_view bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
void add(byte_buffer& to, std::uint64_t number) {
  add(to, byte_view{number_key(static_cast<std::int64_t>(number))});
}

struct content {
  commit_log::identity who{};
  std::vector<commit_log::entry> entries;
};

/// The whole entries at the beginning; none when it is no log.
content read(byte_view bytes) {
  content found;
  if (bytes.size() < header_octets) return found;
  if (!std::ranges::equal(bytes.first(magic.size()), std::as_bytes(std::span{magic}))) return found;
  std::transform(bytes.begin() + magic.size(), bytes.begin() + header_octets, found.who.begin(),
                 [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
  for (auto rest = bytes.subspan(header_octets); rest.size() >= entry_octets;) {
    const auto numbers = rest.first(3 * number_octets);
    const auto sum = rest.subspan(numbers.size(), number_octets);
    const auto size = number_of(numbers.last(number_octets));
    if (size > rest.size() - entry_octets) break;
    const auto value = rest.subspan(entry_octets, static_cast<std::size_t>(size));
    if (!std::ranges::equal(sum, sum_of(found.who, numbers, value))) break;
    const auto sequence = number_of(numbers.first(number_octets));
    // What follows an entry may be left from before the log was begun again.
    if (!found.entries.empty() && sequence != found.entries.back().sequence + 1) break;
    found.entries.push_back({sequence, number_of(numbers.subspan(number_octets, number_octets)),
                             shared_bytes::copy_of(value)});
    rest = rest.subspan(entry_octets + value.size());
  }
  return found;
}

}  // namespace

std::vector<commit_log::entry> commit_log::salvage(const std::filesystem::path& database) {
  std::ifstream file{beside(database), std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  return read(std::as_bytes(std::span{bytes})).entries;
}

std::vector<commit_log::entry> commit_log::after(std::uint64_t base, const identity& who) {
  byte_buffer bytes(static_cast<std::size_t>(file_.size()));
  if (bytes.empty() || !file_.read_beginning(bytes)) return {};
  auto found = read(bytes);
  // A hole before the first: a power cut has taken back a commit of the database.
  if (found.who != who || found.entries.empty() || found.entries.front().sequence > base + 1)
    return {};
  std::erase_if(found.entries, [&](const entry& one) { return one.sequence <= base; });
  return std::move(found.entries);
}

void commit_log::restart(const identity& who) noexcept {
  who_ = who;
  end_ = 0;
}

std::error_code commit_log::append(std::uint64_t sequence, std::uint64_t key, byte_view value) {
  scratch_.clear();
  if (end_ == 0) {
    add(scratch_, std::as_bytes(std::span{magic}));
    add(scratch_, std::as_bytes(std::span{who_}));
  }
  const auto begin = scratch_.size();
  add(scratch_, sequence);
  add(scratch_, key);
  add(scratch_, std::uint64_t{value.size()});
  add(scratch_, sum_of(who_, byte_view{scratch_}.subspan(begin), value));
  add(scratch_, value);
  errno = 0;
  if (const int code = file_.write(scratch_, end_); code != SQLITE_OK)
    return journal_error(code, errno);
  end_ += scratch_.size();
  return {};
}

std::error_code commit_log::sync() {
  return file_.sync() == SQLITE_OK ? std::error_code{} : make_error_code(journal_errc::sync_failed);
}

}  // namespace causerie::journal
