// SPDX-License-Identifier: BSL-1.0
#include <cstring>

#include <sys/resource.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "apps/causerie/bench/latency_histogram.hpp"
#include "apps/causerie/node/directed_process.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "net/udp/as_result.hpp"

namespace causerie::apps {

using net::as_result;

namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;
constexpr std::uint64_t in_flight_max = 1024;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

long rss_kib_max() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

/// The sending time (this machine's monotonic clock) and filling.
protocol::shared_bytes stamped(std::size_t bytes) {
  protocol::byte_buffer payload(std::max(bytes, sizeof(clock::rep)));
  const auto now = clock::now().time_since_epoch().count();
  std::memcpy(payload.data(), &now, sizeof now);
  return protocol::shared_bytes{std::move(payload)};
}

duration age_of(const protocol::shared_bytes& payload) {
  clock::rep sent = 0;
  if (payload.size() >= sizeof sent) std::memcpy(&sent, payload.data(), sizeof sent);
  return clock::now().time_since_epoch() - clock::duration{sent};
}

/// One node of a benchmark: sends as it is told, counts what arrives.
class bench_member final : public directed_process {
public:
  bench_member(asio::io_context& io, invocation& run)
      : directed_process{io, run},
        bytes_{run.given.count("size", 100)},
        in_group_{run.given.has("group")} {}

private:
  void begin() override {
    if (in_group_) asio::co_spawn(io_, receive_in_group(), asio::detached);
    if (in_group_) return;
    asio::co_spawn(io_, receive("bench", /*echo=*/false), asio::detached);
    asio::co_spawn(io_, receive("ping", /*echo=*/true), asio::detached);
    asio::co_spawn(io_, receive("pong", /*echo=*/false), asio::detached);
  }

  json progress() const override {
    return {{"is", "progress"}, {"joined", joined_},       {"present", present_},
            {"sent", sent_},    {"delivered", delivered_}, {"sending", sending_}};
  }

  asio::awaitable<bool> obey(json order) override {
    const auto what = order.value("do", "");
    if (what == "group") asio::co_spawn(io_, send_to_group(order), asio::detached);
    if (what == "one-way") asio::co_spawn(io_, send_one_way(order), asio::detached);
    if (what == "ping-pong") asio::co_spawn(io_, ping_pong(order), asio::detached);
    if (what == "reset") reset();
    if (what == "report") say_figures();
    co_return what != "finish";
  }

  void reset() {
    sent_ = delivered_ = 0;
    latencies_ = {};
    cpu_before_ = cpu_seconds();
  }

  void say_figures() {
    report({{"is", "figures"},
            {"sent", sent_},
            {"delivered", delivered_},
            {"cpu_s", cpu_seconds() - cpu_before_},
            {"rss_kib_max", rss_kib_max()},
            {"latencies", latencies_.to_json()}});
  }

  asio::awaitable<void> receive_in_group() {
    auto membership = co_await node().join("bench", service().membership());
    if (!membership) {
      report({{"is", "failed"}, {"why", membership.error().message()}});
      co_return;
    }
    group_.emplace(std::move(membership));
    for (;;) {
      const auto event = co_await group_->next();
      if (!event) co_return;
      take(*event);
      group_->commit(event->position);
    }
  }

  void take(const group_event& event) {
    if (const auto* message = std::get_if<protocol::message_event>(&event.what)) {
      ++delivered_;
      if (message->id.sender.node != node().id()) latencies_.add(age_of(message->payload));
    } else if (const auto* joined = std::get_if<protocol::joined_event>(&event.what)) {
      joined_ = true;
      present_ = joined->members.size();
    } else if (std::holds_alternative<protocol::member_up_event>(event.what)) {
      ++present_;
    }
  }

