// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/chaos_schedule.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "apps/causerie/chaos/scenario_steps.hpp"
#include "apps/causerie/chaos/toml_keys.hpp"
#include "protocol/random.hpp"

namespace causerie::apps {
namespace {

using simulation::fault;
using verb = step_verb;
using path_rows = std::vector<std::uint64_t>;

constexpr duration hog_slice = std::chrono::milliseconds{100};

/// One occurrence of a step: repeated steps have several.
struct occurrence_of_step {
  std::int64_t at_ns = 0, until_ns = 0;  // Until: of what goes on for a while.
  std::size_t step = 0;
};

simulation::actor_kind actor_of(const std::string& name) {
  const auto& names = actor_names();
  return static_cast<simulation::actor_kind>(std::ranges::find(names, name) - names.begin());
}

/// How a node's life ends.
fault_kind ending_of(verb what) {
  if (what == verb::kill) return fault_kind::kill;
  return what == verb::leave ? fault_kind::leave : fault_kind::disk_fails;
}

class schedule_writer {
public:
  explicit schedule_writer(const chaos_scenario& scenario)
      : scenario_{scenario}, nodes_{scenario.nodes_in_all()}, chance_{scenario.seed} {
    made_.subjects.resize(scenario.steps.size());
    for (std::uint32_t k = 0; k < scenario.nodes; ++k) running_.insert(k);
  }

  chaos_schedule write();

private:
  void perform(const occurrence_of_step& now);
  void perform_on(std::uint32_t node, const std::string& actor, const occurrence_of_step& now);
  void partition(const occurrence_of_step& now);
  void hog(std::uint32_t node, const occurrence_of_step& now);
  void begin_and_end(std::uint32_t node, const occurrence_of_step& now, fault_kind begin,
                     fault_kind end);
  void change_weather(const occurrence_of_step& now);
  void write_weather();
  void bring_back(std::uint32_t node, const occurrence_of_step& now, duration after);
  [[nodiscard]] std::vector<std::uint32_t> nodes_meant(const chaos_target& target);
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> sides_of(const chaos_step& step,
                                                                 std::uint64_t without);
  [[nodiscard]] path_rows between(std::uint64_t one, std::uint64_t other, bool both_ways) const;
  void cut(const occurrence_of_step& now, std::int64_t from, std::int64_t to, path_rows paths);
  fault& add(std::int64_t at_ns, fault_kind what, std::size_t step, std::uint32_t node = 0);
  [[nodiscard]] std::int64_t end_of(const chaos_step& step, std::int64_t at_ns) const;
  void subject(std::size_t step, std::uint32_t node);
  [[nodiscard]] const chaos_step& step_of(const occurrence_of_step& now) const {
    return scenario_.steps[now.step];
  }

  struct weather_span {
    std::int64_t from_ns, to_ns;
    std::size_t step;
    path_rows paths;
    net::link_faults weather;
  };

