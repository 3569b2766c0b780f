// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// A private or broadcast text that a control socket takes, at most.
inline constexpr std::size_t control_text_bytes_max = 1u << 20;
/// A line on a control socket, either way: a text may take six bytes for each of its own.
inline constexpr std::size_t control_line_bytes_max = 8u << 20;

/// What a request comes to: one answer, or a stream of items.
struct control_reply {
  nlohmann::json answer;  ///< Null for a stream.
  std::optional<feed::reader> stream;
  std::set<std::string> types;           ///< Of a stream: only items of these types; empty: all.
  std::uint64_t items_max = UINT64_MAX;  ///< Of a stream: then it ends.
};

/// Does what the object asks for: `{"do":"members"}`, `{"do":"send","to":"b","text":"hi"}`, ...
/// Throws app_error for what cannot be done and for requests that make no sense.
[[nodiscard]] asio::awaitable<control_reply> perform(node_service& node, nlohmann::json request);

}  // namespace causerie::apps