  asio::awaitable<void> receive(std::string channel, bool echo) {
    for (;;) {
      const auto received = co_await node().receive(channel);
      if (!received) co_return;
      ++delivered_;
      if (!echo) latencies_.add(age_of(received->payload));
      if (echo)
        asio::co_spawn(io_, answer(received->sender.node, received->payload), asio::detached);
      if (channel == "pong") ponged_.cancel();
    }
  }

  asio::awaitable<void> answer(node_id to, protocol::shared_bytes payload) {
    (void)co_await node().send(to, std::move(payload), "pong");
  }

  /// `rate`: messages a second, 0 as fast as credit allows.
  asio::awaitable<void> send_to_group(json order) {
    sending_ = true;
    const auto end = clock::now() + std::chrono::milliseconds{order.value("for_ms", 1000)};
    const auto rate = order.value("rate", 0.0);
    const auto gap =
        rate > 0 ? std::chrono::duration_cast<duration>(std::chrono::duration<double>{1 / rate})
                 : duration{};
    asio::steady_timer timer{io_};
    for (auto next = clock::now(); clock::now() < end; next += gap) {
      if (gap > duration{}) {
        timer.expires_at(next);
        co_await timer.async_wait(as_result);
      }
      if (!co_await group_->send(stamped(bytes_))) break;
      ++sent_;
    }
    sending_ = false;
  }

  asio::awaitable<void> send_counted(node_id to, std::string channel) {
    const auto outcome = co_await node().send(to, stamped(bytes_), std::move(channel));
    if (!outcome || *outcome != delivery::delivered) ++failed_;
    --in_flight_;
    settled_.cancel();
  }

  asio::awaitable<void> send_one_way(json order) {
    sending_ = true;
    const auto end = clock::now() + std::chrono::milliseconds{order.value("for_ms", 1000)};
    const auto peer = co_await node().find(order.value("to", ""));
    while (peer && clock::now() < end) {
      while (in_flight_ >= in_flight_max) co_await settled_.async_wait(as_result);
      ++in_flight_;
      ++sent_;
      asio::co_spawn(io_, send_counted(peer->who.node, "bench"), asio::detached);
      // The loop must also serve what comes back.
      if (sent_ % 64 == 0) co_await asio::post(io_, asio::use_awaitable);
    }
    while (in_flight_ != 0) co_await settled_.async_wait(as_result);
    sending_ = false;
  }

  asio::awaitable<void> ping_pong(json order) {
    sending_ = true;
    const auto end = clock::now() + std::chrono::milliseconds{order.value("for_ms", 1000)};
    const auto peer = co_await node().find(order.value("to", ""));
    while (peer && clock::now() < end) {
      const auto before = delivered_;
      ++in_flight_;
      ++sent_;
      asio::co_spawn(io_, send_counted(peer->who.node, "ping"), asio::detached);
      const auto patience = clock::now() + std::chrono::seconds{5};
      while (delivered_ == before && clock::now() < patience) {
        ponged_.expires_at(patience);
        co_await ponged_.async_wait(as_result);
      }
    }
    sending_ = false;
  }

  std::size_t bytes_;
  bool in_group_;
  std::optional<group> group_;
  bool joined_ = false, sending_ = false;
  std::size_t present_ = 0;
  std::uint64_t sent_ = 0, delivered_ = 0, failed_ = 0, in_flight_ = 0;
  double cpu_before_ = 0;
  latency_histogram latencies_;
  asio::steady_timer settled_{io_, clock::time_point::max()}, ponged_{io_};
};

exit_code run_bench_member(invocation& run) {
  asio::io_context io{1};
  bench_member{io, run}.live();
}

}  // namespace

verb_spec bench_member_verb() {
  auto verb = node_verb();
  verb.name = "bench-member";
  verb.hidden = true;
  verb.run = run_bench_member;
  verb.flags.push_back({.name = "size", .kind = value_kind::count, .placeholder = "BYTES"});
  verb.flags.push_back({.name = "group"});
  return verb;
}

}  // namespace causerie::apps