  const chaos_scenario& scenario_;
  const std::uint32_t nodes_;
  protocol::random_source chance_;
  chaos_schedule made_;
  std::set<std::uint32_t> running_;
  std::map<std::int64_t, std::vector<std::uint32_t>> back_at_;  // Who is up again from then.
  std::vector<std::int64_t> heals_;
  std::vector<weather_span> weathers_;
};

fault& schedule_writer::add(std::int64_t at_ns, fault_kind what, std::size_t step,
                            std::uint32_t node) {
  return made_.faults.emplace_back(
      fault{.at_ns = at_ns, .what = what, .node = node, .blocked = {}, .step = step});
}

void schedule_writer::subject(std::size_t step, std::uint32_t node) {
  auto& all = made_.subjects[step];
  if (std::ranges::find(all, node) == all.end()) all.push_back(node);
}

/// What lasts, lasts until its own end, the next heal, or the end of the day.
std::int64_t schedule_writer::end_of(const chaos_step& step, std::int64_t at_ns) const {
  auto end = step.lasts ? at_ns + step.lasts->count() : scenario_.lasts.count();
  for (const auto heal : heals_)
    if (heal > at_ns) end = std::min(end, heal);
  return end;
}

chaos_schedule schedule_writer::write() {
  std::vector<occurrence_of_step> all;
  for (std::size_t s = 0; s < scenario_.steps.size(); ++s) {
    const auto& step = scenario_.steps[s];
    for (std::uint64_t time = 0; time < step.times; ++time) {
      const auto at = (step.at + step.every * static_cast<std::int64_t>(time)).count();
      if (step.verb == verb::heal) heals_.push_back(at);
      all.push_back({.at_ns = at, .step = s});
    }
  }
  std::ranges::stable_sort(all, {}, &occurrence_of_step::at_ns);
  for (auto& now : all) {
    now.until_ns = end_of(step_of(now), now.at_ns);
    while (!back_at_.empty() && back_at_.begin()->first <= now.at_ns) {
      running_.insert(back_at_.begin()->second.begin(), back_at_.begin()->second.end());
      back_at_.erase(back_at_.begin());
    }
    perform(now);
  }
  write_weather();
  std::ranges::stable_sort(made_.faults, {}, &fault::at_ns);
  return std::move(made_);
}

std::vector<std::uint32_t> schedule_writer::nodes_meant(const chaos_target& target) {
  if (target.whom == chaos_target::who::node) return {target.node};
  std::vector<std::uint32_t> all{running_.begin(), running_.end()};
  if (target.whom == chaos_target::who::all || all.empty()) return all;
  return {all[chance_.below(all.size())]};
}

void schedule_writer::bring_back(std::uint32_t node, const occurrence_of_step& now,
                                 duration after) {
  add(now.at_ns + after.count(), fault_kind::start, now.step, node);
  back_at_[now.at_ns + after.count()].push_back(node);
}

void schedule_writer::perform(const occurrence_of_step& now) {
  const auto& step = step_of(now);
  switch (step.verb) {
    case verb::partition: return partition(now);
    case verb::loss:
    case verb::delay:
    case verb::duplicate:
    case verb::reorder:
    case verb::corrupt: return change_weather(now);
    case verb::heal: add(now.at_ns, fault_kind::heal, now.step); return;
    default: break;
  }
  for (const auto& target : step.targets)
    for (const auto node : nodes_meant(target)) perform_on(node, target.actor, now);
}

void schedule_writer::perform_on(std::uint32_t node, const std::string& actor,
                                 const occurrence_of_step& now) {
  const auto& step = step_of(now);
  const bool starts = step.verb == verb::start || step.verb == verb::join;
  if (starts == running_.contains(node))
    wrong_in_file(scenario_.file, step.place,
                  fmt::format("{}: {} {} at that time", step.text, node_name(node),
                              starts ? "runs already" : "does not run"));
  subject(now.step, node);
  switch (step.verb) {
    case verb::kill:
      if (!actor.empty()) {
        const auto which = actor == "any" ? actor_names()[chance_.below(actor_names().size())]
                                          : std::string_view{actor};
        add(now.at_ns, fault_kind::kill_actor, now.step, node).which = actor_of(std::string{which});
        return;
      }
      [[fallthrough]];
    case verb::leave:
    case verb::disk_fails:
      add(now.at_ns, ending_of(step.verb), now.step, node).lasts_ns = -1;
      running_.erase(node);
      if (step.back_after) bring_back(node, now, *step.back_after);
      return;
    case verb::restart:
      add(now.at_ns, fault_kind::kill, now.step, node).lasts_ns = -1;
      running_.erase(node);
      return bring_back(node, now, step.amount);
    case verb::start:
    case verb::join:
      add(now.at_ns, fault_kind::start, now.step, node);
      running_.insert(node);
      return;
    case verb::pause:
      add(now.at_ns, fault_kind::pause, now.step, node).lasts_ns = now.until_ns - now.at_ns;
      return;
    case verb::cpu_hog: return hog(node, now);
    case verb::slow_reader:
      add(now.at_ns, fault_kind::slow, now.step, node).lasts_ns = step.amount.count();
      add(now.until_ns, fault_kind::brisk, now.step, node);
      return;
    case verb::disk_full:
      return begin_and_end(node, now, fault_kind::disk_full, fault_kind::disk_room);
    case verb::slow_fsync:
      return begin_and_end(node, now, fault_kind::disk_slow, fault_kind::disk_slow);
    case verb::withhold:
      return begin_and_end(node, now, fault_kind::withhold, fault_kind::hand_over);
    case verb::skew:
      add(now.at_ns, fault_kind::skew, now.step, node).lasts_ns = step.amount.count();
      return;
    default: return;
  }
}

/// A heal ends it by itself; but what was withheld is asked about first.
void schedule_writer::begin_and_end(std::uint32_t node, const occurrence_of_step& now,
                                    fault_kind begin, fault_kind end) {
  const auto& step = step_of(now);
  auto& begun = add(now.at_ns, begin, now.step, node);
  begun.lasts_ns = step.amount.count();
  if (step.verb == verb::withhold) begun.text = withheld_id(step);
  auto until = now.until_ns;
  if (end == fault_kind::hand_over)
    until -= 1;
  else if (until >= scenario_.lasts.count() || std::ranges::find(heals_, until) != heals_.end())
    return;
  auto& ended = add(until, end, now.step, node);
  if (step.verb == verb::withhold) ended.text = withheld_id(step);
}

/// The processor is given back for a moment in each slice, as a scheduler would.
void schedule_writer::hog(std::uint32_t node, const occurrence_of_step& now) {
  const auto taken =
      static_cast<std::int64_t>(step_of(now).share * static_cast<double>(hog_slice.count()));
  for (auto at = now.at_ns; at + taken <= now.until_ns; at += hog_slice.count())
    add(at, fault_kind::pause, now.step, node).lasts_ns = taken;
}

path_rows schedule_writer::between(std::uint64_t one, std::uint64_t other, bool both_ways) const {
  path_rows blocked(nodes_);
  for (std::uint32_t from = 0; from < nodes_; ++from) {
    if ((one >> from & 1) != 0) blocked[from] |= other;
    if (both_ways && (other >> from & 1) != 0) blocked[from] |= one;
  }
  return blocked;
}

void schedule_writer::cut(const occurrence_of_step& now, std::int64_t from, std::int64_t to,
                          path_rows paths) {
  add(from, fault_kind::cut, now.step).blocked = paths;
  // A heal opens every path by itself.
  if (std::ranges::find(heals_, to) == heals_.end() && to < scenario_.lasts.count())
    add(to, fault_kind::mend, now.step).blocked = std::move(paths);
}

/// As the file says, or two random halves of those that run; joiners belong to the second one.
std::pair<std::uint64_t, std::uint64_t> schedule_writer::sides_of(const chaos_step& step,
                                                                  std::uint64_t without) {
  std::uint64_t one = 0, other = 0;
  if (!step.sides.empty()) {
    for (const auto node : step.sides[0]) one |= std::uint64_t{1} << node;
    for (const auto node : step.sides[1]) other |= std::uint64_t{1} << node;
    return {one & ~without, other & ~without};
  }
  std::vector<std::uint32_t> all;
  for (const auto node : running_)
    if ((without >> node & 1) == 0) all.push_back(node);
  for (std::size_t k = all.size(); k > 1; --k) std::swap(all[k - 1], all[chance_.below(k)]);
  all.resize(all.size() / 2);
  for (const auto node : all) one |= std::uint64_t{1} << node;
  const auto everybody = nodes_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << nodes_) - 1;
  return {one, everybody & ~one & ~without};
}

void schedule_writer::partition(const occurrence_of_step& now) {
  const auto& step = step_of(now);
  std::uint64_t alone = 0;
  if (!step.targets.empty()) {
    const auto chosen = nodes_meant(step.targets.front());
    alone = std::uint64_t{1} << chosen.front();
  }
  auto [one, other] = sides_of(step, alone);
  if (step.shape == partition_shape::isolate || step.shape == partition_shape::one_way) {
    other |= one;
    one = alone;
  }
  for (std::uint32_t node = 0; node < nodes_; ++node)
    if ((one >> node & 1) != 0) subject(now.step, node);
  const auto paths = between(one, other, step.shape != partition_shape::one_way);
  if (step.shape != partition_shape::flapping) return cut(now, now.at_ns, now.until_ns, paths);
  for (auto at = now.at_ns; at < now.until_ns; at += step.period.count())
    cut(now, at, std::min(at + step.period.count() / 2, now.until_ns), paths);
}

void schedule_writer::change_weather(const occurrence_of_step& now) {
  const auto& step = step_of(now);
  const auto mask_of = [&](const std::vector<std::uint32_t>& given) {
    std::uint64_t mask = given.empty() ? ~std::uint64_t{0} : 0;
    for (const auto node : given) mask |= std::uint64_t{1} << node;
    return nodes_ == 64 ? mask : mask & ((std::uint64_t{1} << nodes_) - 1);
  };
  path_rows paths(nodes_);
  const auto from = mask_of(step.from), to = mask_of(step.to);
  for (std::uint32_t node = 0; node < nodes_; ++node)
    if ((from >> node & 1) != 0) paths[node] = to & ~(std::uint64_t{1} << node);
  weathers_.push_back(
      {now.at_ns, now.until_ns, now.step, std::move(paths), as_receivers_see(step.weather)});
}

/// At each change, the whole weather of every path that it touches: spells overlap.
void schedule_writer::write_weather() {
  for (const auto& changed : weathers_)
    for (const auto at : {changed.from_ns, changed.to_ns}) {
      const bool healed = std::ranges::find(heals_, at) != heals_.end();
      if (at != changed.from_ns && (healed || at >= scenario_.lasts.count())) continue;
      std::vector<std::pair<net::link_faults, path_rows>> groups;
      for (std::uint32_t from = 0; from < nodes_; ++from)
        for (std::uint32_t to = 0; to < nodes_; ++to) {
          if ((changed.paths[from] >> to & 1) == 0) continue;
          auto total = as_receivers_see(scenario_.network);
          for (const auto& span : weathers_)
            if (span.from_ns <= at && at < span.to_ns && (span.paths[from] >> to & 1) != 0)
              total = both(total, span.weather);
          auto found =
              std::ranges::find(groups, total, &std::pair<net::link_faults, path_rows>::first);
          if (found == groups.end()) found = groups.insert(found, {total, path_rows(nodes_)});
          found->second[from] |= std::uint64_t{1} << to;
        }
      for (auto& [weather, paths] : groups) {
        auto& made = add(at, fault_kind::weather, changed.step);
        made.weather = weather;
        made.blocked = std::move(paths);
      }
    }
}

}  // namespace

net::link_faults both(const net::link_faults& a, const net::link_faults& b) {
  net::link_faults total;
  total.loss = 1 - (1 - a.loss) * (1 - b.loss);
  total.duplicate = std::max(a.duplicate, b.duplicate);
  total.reorder = std::max(a.reorder, b.reorder);
  total.corrupt = std::max(a.corrupt, b.corrupt);
  total.delay = a.delay + b.delay;
  total.jitter = a.jitter + b.jitter;
  total.reorder_by = std::max(a.reorder_by, b.reorder_by);
  return total;
}

net::link_faults as_receivers_see(net::link_faults weather) {
  weather.loss = 1 - (1 - weather.loss) * (1 - weather.corrupt);
  weather.corrupt = 0;
  return weather;
}

chaos_schedule schedule_of(const chaos_scenario& scenario) {
  return schedule_writer{scenario}.write();
}

}  // namespace causerie::apps
