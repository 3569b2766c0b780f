// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/live_run.hpp"

#include <charconv>
#include <chrono>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/folders.hpp"
#include "apps/causerie/verbs/client.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using trace::event_kind;

constexpr auto feed_patience = std::chrono::milliseconds{150};  ///< Then a feed is at its end.
constexpr std::size_t items_max = 4096;                         ///< What a feed remembers.
constexpr std::size_t questions_max = 256;

std::int64_t number_in(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t wall_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Gathers what nodes say into one run.
class live_listener {
public:
  explicit live_listener(trace::run& told) : told_{told} {}

  void listen(const node_socket& at, duration within) {
    const auto node = told_.node(at.name);
    control_client client{at};
    client.open_stream({{"do", "watch"}, {"after", 0}}, within);
    for (std::size_t taken = 0; taken < items_max; ++taken) {
      const auto item = client.next_item(feed_patience);
      if (!item) break;
      take(node, *item);
    }
  }

  /// Asks every node about the newest messages that it has not delivered.
  void ask_what_is_held_up(const std::vector<node_socket>& nodes, duration within) {
    std::size_t asked = 0;
    for (const auto& at : nodes) {
      const auto node = told_.node(at.name);
      control_client client{at};
      for (auto sent = sent_.rbegin(); sent != sent_.rend() && asked < questions_max; ++sent) {
        if (!groups_[node].contains(sent->group) || delivered_.contains({node, sent->name()}))
          continue;
        ++asked;
        ask(client, node, *sent, within);
      }
    }
  }

private:
  struct sent_message {
    std::string group, from, number;
    [[nodiscard]] std::string name() const { return fmt::format("{}/{}:{}", group, from, number); }
  };

  void take(std::uint32_t node, const json& item) {
    const auto type = item.value("type", "");
    const auto fields = item.value("fields", json::object());
    trace::run_event event;
    event.node = node;
    event.at_ns = number_in(item.value("time_ns", ""));
    if (event.at_ns == 0) return;
    event.where = fields.value("group", "");
    if (type == "send" || type == "recv") {
      if (fields.contains("private")) return;  // Which one it was the feed does not tell.
      const bool sent = type == "send";
      const sent_message about{event.where, sent ? told_.nodes[node] : fields.value("from", ""),
                               fields.value("number", "")};
      event.kind = sent ? event_kind::send : event_kind::deliver;
      event.message = about.name();
      event.held_ns = fields.value("held_us", std::int64_t{0}) * 1000;
      groups_[node].insert(event.where);
      if (sent)
        sent_.push_back(about);
      else
        delivered_.emplace(node, event.message);
    } else if (type == "actor" && fields.value("what", "") == "restarted") {
      event.kind = event_kind::restart;
      event.text = fields.value("path", "");
    } else {
      return;
    }
    told_.events.push_back(std::move(event));
  }

  void ask(control_client& client, std::uint32_t node, const sent_message& about, duration within) {
    json answer;
    try {
      answer = client.ask({{"do", "why"},
                           {"group", about.group},
                           {"sender", about.from},
                           {"number", static_cast<std::uint64_t>(number_in(about.number))}},
                          within);
    } catch (const app_error&) {
      return;  // It has not heard of it: then there is nothing to draw.
    }
    const auto state = answer.value("state", "");
    if (state != "waiting" && state != "missing") return;
    auto& event = told_.events.emplace_back();
    event.node = node;
    event.at_ns = wall_now_ns();
    event.where = about.group;
    event.message = about.name();
    event.kind = state == "waiting" ? event_kind::hold : event_kind::lack;
    const auto lacked = answer.value("missing", json::array());
    auto since_ms = answer.value("arrived_ms_ago", std::int64_t{0});
    if (!lacked.empty()) {
      const auto& first = lacked[0];
      if (state == "missing") since_ms = first.value("noticed_ms_ago", std::int64_t{0});
      if (state == "waiting")
        event.text = fmt::format("waits for {}:{}",
                                 first.value("from", json::object()).value("name", "somebody new"),
                                 first.value("first", ""));
      else if (first.contains("asked"))
        event.text = "last asked of " + first["asked"].value("name", "");
    }
    event.held_ns = since_ms * 1'000'000;
  }

  trace::run& told_;
  std::map<std::uint32_t, std::set<std::string>> groups_;
  std::vector<sent_message> sent_;
  std::set<std::pair<std::uint32_t, std::string>> delivered_;
};

}  // namespace

trace::run live_run(const invocation& run) {
  std::vector<node_socket> nodes;
  if (run.chosen.is_default("client.node"))
    nodes = running_nodes(runtime_folder(run.chosen.variables()));
  // Says what is wrong where there is none, and which one where one is named.
  if (nodes.empty()) nodes.push_back(chosen_node(run.chosen));
  trace::run told;
  told.title = nodes.size() == 1 ? nodes.front().name : "running nodes";
  live_listener listener{told};
  for (const auto& node : nodes) listener.listen(node, patience_of(run));
  listener.ask_what_is_held_up(nodes, patience_of(run));
  trace::put_in_order(told);
  return told;
}

}  // namespace causerie::apps
