// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/causerie/chaos/chaos_page.hpp"
#include "apps/causerie/chaos/chaos_timeline.hpp"

namespace causerie::apps {
namespace {

constexpr double picture_width = 960, name_width = 40, lane_height = 30, bar_height = 12;
constexpr std::size_t buckets_max = 240;

/// Times of a run as places in its picture.
class canvas {
public:
  explicit canvas(const chaos_record& record)
      : from_ns_{record.began_ns}, to_ns_{std::max(record.ended_ns, record.began_ns + 1)} {}

  [[nodiscard]] double x(std::int64_t at_ns) const {
    const auto share = static_cast<double>(std::clamp(at_ns, from_ns_, to_ns_) - from_ns_) /
                       static_cast<double>(to_ns_ - from_ns_);
    return name_width + share * (picture_width - name_width);
  }
  [[nodiscard]] std::string bar(std::int64_t from, std::int64_t to, double y, const char* color,
                                const std::string& title) const {
    const auto left = x(from);
    return fmt::format(
        "<rect x={:.1f} y={:.1f} width={:.1f} height={} fill=\"var(--{})\"><title>{}</title>"
        "</rect>",
        left, y, std::max(1.0, x(to) - left), bar_height, color, html_text(title));
  }
  [[nodiscard]] double seconds() const { return static_cast<double>(to_ns_ - from_ns_) / 1e9; }
  [[nodiscard]] std::int64_t from() const { return from_ns_; }

private:
  std::int64_t from_ns_, to_ns_;
};

/// How much one node heard, as a line above its bar.
std::string heard_line(const canvas& on, const chaos_record& record, const std::string& node,
                       double y) {
  const auto buckets =
      std::clamp<std::size_t>(static_cast<std::size_t>(on.seconds() * 4), 1, buckets_max);
  std::vector<double> heard(buckets);
  for (const auto& life : record.lives) {
    if (life.node != node) continue;
    for (const auto& entry : life.entries) {
      if (entry.kind != checker::entry_kind::deliver || entry.at_ns < on.from()) continue;
      const auto share = (on.x(entry.at_ns) - name_width) / (picture_width - name_width);
      heard[std::min(buckets - 1,
                     static_cast<std::size_t>(share * static_cast<double>(buckets)))] += 1;
    }
  }
  // A flood after a heal must not flatten everything else.
  const auto most = std::sqrt(std::max(1.0, *std::ranges::max_element(heard)));
  std::string points;
  for (std::size_t b = 0; b < buckets; ++b)
    points +=
        fmt::format("{:.1f},{:.1f} ",
                    name_width + (static_cast<double>(b) + 0.5) * (picture_width - name_width) /
                                     static_cast<double>(buckets),
                    y - std::sqrt(heard[b]) / most * (lane_height - bar_height - 4));
  return fmt::format("<polyline points=\"{}\" fill=none stroke=\"var(--heard)\"/>", points);
}

std::string lane_of(const canvas& on, const chaos_record& record, const chaos_timeline& timeline,
                    std::uint32_t node, double top) {
  const auto y = top + lane_height - bar_height;
  const auto name = node_name(node);
  auto svg = fmt::format("<text x=0 y={:.1f}>{}</text>", y + bar_height - 2, name);
  std::int64_t started = record.ended_ns;
  for (const auto& seen : record.sightings)
    if (seen.state == "started" && seen.by == node) started = std::min(started, seen.at_ns);
  svg += on.bar(started, record.ended_ns, y, "lane", name);
  for (const auto& span : timeline.silenced(node))
    svg += on.bar(span.from_ns, span.to_ns, y, "silent", name + ": stopped or cut off");
  for (const auto& span : timeline.down(node))
    svg += on.bar(span.from_ns, span.to_ns, y, "down", name + ": down");
  for (const auto& fault : record.faults)
    if (fault.took && fault.what.what == fault_kind::kill_actor && fault.what.node == node)
      svg += fmt::format(
          "<circle cx={:.1f} cy={:.1f} r=3 fill=\"var(--mark)\"><title>an actor killed</title>"
          "</circle>",
          on.x(fault.at_ns), y + bar_height / 2);
  return svg + heard_line(on, record, name, y - 2);
}

std::string axis(const canvas& on, const chaos_scenario& scenario, const chaos_record& record,
                 double height) {
  std::string svg;
  const auto apart = std::max(1.0, std::ceil(on.seconds() / 10));
  for (double second = 0; second <= on.seconds(); second += apart) {
    const auto x = on.x(record.began_ns + static_cast<std::int64_t>(second * 1e9));
    svg += fmt::format(
        "<line x1={0:.1f} x2={0:.1f} y1=0 y2={1:.1f} stroke=\"var(--line)\"/>"
        "<text x={0:.1f} y={2:.1f}>{3:.0f}s</text>",
        x, height - 16, height - 3, second);
  }
  for (const auto& step : scenario.steps) {
    const auto x = on.x(record.began_ns + step.at.count());
    svg += fmt::format(
        "<line x1={0:.1f} x2={0:.1f} y1=0 y2={1:.1f} stroke=\"var(--mark)\" "
        "stroke-dasharray=\"2 3\"><title>{2}</title></line>",
        x, height - 16, html_text(step.text));
  }
  return svg;
}

}  // namespace

std::string picture_of(const chaos_scenario& scenario, const chaos_record& record) {
  const canvas on{record};
  const chaos_timeline timeline{record};
  const auto height = lane_height * static_cast<double>(record.running.size()) + 22;
  auto svg = fmt::format("<div class=wide><svg viewBox=\"0 0 {} {:.0f}\" role=img>", picture_width,
                         height);
  svg += axis(on, scenario, record, height);
  for (std::uint32_t node = 0; node < record.running.size(); ++node)
    svg += lane_of(on, record, timeline, node, lane_height * node);
  return svg +
         "</svg></div>\n<p class=soft>Blue: messages heard (square root). Bars: there; amber: "
         "stopped or cut off; red: down. Dots: an actor killed. Dashed: a step.</p>\n";
}

}  // namespace causerie::apps
