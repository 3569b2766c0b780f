// SPDX-License-Identifier: BSL-1.0
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/demo/demo_member.hpp"
#include "apps/causerie/node/directed_process.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {
namespace {

using net::as_result;
using nlohmann::json;

constexpr std::uint64_t without_end = 1'000'000'000;
constexpr auto count_every = std::chrono::milliseconds{100};
constexpr auto chaos_join_patience = std::chrono::hours{1};  // Splits may last.

demo_part chaos_part_of(const invocation& run, const join_options& membership) {
  demo_part part;
  part.membership = membership;
  for (const auto& number : run.given.all("no-answer"))
    part.no_answers.insert(parse_count(number).value_or(0));
  for (const auto& diary : run.given.all("earlier")) part.earlier.emplace_back(diary);
  part.as = run.given.text("as");
  part.group = run.given.text("group");
  part.messages = without_end;
  part.pause = run.given.time("pause", duration{0});
  part.whisper_pause = run.given.time("whisper-pause", duration{0});
  part.whisper_patience = std::chrono::seconds{10};
  part.seed = run.given.count("seed", 1);
  part.lines = demo_lines({});
  return part;
}

std::int64_t at_ns(const node_event& event) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(event.at.time_since_epoch()).count();
}

/// A node of a chaos run: the demo's application at a steady rate, until it is told to hush; what
/// the node sees of others goes out as it happens.
class chaos_process final : public directed_process {
public:
  chaos_process(asio::io_context& io, invocation& run)
      : directed_process{io, run},
        diary_{run.given.text("history"), service().facts().name,
               protocol::number(service().facts().epoch), service().facts().id.text()},
        member_{io, node(), chaos_part_of(run, service().membership()), diary_} {}

private:
  void begin() override {
    asio::co_spawn(io_, join(), asio::detached);
    asio::co_spawn(io_, tell_events(), asio::detached);
    asio::co_spawn(io_, count(), asio::detached);
  }

  json progress() const override {
    auto now = member_.progress();
    now["faults"] = faults_;
    return now;
  }

  asio::awaitable<void> join() {
    if (const auto error = co_await member_.join(chaos_join_patience))
      report({{"is", "failed"}, {"why", error.message()}});
  }

  /// What membership and supervision have to tell, with the time at which it was so.
  asio::awaitable<void> tell_events() {
    for (std::uint64_t seen = 0;;) {
      const auto events = co_await node().events(seen);
      if (events.empty()) co_return;
      for (const auto& event : events) {
        seen = event.id;
        if (event.type != "member" && event.type != "actor" && event.type != "journal") continue;
        json told{{"is", "event"}, {"type", event.type}, {"at_ns", at_ns(event)}};
        for (const auto& [name, value] : event.fields) told[name] = value;
        report(told);
      }
    }
  }

  asio::awaitable<void> count() {
    asio::steady_timer timer{io_};
    for (;;) {
      auto now = json::object();
      for (const auto& [name, value] : co_await service().counters())
        if (name.starts_with("faults.")) now[name.substr(7)] = value;
      faults_ = std::move(now);
      timer.expires_after(count_every);
      co_await timer.async_wait(as_result);
    }
  }

  asio::awaitable<bool> obey(json order) override {
    const auto what = order.value("do", "");
    if (what == "talk") member_.talk(order.value("peers", std::vector<std::string>{}));
    if (what == "peer") member_.whisper_also(order.value("name", ""));
    if (what == "hush") member_.hush();
    if (what == "slow") member_.read_slowly(duration{order.value("interval_ns", 0ll)});
    if (what == "leave") {
      member_.hush();
      co_return false;
    }
    if (what != "finish") co_return true;
    stop_progress();
    member_.finish();
    report({{"is", "final"}});
    co_return false;
  }

  checker::history_writer diary_;
  demo_member member_;
  json faults_ = json::object();
};

exit_code run_chaos_member(invocation& run) {
  asio::io_context io{1};
  chaos_process{io, run}.live();
}

}  // namespace

verb_spec chaos_member_verb() {
  auto verb = node_verb();
  verb.name = "chaos-member";
  verb.hidden = true;
  verb.run = run_chaos_member;
  for (const auto& flag :
       {flag_spec{.name = "history", .kind = value_kind::text, .placeholder = "FILE"},
        flag_spec{.name = "as", .kind = value_kind::text, .placeholder = "NAME"},
        flag_spec{.name = "group", .kind = value_kind::text, .placeholder = "NAME"},
        flag_spec{.name = "pause", .kind = value_kind::time, .placeholder = "DUR"},
        flag_spec{.name = "whisper-pause", .kind = value_kind::time, .placeholder = "DUR"},
        flag_spec{.name = "earlier",
        .kind = value_kind::text,
        .placeholder = "FILE",
        .summary = {},
        .repeated = true},
        flag_spec{.name = "no-answer",
        .kind = value_kind::count,
        .placeholder = "N",
        .summary = {},
        .repeated = true},
        flag_spec{.name = "seed", .kind = value_kind::count, .placeholder = "N"}})
    verb.flags.push_back(flag);
  return verb;
}

}  // namespace causerie::apps
