// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/printable.hpp"

#include <cstdint>

namespace causerie::apps {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Bytes of the well-formed UTF-8 sequence at the front of `text` (RFC 3629, section 4), or 0.
std::size_t sequence_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t count = lead >= 0xF5   ? 0
                            : lead >= 0xF0 ? 4
                            : lead >= 0xE0 ? 3
                            : lead >= 0xC2 ? 2
                                           : 0;
  if (count == 0 || text.size() < count) return 0;
  for (std::size_t i = 1; i < count; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) ||
      (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F))
    return 0;
  return count;
}

bool is_control(std::string_view sequence) {
  const auto lead = static_cast<std::uint8_t>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
  return sequence.size() == 2 && lead == 0xC2 && static_cast<std::uint8_t>(sequence[1]) < 0xA0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto count = sequence_bytes(text);
    const auto sequence = text.substr(0, count == 0 ? 1 : count);
    out += count == 0 || is_control(sequence) ? replacement : sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto count = sequence_bytes(text);
    if (count == 0) return false;
    text.remove_prefix(count);
  }
  return true;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const auto c : text)
    if ((static_cast<std::uint8_t>(c) & 0xC0) != 0x80) ++count;
  return count;
}

std::string shortened(std::string_view text, std::size_t columns_max) {
  if (columns(text) <= columns_max) return std::string{text};
  std::size_t bytes = 0;
  for (std::size_t seen = 0; bytes < text.size(); ++bytes)
    if ((static_cast<std::uint8_t>(text[bytes]) & 0xC0) != 0x80 && seen++ == columns_max - 1) break;
  return std::string{text.substr(0, bytes)} + "\xE2\x80\xA6";
}

}  // namespace causerie::apps
