// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/trace.hpp"

#include <fmt/format.h>

#include <cstring>

namespace causerie::simulation {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') safe += '\\';
    if (octet < 0x20 || octet > 0x7e)
      safe += fmt::format("\\u{:04x}", octet);
    else
      safe += c;
  }
  return safe;
}

}  // namespace

std::uint64_t quick_hash(protocol::byte_view bytes) noexcept {
  auto hash = mix(0x13198a2e03707344, bytes.size());
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    hash = mix(hash, word);
  }
  std::uint64_t rest = 0;
  for (unsigned shift = 0; i < bytes.size(); ++i, shift += 8)
    rest |= std::uint64_t(bytes[i]) << shift;
  return mix(hash, rest);
}

void trace::note(std::int64_t at_ns, std::string_view what, std::uint32_t who, std::uint64_t a,
                 std::uint64_t b, std::string_view text, std::int64_t held_ns) {
  ++events_;
  hash_ =
      mix(mix(mix(hash_, static_cast<std::uint64_t>(at_ns)), a), b ^ (std::uint64_t{who} << 48));
  if (!lines_) return;
  auto line =
      fmt::format(R"({{"t":{},"what":"{}","node":{},"a":{},"b":{})", at_ns, what, who, a, b);
  if (held_ns != 0) line += fmt::format(R"(,"held":{})", held_ns);
  if (!text.empty()) line += fmt::format(R"(,"text":"{}")", escaped(text));
  lines_(line + "}\n");
}

}  // namespace causerie::simulation
