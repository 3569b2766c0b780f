// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "apps/trace/exporters.hpp"

namespace causerie::trace {
namespace {

using clock = std::map<std::uint32_t, std::uint64_t>;  // Events of each node, by its index.

/// ShiViz takes a host to be one word, and an event to be one line.
std::string one_word(std::string name) {
  std::ranges::replace_if(
      name, [](unsigned char c) { return c <= ' '; }, '_');
  return name;
}
std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

std::string clock_text(const clock& of, const std::vector<std::string>& hosts) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [node, count] : of) object[hosts[node]] = count;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void write_shiviz(const run& told, const sink& to) {
  std::vector<std::string> hosts;
  for (const auto& name : told.nodes) hosts.push_back(one_word(name));
  std::vector<clock> now(told.nodes.size());
  std::map<std::uint32_t, clock> sent;  // By the index of the send.
  for (std::uint32_t i = 0; i < told.events.size(); ++i) {
    const auto& event = told.events[i];
    auto& mine = now[event.node];
    ++mine[event.node];
    if (event.cause)
      if (const auto found = sent.find(*event.cause); found != sent.end())
        for (const auto& [node, count] : found->second) mine[node] = std::max(mine[node], count);
    if (event.kind == event_kind::send || event.kind == event_kind::whisper) sent[i] = mine;
    to(one_line(event_label(event)) + "\n" + hosts[event.node] + " " + clock_text(mine, hosts) +
       "\n");
  }
}

}  // namespace causerie::trace
