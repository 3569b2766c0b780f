// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/demo_run.hpp"

#include <algorithm>
#include <csignal>

#include <poll.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/control/control_client.hpp"

namespace causerie::apps {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Set by Ctrl-C; looked at in every wait.
volatile std::sig_atomic_t interrupted = 0;
extern "C" void on_interrupt(int signal) { interrupted = signal; }

/// The talk takes about eight seconds, however much there is to say, if the network allows it; and
/// longer where many actors are to die in it.
duration pause_for(const demo_options& options) {
  constexpr duration longest = 200ms;
  const duration talk = 8s + 150ms * static_cast<std::int64_t>(options.actor_kills);
  return std::min(longest, talk / static_cast<std::int64_t>(options.messages));
}

std::string percent(double probability) { return fmt::format("{:g}%", probability * 100); }

}  // namespace

demo_run::demo_run(console& terminal, demo_options options, std::filesystem::path folder,
                   std::filesystem::path runtime)
    : terminal_{terminal},
      options_{std::move(options)},
      folder_{std::move(folder)},
      runtime_{std::move(runtime)},
      storm_{runtime_} {
  interrupted = 0;
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

demo_run::~demo_run() {
  for (auto& process : processes_) process.child.kill_now();
  terminal_.end_progress();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void demo_run::play() {
  gather();
  let_talk();
  kill_an_actor();
  kill_many_actors();
  let_one_join();
  kill_a_process();
  settle();
  end_in_order();
}

std::filesystem::path demo_run::history_of(const std::string& name) const {
  return folder_ / (name + ".history.jsonl");
}

demo_run::clock::time_point demo_run::within(duration length) const {
  // Lost datagrams make everything slower; at 30% a hand-shake may take several rounds.
  const auto factor = 1 + 4 * (options_.loss + options_.reorder);
  return clock::now() + std::chrono::duration_cast<duration>(length * factor);
}

void demo_run::step(const std::string& what, const std::string& text, json facts) {
  terminal_.say(fmt::format("{:5.1f}s  {}",
                            std::chrono::duration<double>(clock::now() - begun_).count(), text));
  json entry{{"step", what}, {"text", text}};
  if (!facts.is_null()) entry.update(facts);
  steps_.push_back(std::move(entry));
}

demo_process& demo_run::start(bool late) {
  const auto index = processes_.size() + 1;
  const auto name = fmt::format("n{}", index);
  const auto messages =
      late ? std::max<std::uint64_t>(1, options_.messages / 4) : options_.messages;
  child_process::plan plan{
      .words = {"demo-member",
                "--name",
                name,
                "--listen",
                "127.0.0.1:0",
                "--memory-only",
                "--no-discover",
                "--json",
                "--history",
                history_of(name).string(),
                "--messages",
                std::to_string(messages),
                "--pause",
                fmt::format("{}ns", pause_for(options_).count()),
                "--seed",
                std::to_string(options_.seed * 1000 + index),
                "--fault-seed",
                std::to_string(options_.seed * 1000 + index),
                "--loss",
                fmt::format("{}", options_.loss),
                "--duplicate",
                fmt::format("{}", options_.duplicate),
                "--reorder",
                fmt::format("{}", options_.reorder)},
      .variables = {{"XDG_RUNTIME_DIR", runtime_.string()}, {"HOME", runtime_.string()}},
      .log = folder_ / (name + ".log")};
  if (!processes_.empty())
    plan.words.insert(plan.words.end(), {"--join", processes_.front().address.get<std::string>()});
  for (const auto& text : options_.texts) plan.words.insert(plan.words.end(), {"--text", text});
  processes_.push_back({.name = name, .child = child_process{plan}, .late = late});
  return processes_.back();
}

void demo_run::gather() {
  step("start", fmt::format("starting {} node processes; each has a UDP port of its own on this "
                            "machine and knows one other",
                            options_.nodes));
  for (std::uint64_t i = 0; i < options_.nodes; ++i) {
    auto& process = start(/*late=*/false);
    // The first one's address is what the others are told.
    if (i == 0 && !wait_until(clock::now() + 15s, [&] { return !process.address.is_null(); }))
      throw app_error{"demo-failed", exit_code::no, "the first node did not start within 15s",
                      fmt::format("its log: {}", (folder_ / (process.name + ".log")).string())};
  }
  const auto all_here = [&] {
    return std::ranges::all_of(processes_, [&](const auto& process) {
      return process.is("joined") && process.figure("present") == options_.nodes;
    });
  };
  if (!wait_until(within(30s), all_here))
    throw app_error{"demo-failed", exit_code::no,
                    fmt::format("the {} nodes did not find each other in time", options_.nodes),
                    fmt::format("their logs: {}", folder_.string())};
  step("joined", fmt::format("all {0} have found each other and joined one group: no broker, no "
                             "server; everyone sees {0} members",
                             options_.nodes));
}

void demo_run::let_talk() {
  talk_deadline_ = clock::now() + options_.timeout;
  std::vector<std::string> names;
  for (const auto& process : processes_) names.push_back(process.name);
  for (const auto& process : processes_) {
    json peers = json::array();
    for (const auto& name : names)
      if (name != process.name) peers.push_back(name);
    process.child.tell(json_line({{"do", "talk"}, {"peers", peers}}));
  }
  step("talk",
       fmt::format("each says {0} lines to all, answering others by name, and whispers {0} in "
                   "private; on purpose {1} of the datagrams are lost, {2} doubled, {3} reordered",
                   options_.messages, percent(options_.loss), percent(options_.duplicate),
                   percent(options_.reorder)));
}

void demo_run::kill_an_actor() {
  wait_until(talk_deadline_, [&] { return talked() >= 0.25; });
  const auto& victim =
      *std::next(processes_.begin(), std::min<std::ptrdiff_t>(2, std::ssize(processes_) - 1));
  try {
    control_client client{{victim.name, runtime_ / "causerie" / (victim.name + ".sock")}};
    std::string path;
    const auto listed = client.ask({{"do", "actors"}}, 5s);  // Named: the loop must not outlive it.
    for (const auto& actor : listed["actors"])
      if (actor["kind"] == "orderer") path = actor["path"];
    const auto answer = client.ask({{"do", "kill"}, {"actor", path}}, 5s);
    const duration took{static_cast<std::int64_t>(answer["took_us"].get<double>() * 1e3)};
    step("kill-actor",
         fmt::format("{}'s orderer ({}) was killed in mid-talk; its supervisor restarted it in {}",
                     victim.name, path, duration_text(took)),
         {{"node", victim.name}, {"actor", path}, {"took_us", answer["took_us"]}});
  } catch (const app_error& error) {
    complaints_.push_back(fmt::format("killing {}'s orderer: {}", victim.name, error.message));
  }
}

/// Every kind in turn, every founder in turn, a few milliseconds apart: the talk goes on meanwhile.
void demo_run::kill_many_actors() {
  if (options_.actor_kills == 0) return;
  auto victim = processes_.begin();
  try {
    const auto kinds = storm_.kinds_of(victim->name);
    for (std::uint64_t round = 0; round < options_.actor_kills; ++round)
      for (const auto& kind : kinds) {
        if (std::ranges::all_of(processes_, [](const auto& p) { return p.is("done"); })) {
          complaints_.push_back(
              fmt::format("the talk was over after {} of {} kills: say more with --messages",
                          storm_.kills().size(), options_.actor_kills * kinds.size()));
          return;
        }
        storm_.strike(victim->name, kind);
        wait_until(clock::now() + 5ms, [] { return false; });
        if (++victim == processes_.end()) victim = processes_.begin();
      }
    step("kill-actors", fmt::format("every kind of actor ({}) was killed {} times in mid-talk",
                                    fmt::join(kinds, ", "), options_.actor_kills));
  } catch (const app_error& error) {
    complaints_.push_back(fmt::format("killing actors of {}: {}", victim->name, error.message));
  }
}

void demo_run::let_one_join() {
  wait_until(talk_deadline_, [&] { return talked() >= 0.45; });
  auto& joiner = start(/*late=*/true);
  const bool in_time =
      wait_until(std::min(talk_deadline_, within(30s)), [&] { return joiner.is("joined"); });
  if (!in_time) {
    complaints_.push_back(fmt::format("{} could not join in time", joiner.name));
    return;
  }
  for (const auto& process : processes_)
    joiner.said_before[process.name] = process.figure("last_index");
  json peers = json::array();
  for (const auto& process : processes_)
    if (&process != &joiner && &process != &*std::prev(processes_.end(), 2))
      peers.push_back(process.name);
  joiner.child.tell(json_line({{"do", "talk"}, {"peers", peers}}));
  step("join",
       fmt::format("{} joined late, in mid-talk: from here on it must miss nothing", joiner.name),
       {{"node", joiner.name}});
}

void demo_run::kill_a_process() {
  wait_until(talk_deadline_, [&] { return talked() >= 0.65; });
  if (options_.nodes < 3) return;  // With fewer, nobody would be left to talk to.
  auto& victim = *std::next(processes_.begin(), static_cast<std::ptrdiff_t>(options_.nodes) - 1);
  victim.killed = true;
  victim.child.kill_now();
  step("kill-process",
       fmt::format("{} was killed with kill -9: what it had said and anybody heard, "
                   "everybody must hear",
                   victim.name),
       {{"node", victim.name}});
}

void demo_run::settle() {
  // Nothing may change for so long before it counts as over.
  const auto quiet = std::chrono::duration_cast<duration>(1s * (1 + 2 * options_.loss));
  auto last = fingerprint();
  auto since = clock::now();
  const bool in_time = wait_until(talk_deadline_, [&] {
    if (auto now = fingerprint(); now != last) {
      last = std::move(now);
      since = clock::now();
    }
    return settled() && clock::now() - since >= quiet;
  });
  if (in_time) {
    step("settled", "all has been said and heard; the talk is over");
    return;
  }
  std::string who;
  for (const auto& process : processes_)
    if (!process.killed && (!process.is("done") || !has_heard_all(process)))
      who += (who.empty() ? "" : ", ") + process.name;
  complaints_.push_back(fmt::format("not settled within {}{}{}", duration_text(options_.timeout),
                                    who.empty() ? "" : "; still waiting: ", who));
}

void demo_run::end_in_order() {
  for (const auto& process : processes_)
    if (!process.killed) process.child.tell(R"({"do":"finish"})");
  const auto all_ended = [&] {
    return std::ranges::all_of(processes_,
                               [](auto& process) { return process.child.status().has_value(); });
  };
  wait_until(clock::now() + 15s, all_ended);
  for (auto& process : processes_) {
    const auto status = process.child.status();
    if (process.killed) continue;
    if (!status)
      complaints_.push_back(fmt::format("{} did not end in time", process.name));
    else if (*status != 0 && !process.ended_badly)
      complaints_.push_back(fmt::format("{} ended with status {}", process.name, *status));
  }
  step("end", "everyone has left the group in order");
}

template <class Condition>
bool demo_run::wait_until(clock::time_point deadline, Condition done) {
  while (!done()) {
    if (clock::now() >= deadline) return false;
    take_reports(50);
    show_progress();
    if (interrupted != 0)
      throw app_error{"interrupted",
                      interrupted == SIGTERM ? exit_code::terminated : exit_code::interrupted,
                      "interrupted; the nodes have been ended", ""};
    for (auto& process : processes_)
      if (!process.killed && !process.ended_badly && process.child.status().value_or(0) != 0) {
        process.ended_badly = true;
        complaints_.push_back(fmt::format("{} ended with status {}; its log: {}", process.name,
                                          *process.child.status(),
                                          (folder_ / (process.name + ".log")).string()));
        // Before the talk nothing else can be shown.
        if (talk_deadline_ == clock::time_point{})
          throw app_error{"demo-failed", exit_code::no, complaints_.back()};
      }
  }
  return true;
}

void demo_run::take_reports(int patience_ms) {
  std::vector<pollfd> ready;
  for (const auto& process : processes_)
    if (process.child.open()) ready.push_back({process.child.output(), POLLIN, 0});
  ::poll(ready.data(), ready.size(), patience_ms);
  for (auto& process : processes_)
    if (process.child.open())
      for (const auto& line : process.child.take_lines()) take_line(process, line);
}

void demo_run::take_line(demo_process& from, const std::string& line) {
  auto report = json_of(line);
  if (!report.is_object()) return;
  const auto kind = report.value("is", "");
  if (kind == "ready") from.address = report["address"];
  if (kind == "progress")
    from.last = std::move(report);
  else if (kind == "final")
    from.final = std::move(report);
  else if (kind == "failed")
    complaints_.push_back(fmt::format("{}: {}", from.name, report.value("why", "")));
}

void demo_run::show_progress() {
  if (clock::now() - shown_ < 100ms) return;
  shown_ = clock::now();
  std::uint64_t said = 0, delivered = 0, whispers = 0, heard = 0;
  for (const auto& process : processes_) {
    said += process.figure("said");
    delivered += process.figure("delivered");
    whispers += process.figure("whispers");
    heard += process.figure("whispers_heard");
  }
  terminal_.progress(fmt::format("  {:.0f}s  {:3.0f}%  said {}, heard {}; whispered {}, heard {}",
                                 std::chrono::duration<double>(clock::now() - begun_).count(),
                                 talked() * 100, said, delivered, whispers, heard));
}

double demo_run::talked() const {
  std::uint64_t said = 0, founders = 0;
  for (const auto& process : processes_)
    if (!process.late && !process.killed && !process.ended_badly) {
      said += process.figure("said");
      ++founders;
    }
  const auto all = founders * options_.messages;
  return all == 0 ? 1 : static_cast<double>(said) / static_cast<double>(all);
}

bool demo_run::has_heard_all(const demo_process& who) const {
  const auto heard = who.last.value("heard", json::object());
  return std::ranges::all_of(processes_, [&](const auto& author) {
    const auto last = author.figure("last_index");
    if (author.killed || author.ended_badly || last == 0) return true;
    const auto before = who.said_before.find(author.name);
    if (who.late && before != who.said_before.end() && before->second == last) return true;
    return heard.value(author.name, 0ull) >= last;
  });
}

bool demo_run::settled() const {
  // Of the killed one's messages, founders must have heard the same; quiet does the rest.
  std::optional<std::uint64_t> of_killed;
  for (const auto& process : processes_) {
    if (process.killed || process.ended_badly) continue;
    if (!process.is("done") || !has_heard_all(process)) return false;
    if (process.late) continue;
    const auto heard = process.last.value("heard", json::object());
    std::uint64_t sum = 0;
    for (const auto& author : processes_)
      if (author.killed) sum += heard.value(author.name, 0ull);
    if (of_killed && *of_killed != sum) return false;
    of_killed = sum;
  }
  return true;
}

json demo_run::fingerprint() const {
  json all = json::array();
  for (const auto& process : processes_) {
    all.push_back(process.figure("delivered"));
    all.push_back(process.figure("whispers_heard"));
    all.push_back(process.figure("said"));
  }
  return all;
}

}  // namespace causerie::apps
