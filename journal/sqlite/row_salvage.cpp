// SPDX-License-Identifier: BSL-1.0
#include "journal/sqlite/row_salvage.hpp"

#include <algorithm>

#include "journal/number_key.hpp"
#include "journal/sqlite/file_header.hpp"
#include "journal/sqlite/row_sum.hpp"

namespace causerie::journal {
namespace {

// "The Database File Format", section 1.6 (b-tree pages), 1.7 (overflow), 2.1 (records).
constexpr std::uint64_t payload_bytes_max = 32u << 20;  // More than any row of ours.
enum page_type : std::uint8_t { index_interior = 2, index_leaf = 10, table_leaf = 13 };

/// Bytes from a page that may say anything: reading beyond the end gives zeros and `ok` turns
/// false.
class cell_reader {
public:
  cell_reader(byte_view bytes, std::size_t at) noexcept : bytes_{bytes}, at_{at} {}

  [[nodiscard]] std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      const auto one = octet();
      value = value << 7 | (one & 0x7fu);
      if (one < 0x80) return value;
    }
    return value << 8 | octet();
  }
  [[nodiscard]] std::uint8_t octet() noexcept {
    const auto one = take(1);
    return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one[0]);
  }
  [[nodiscard]] byte_view take(std::uint64_t count) noexcept {
    if (at_ > bytes_.size() || count > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    at_ += static_cast<std::size_t>(count);
    return bytes_.subspan(at_ - static_cast<std::size_t>(count), static_cast<std::size_t>(count));
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
  byte_view bytes_;
  std::size_t at_;
  bool ok_ = true;
};

std::optional<std::int64_t> integer(std::uint64_t type, cell_reader& body) {
  if (type == 8) return 0;
  if (type == 9) return 1;
  if (type < 1 || type > 6) return std::nullopt;
  const auto bytes = body.take(type == 5 ? 6 : type == 6 ? 8 : type);
  if (bytes.empty()) return std::nullopt;
  std::uint64_t value = (std::to_integer<std::uint8_t>(bytes[0]) & 0x80u) != 0 ? ~0ull : 0;
  for (const auto one : bytes) value = value << 8 | std::to_integer<std::uint64_t>(one);
  return static_cast<std::int64_t>(value);
}

class salvage {
public:
  salvage(page_file& pages, const salvage_visitor& take) : pages_{pages}, take_{take} {}

  result<salvage_report> run() {
    const auto unused = pages_.unused();
    report_.doubtful = !unused.whole;
    for (std::uint32_t number = 2; number <= pages_.count(); ++number) {
      if (unused.numbers.contains(number)) continue;
      const auto bytes = pages_.page(number);
      if (bytes)
        if (auto error = read_page(*bytes)) return tl::unexpected{error};
    }
    return report_;
  }

private:
  std::error_code read_page(byte_view page) {
    const auto type = std::to_integer<std::uint8_t>(page[0]);
    if (type != table_leaf && type != index_leaf && type != index_interior) return {};
    const std::size_t pointers = type == index_interior ? 12 : 8;
    const auto cells = word_at(page, 2) >> 8 & 0xffffu;  // Bytes 3 and 4.
    for (std::size_t i = 0; i < cells; ++i) {
      const auto at = pointers + 2 * i;
      if (at + 2 > page.size()) break;
      const auto cell =
          std::to_integer<std::size_t>(page[at]) << 8 | std::to_integer<std::size_t>(page[at + 1]);
      if (auto error = read_cell(page, type, cell)) return error;
    }
    return {};
  }

  std::error_code read_cell(byte_view page, std::uint8_t type, std::size_t at) {
    cell_reader cell{page, at};
    if (type == index_interior) (void)cell.take(4);
    const auto size = cell.varint();
    const auto number = type == table_leaf ? cell.varint() : 0;
    if (!cell.ok() || size > payload_bytes_max) {
      ++report_.damaged_rows;
      return {};
    }
    const auto payload = whole_payload(cell, size, type == table_leaf);
    if (!payload) {
      ++report_.damaged_rows;
      return {};
    }
    return read_record(*payload, number);
  }

  /// What does not fit into the page goes on in a chain of others.
  std::optional<byte_buffer> whole_payload(cell_reader& cell, std::uint64_t size, bool in_table) {
    constexpr std::uint64_t usable = page_bytes;
    constexpr std::uint64_t least = (usable - 12) * 32 / 255 - 23;
    const auto most = in_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    auto local = size;
    if (size > most) {
      local = least + (size - least) % (usable - 4);
      if (local > most) local = least;
    }
    const auto begin = cell.take(local);
    if (!cell.ok()) return std::nullopt;
    byte_buffer payload{begin.begin(), begin.end()};
    if (size == local) return payload;
    const auto link = cell.take(4);
    if (!cell.ok()) return std::nullopt;
    for (auto next = word_at(link, 0); payload.size() < size;) {
      const auto page = pages_.page(next);
      if (!page) return std::nullopt;
      const auto count = std::min<std::uint64_t>(size - payload.size(), usable - 4);
      payload.insert(payload.end(), page->begin() + 4,
                     page->begin() + 4 + static_cast<std::ptrdiff_t>(count));
      next = word_at(*page, 0);
    }
    return payload;
  }

  /// `number`: the row's own. It is the key where the record says that it has none.
  std::error_code read_record(const byte_buffer& payload, std::uint64_t number) {
    cell_reader header{payload, 0};
    const auto header_bytes = header.varint();
    const auto key_type = header.varint();
    const auto value_type = header.varint();
    const auto sum_type = header.varint();
    const bool numbered = key_type == 0;
    const bool blobs =
        (numbered || key_type >= 12) && value_type >= 12 && (key_type | value_type) % 2 == 0;
    if (!header.ok() || !blobs) return {};  // An index's own rows: a key and a number.
    cell_reader body{
        payload, static_cast<std::size_t>(std::min<std::uint64_t>(header_bytes, payload.size()))};
    const auto as_bytes = number_key(static_cast<std::int64_t>(number));
    const auto key = numbered ? byte_view{as_bytes} : body.take((key_type - 12) / 2);
    const auto value = body.take((value_type - 12) / 2);
    const auto sum = integer(sum_type, body);
    if (!body.ok() || !sum) {
      ++report_.damaged_rows;
      return {};
    }
    for (const auto in : tables)
      if (row_sum(in, key, value) == *sum) {
        ++report_.rows;
        return take_(in, {key, value});
      }
    ++report_.damaged_rows;
    return {};
  }

  page_file& pages_;
  const salvage_visitor& take_;
  salvage_report report_;
};

}  // namespace

result<salvage_report> salvage_rows(page_file& pages, const salvage_visitor& take) {
  return salvage{pages, take}.run();
}

}  // namespace causerie::journal
