// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/bench/bench_run.hpp"

#include <algorithm>

#include <poll.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"

namespace causerie::apps {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

}  // namespace

bench_run::bench_run(console& terminal, bench_options options, std::filesystem::path folder)
    : terminal_{terminal}, options_{options}, folder_{std::move(folder)} {}

std::vector<bench_figures> bench_run::measure() {
  start_all();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options_.length).count();
  std::vector<bench_figures> all;
  if (options_.group) {
    all.push_back(run_phase("paced", {{"do", "group"}, {"rate", options_.rate}, {"for_ms", ms}},
                            options_.nodes, options_.nodes));
    all.push_back(run_phase("flood", {{"do", "group"}, {"rate", 0}, {"for_ms", ms}}, options_.nodes,
                            options_.nodes));
  } else {
    all.push_back(
        run_phase("ping-pong", {{"do", "ping-pong"}, {"to", "b2"}, {"for_ms", ms}}, 1, 2));
    all.push_back(run_phase("one-way", {{"do", "one-way"}, {"to", "b2"}, {"for_ms", ms}}, 1, 1));
  }
  tell_all({{"do", "finish"}});
  wait_until(clock::now() + 6s, [&] {
    return std::ranges::all_of(members_, [](auto& one) { return one.child.status().has_value(); });
  });
  return all;
}

void bench_run::start_one(std::uint64_t index) {
  const auto name = fmt::format("b{}", index);
  child_process::plan plan{
      .words = {"bench-member", "--name", name, "--listen", "127.0.0.1:0", "--no-discover",
                "--json", "--size", std::to_string(options_.size_bytes)},
      .variables = {{"XDG_RUNTIME_DIR", folder_.string()}, {"HOME", folder_.string()}},
      .log = folder_ / (name + ".log")};
  if (options_.group) plan.words.emplace_back("--group");
  if (options_.sync.empty())
    plan.words.emplace_back("--memory-only");
  else
    plan.words.insert(plan.words.end(), {"--durable", "--sync", options_.sync});
  if (!members_.empty()) plan.words.insert(plan.words.end(), {"--join", members_.front().address});
  members_.push_back({.name = name, .child = child_process{plan}});
}

void bench_run::start_all() {
  for (std::uint64_t i = 1; i <= options_.nodes; ++i) {
    start_one(i);
    if (i == 1 &&
        !wait_until(clock::now() + 15s, [&] { return !members_.front().address.empty(); }))
      throw app_error{"bench-failed", exit_code::no, "the first node did not start within 15s"};
  }
  const auto all_here = [&] {
    return std::ranges::all_of(members_, [&](const auto& one) {
      return options_.group ? one.last.value("present", 0ull) == options_.nodes
                            : !one.address.empty();
    });
  };
  if (!wait_until(clock::now() + 60s, all_here))
    throw app_error{"bench-failed", exit_code::no, "the nodes did not find each other within 60s"};
  if (!options_.group) wait_until(clock::now() + 2s, [] { return false; });  // Gossip of names.
}

bench_figures bench_run::run_phase(const std::string& name, const json& order,
                                   std::uint64_t senders, std::uint64_t receivers) {
  tell_all({{"do", "reset"}});
  bench_figures figures{.phase = name};
  const auto begun = clock::now();
  for (auto& one : members_) {
    one.last["sending"] = true;
    one.figures = nullptr;
  }
  auto sender = members_.begin();
  for (std::uint64_t i = 0; i < senders; ++i, ++sender) sender->child.tell(json_line(order));
  for (auto idle = sender; idle != members_.end(); ++idle) idle->last["sending"] = false;
  const auto over = [&] {
    const auto sent = sum("sent");
    return clock::now() - begun > options_.length && sent != 0 &&
           std::ranges::none_of(members_,
                                [](const auto& one) { return one.last.value("sending", false); }) &&
           sum("delivered") >= sent * receivers;
  };
  wait_until(begun + options_.length + 60s, over);
  figures.seconds = std::chrono::duration<double>(clock::now() - begun).count();
  tell_all({{"do", "report"}});
  wait_until(clock::now() + 10s, [&] {
    return std::ranges::none_of(members_, [](const auto& one) { return one.figures.is_null(); });
  });
  for (const auto& one : members_) {
    if (one.figures.is_null()) continue;
    figures.sent += one.figures["sent"].get<std::uint64_t>();
    figures.delivered += one.figures["delivered"].get<std::uint64_t>();
    figures.cpu_seconds += one.figures["cpu_s"].get<double>();
    figures.rss_kib_max =
        std::max(figures.rss_kib_max, one.figures["rss_kib_max"].get<std::uint64_t>());
    figures.latencies.add(latency_histogram::from_json(one.figures["latencies"]));
  }
  figures.deliveries_expected = figures.sent * receivers;
  return figures;
}

void bench_run::tell_all(const json& order) {
  for (const auto& one : members_) one.child.tell(json_line(order));
}

std::uint64_t bench_run::sum(const char* key) const {
  std::uint64_t all = 0;
  for (const auto& one : members_) all += one.last.value(key, 0ull);
  return all;
}

template <class Condition>
bool bench_run::wait_until(clock::time_point deadline, Condition done) {
  while (!done()) {
    if (clock::now() >= deadline) return false;
    std::vector<pollfd> ready;
    for (const auto& one : members_)
      if (one.child.open()) ready.push_back({one.child.output(), POLLIN, 0});
    ::poll(ready.data(), ready.size(), 50);
    for (auto& one : members_)
      for (const auto& line :
           one.child.open() ? one.child.take_lines() : std::vector<std::string>{}) {
        auto report = json_of(line);
        if (!report.is_object()) continue;
        const auto kind = report.value("is", "");
        if (kind == "ready") one.address = report.value("address", "");
        if (kind == "failed")
          throw app_error{"bench-failed", exit_code::no,
                          fmt::format("{}: {}", one.name, report.value("why", ""))};
        if (kind == "figures")
          one.figures = std::move(report);
        else if (kind == "progress")
          one.last = std::move(report);
      }
    for (auto& one : members_)
      if (one.child.status().value_or(0) != 0)
        throw app_error{"bench-failed", exit_code::no,
                        fmt::format("{} ended with status {}", one.name, *one.child.status())};
    terminal_.progress(fmt::format("  sent {}, delivered {}", sum("sent"), sum("delivered")));
  }
  return true;
}

}  // namespace causerie::apps
