// SPDX-License-Identifier: BSL-1.0
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/demo/demo_member.hpp"
#include "apps/causerie/node/directed_process.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

demo_part part_of(const invocation& run) {
  demo_part part;
  part.messages = run.given.count("messages", 40);
  part.pause = run.given.time("pause", std::chrono::milliseconds{100});
  part.whisper_patience = run.given.time("whisper-patience", std::chrono::seconds{10});
  part.seed = run.given.count("seed", 1);
  part.lines = demo_lines(run.given.all("text"));
  return part;
}

/// A member of the demo in a process of its own.
class member_process final : public directed_process {
public:
  member_process(asio::io_context& io, invocation& run)
      : directed_process{io, run},
        diary_{run.given.text("history"), service().facts().name,
               protocol::number(service().facts().epoch), service().facts().id.text()},
        member_{io, node(), part_of(run), diary_},
        join_patience_{run.given.time("join-patience", std::chrono::seconds{60})} {}

private:
  void begin() override { asio::co_spawn(io_, join(), asio::detached); }
  json progress() const override { return member_.progress(); }

  asio::awaitable<void> join() {
    const auto error = co_await member_.join(join_patience_);
    if (error) report({{"is", "failed"}, {"why", error.message()}});
  }

  asio::awaitable<bool> obey(json order) override {
    const auto what = order.value("do", "");
    if (what == "talk") member_.talk(order.value("peers", std::vector<std::string>{}));
    if (what != "finish") co_return true;
    stop_progress();
    member_.finish();
    co_await say_final();
    co_return false;
  }

  asio::awaitable<void> say_final() {
    json final{{"is", "final"}};
    auto& figures = final["counters"] = json::object();
    for (const auto& [name, value] : co_await service().counters())
      if (value != 0) figures[name] = value;
    std::uint64_t restarts = 0;
    for (const auto& actor : co_await service().actors()) restarts += actor.restarts;
    final["restarts"] = restarts;
    report(final);
  }

  checker::history_writer diary_;
  demo_member member_;
  duration join_patience_;
};

exit_code run_member(invocation& run) {
  asio::io_context io{1};
  member_process{io, run}.live();
}

}  // namespace

verb_spec demo_member_verb() {
  auto verb = node_verb();
  verb.name = "demo-member";
  verb.hidden = true;
  verb.run = run_member;
  for (const auto& flag : {
           flag_spec{.name = "history", .kind = value_kind::text, .placeholder = "FILE"},
           flag_spec{.name = "messages", .kind = value_kind::count, .placeholder = "N"},
           flag_spec{.name = "pause", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "whisper-patience", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "join-patience", .kind = value_kind::time, .placeholder = "DUR"},
           flag_spec{.name = "seed", .kind = value_kind::count, .placeholder = "N"},
           flag_spec{
               .name = "text", .kind = value_kind::text, .placeholder = "FILE", .repeated = true},
       })
    verb.flags.push_back(flag);
  return verb;
}

}  // namespace causerie::apps
