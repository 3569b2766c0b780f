// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/bench/detect_run.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <ctime>
#include <set>

#include <poll.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"

namespace causerie::apps {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto patience = 60s;
constexpr auto answer_within = 5s;

/// Of all threads of that process.
double cpu_seconds_of(pid_t pid) {
  clockid_t which{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &which) != 0 || ::clock_gettime(which, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

app_error failed(std::string why) {
  return app_error{"bench-failed", exit_code::no, std::move(why)};
}

}  // namespace

duration quantile(std::vector<duration> values, double share) {
  if (values.empty()) return duration{};
  std::sort(values.begin(), values.end());
  const auto place = std::ceil(share * static_cast<double>(values.size())) - 1;
  return values[static_cast<std::size_t>(std::max(place, 0.0))];
}

detect_run::detect_run(console& terminal, detect_options options, std::filesystem::path folder)
    : terminal_{terminal}, options_{options}, folder_{std::move(folder)} {}

detect_figures detect_run::measure() {
  for (std::uint64_t i = 0; i < options_.nodes; ++i) start_one();
  await_complete();
  if (options_.idle > duration{}) measure_idle();
  for (std::uint64_t i = 0; i < options_.kills; ++i) kill_one();
  for (std::uint64_t i = 0; i < options_.stops; ++i) stop_one();
  return figures_;
}

void detect_run::start_one() {
  const auto name = fmt::format("m{}", ++started_);
  const auto interval =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.ping_interval);
  child_process::plan plan{
      .words = {"node", "--name", name, "--listen", "127.0.0.1:0", "--memory-only", "--no-discover",
                "--json", "--profile", options_.profile, "--ping-interval",
                fmt::format("{}ms", interval.count())},
      .variables = {{"XDG_RUNTIME_DIR", folder_.string()}, {"HOME", folder_.string()}},
      .log = folder_ / (name + ".log")};
  if (!members_.empty()) plan.words.insert(plan.words.end(), {"--join", members_.front().address});
  members_.push_back({.name = name, .child = child_process{plan}});
  await_ready(members_.back());
}

void detect_run::await_ready(member& one) {
  for (const auto until = clock::now() + patience; one.address.empty();) {
    if (clock::now() >= until || one.child.status()) throw failed(one.name + " did not start");
    pollfd ready{one.child.output(), POLLIN, 0};
    ::poll(&ready, 1, 100);
    for (const auto& line : one.child.take_lines()) {
      const auto said = json_of(line);
      if (!said.is_object()) continue;
      one.address = said.value("address", "");
      one.socket = said.value("socket", "");
    }
  }
  one.events.emplace(node_socket{one.name, one.socket});
  one.events->open_stream({{"do", "watch"}, {"types", {"member"}}}, answer_within);
}

json detect_run::ask(const member& one, const char* what) const {
  return control_client{node_socket{one.name, one.socket}}.ask({{"do", what}}, answer_within);
}

void detect_run::await_complete() {
  const auto sees_all = [&](const member& one) {
    const auto answer = ask(one, "members");
    const auto& list = answer["members"];
    return static_cast<std::uint64_t>(std::count_if(list.begin(), list.end(), [](const auto& each) {
             return each["state"] == "alive";
           })) == options_.nodes;
  };
  const auto until = clock::now() + patience;
  while (!std::all_of(members_.begin(), members_.end(), sees_all)) {
    if (clock::now() >= until) throw failed("the nodes did not find each other within 60s");
    pause(500ms);
  }
  const auto period = options_.ping_interval;
  pause(2 * period + random_.between(duration{}, 2 * period));  // At any phase of their timers.
}

detect_run::usage detect_run::usage_of(const member& one) const {
  const auto counters = ask(one, "status")["counters"];
  const auto figure = [&](const char* name) {
    return std::stod(counters.value(name, std::string{"0"}));
  };
  return {figure("link.bytes_out"), figure("link.datagrams_out"), cpu_seconds_of(one.child.pid())};
}

void detect_run::measure_idle() {
  // What their joining has started comes to an end.
  pause(30 * options_.ping_interval);
  std::vector<usage> before, after;
  for (const auto& one : members_) before.push_back(usage_of(one));
  const auto since = clock::now();
  pause(options_.idle);
  for (const auto& one : members_) after.push_back(usage_of(one));
  const auto seconds = std::chrono::duration<double>(clock::now() - since).count();
  const auto share = 1 / static_cast<double>(members_.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto cpu = (after[i].cpu_s - before[i].cpu_s) / seconds;
    figures_.bytes_a_second += (after[i].bytes - before[i].bytes) / seconds * share;
    figures_.packets_a_second += (after[i].packets - before[i].packets) / seconds * share;
    figures_.cpu_share += cpu * share;
    figures_.cpu_share_max = std::max(figures_.cpu_share_max, cpu);
  }
}

detect_run::member& detect_run::draw() {
  return *std::next(members_.begin(), static_cast<std::ptrdiff_t>(random_.below(members_.size())));
}

void detect_run::kill_one() {
  auto& one = draw();
  const auto name = victim_ = one.name;
  one.events.reset();
  const auto since = clock::now();
  one.child.kill_now();
  watch(name, since, figures_.killed);
  members_.remove_if([&](const member& each) { return each.name == name; });
  start_one();
  await_complete();
}

void detect_run::stop_one() {
  auto& one = draw();
  victim_ = one.name;
  const auto since = clock::now();
  ::kill(one.child.pid(), SIGSTOP);
  watch(one.name, since, figures_.stopped);
  ::kill(one.child.pid(), SIGCONT);
  await_complete();
}

void detect_run::watch(const std::string& victim, clock::time_point since, detect_times& times) {
  std::set<std::string> knowing;
  duration first{}, last{};
  while (knowing.size() + 1 < members_.size() && clock::now() - since < patience)
    for (const auto& [observer, dead] : take_deaths(100ms)) {
      if (dead != victim || observer == victim || !knowing.insert(observer).second) continue;
      last = clock::now() - since;
      if (knowing.size() == 1) first = last;
    }
  if (knowing.size() + 1 < members_.size()) {
    ++figures_.unnoticed;
    return;
  }
  times.first.push_back(first);
  times.last.push_back(last);
  terminal_.progress(
      fmt::format("{}: first {}, last {}", victim, duration_text(first), duration_text(last)));
}

std::vector<std::pair<std::string, std::string>> detect_run::take_deaths(duration patience_now) {
  std::vector<pollfd> ready;
  for (const auto& one : members_)
    if (one.events) ready.push_back({one.events->descriptor(), POLLIN, 0});
  ::poll(ready.data(), ready.size(),
         static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(patience_now).count()));
  std::vector<std::pair<std::string, std::string>> deaths;
  for (auto& one : members_) {
    if (!one.events) continue;
    while (const auto item = one.events->next_item(duration{})) {
      const auto fields = item->value("fields", json::object());
      if (fields.value("state", "") != "dead") continue;
      const auto dead = fields.value("name", "");
      deaths.emplace_back(one.name, dead);
      const auto runs = [&](const member& each) { return each.name == dead; };
      // A stopped one that goes on may find that out of its own pause; it accuses nobody either.
      if (dead != victim_ && std::any_of(members_.begin(), members_.end(), runs))
        ++figures_.falsely_dead;
    }
  }
  return deaths;
}

void detect_run::pause(duration span) {
  for (const auto until = clock::now() + span; clock::now() < until;)
    (void)take_deaths(until - clock::now());
}

}  // namespace causerie::apps
