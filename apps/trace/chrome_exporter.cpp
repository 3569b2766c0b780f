// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/trace/exporters.hpp"

namespace causerie::trace {
namespace {

using json = nlohmann::ordered_json;

/// A slice needs a length to be seen and for an arrow to hold on to; nothing really takes it.
constexpr double slice_us = 1;

/// Writes the array of events; times in microseconds since the run's first event.
class chrome_writer {
public:
  chrome_writer(const run& told, const sink& to)
      : told_{told}, to_{to}, zero_ns_{told.events.empty() ? 0 : told.events.front().at_ns} {}

  void write() {
    to_("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    put(at("M", "process_name", 0, 0, json{{"name", told_.title}}));
    for (std::uint32_t node = 0; node < told_.nodes.size(); ++node)
      put(at("M", "thread_name", node, 0, json{{"name", told_.nodes[node]}}));
    for (std::uint32_t i = 0; i < told_.events.size(); ++i) put_event(i);
    to_("\n]}\n");
  }

private:
  [[nodiscard]] double us(std::int64_t at_ns) const {
    return static_cast<double>(at_ns - zero_ns_) / 1e3;
  }
  [[nodiscard]] static json at(const char* phase, std::string name, std::uint32_t node, double ts,
                               json arguments = {}) {
    json event{{"ph", phase}, {"name", std::move(name)}, {"pid", 1}, {"tid", node + 1}, {"ts", ts}};
    if (!arguments.empty()) event["args"] = std::move(arguments);
    return event;
  }
  void put(const json& event) {
    to_(std::string{first_ ? "" : ",\n"} +
        event.dump(-1, ' ', false, json::error_handler_t::replace));
    first_ = false;
  }
  void put_event(std::uint32_t index) {
    const auto& event = told_.events[index];
    const auto ts = us(event.at_ns);
    auto slice = at("X", event_label(event), event.node, ts, {{"where", event.where}});
    slice["cat"] = name_of(event.kind);
    slice["dur"] = slice_us;
    put(slice);
    if (event.cause) put_arrow(index, event, told_.events[*event.cause]);
    if (event.held_ns > 0 && event.kind == event_kind::deliver) put_held(index, event);
  }
  /// One arrow per delivery: Chrome's arrows have one end each.
  void put_arrow(std::uint32_t index, const run_event& effect, const run_event& cause) {
    auto from = at("s", effect.message, cause.node, us(cause.at_ns));
    auto end = at("f", effect.message, effect.node, us(effect.at_ns));
    end["bp"] = "e";
    for (auto* half : {&from, &end}) {
      (*half)["cat"] = "message";
      (*half)["id"] = index;
      put(*half);
    }
  }
  /// Time held back overlaps, so it is a pair of asynchronous events.
  void put_held(std::uint32_t index, const run_event& event) {
    auto from = at("b", "held " + event.message, event.node, us(event.at_ns - event.held_ns));
    auto end = at("e", "held " + event.message, event.node, us(event.at_ns));
    for (auto* half : {&from, &end}) {
      (*half)["cat"] = "held";
      (*half)["id"] = fmt::format("held-{}", index);
      put(*half);
    }
  }

  const run& told_;
  const sink& to_;
  std::int64_t zero_ns_;
  bool first_ = true;
};

}  // namespace

void write_chrome(const run& told, const sink& to) { chrome_writer{told, to}.write(); }

}  // namespace causerie::trace
