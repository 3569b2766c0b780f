// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_desk.hpp"

#include "actors/journal_gate.hpp"
#include "journal/faulty_store.hpp"
#include "journal/simulated_disk.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using namespace std::chrono_literals;
using actors::journal_desk;
using actors::journal_gate;
using journal::journal_errc;

namespace {

/// A desk on a disk that can be made to fail.
struct office {
  journal::simulated_disk disk;
  std::shared_ptr<journal::disk_faults> faults = std::make_shared<journal::disk_faults>();
  std::shared_ptr<journal_desk> desk = open();

  std::shared_ptr<journal_desk> open() {
    auto store = disk.open(/*synced=*/false);
    REQUIRE(store);
    auto journal = journal::node_journal::open(
        std::make_unique<journal::faulty_store>(std::move(*store), faults, [](auto) {}),
        {protocol::node_id{{1}}, protocol::wall_time{}, {}, {}, true});
    REQUIRE(journal);
    return std::make_shared<journal_desk>(std::move(*journal));
  }
  journal_desk::ticket leave(const std::string& key) const {
    journal::batch work;
    work.add(journal::note_written{"test", key, protocol::shared_bytes::copy_of(key)});
    return desk->leave(std::move(work));
  }
  bool has(const std::string& key) { return (*desk->note("test", key)).has_value(); }
};

constexpr protocol::instant start{1h};
constexpr protocol::wall_time today{};

journal_gate gate_of(const office& at) {
  return {at.desk, {protocol::group_id{{7}}, "lobby", {protocol::node_id{{1}}, {}}}, 0};
}
std::vector<protocol::group_note> cursor(protocol::cursor up_to) {
  return {protocol::kept::read_up_to{up_to}};
}

}  // namespace

TEST_CASE("what was left is kept at once, whoever left it", "[actors][journal]") {
  office at;
  CHECK_FALSE(at.desk->kept_more());
  (void)at.leave("one");
  const auto last = at.leave("two");
  CHECK(at.desk->kept_up_to() < last);
  CHECK(at.desk->keep_at_once());
  CHECK(at.desk->kept_up_to() == last);
  CHECK(at.desk->kept_more());  // The writer tells those that did not keep it themselves.
  CHECK_FALSE(at.desk->kept_more());
  CHECK(at.has("one"));
  CHECK(at.has("two"));
}

TEST_CASE("a full disk is the writer's, who hears of it once", "[actors][journal]") {
  office at;
  at.faults->full = true;
  const auto ticket = at.leave("one");
  CHECK_FALSE(at.desk->keep_at_once());
  CHECK(at.desk->change_of_trouble() == make_error_code(journal_errc::disk_full));
  CHECK_FALSE(at.desk->change_of_trouble());
  at.faults->full = false;
  (void)at.leave("two");
  CHECK_FALSE(at.desk->keep_at_once());  // Who comes later does not overtake the writer's retry.
  CHECK(at.desk->kept_up_to() < ticket);
  CHECK(at.desk->keep_all());
  CHECK(at.desk->change_of_trouble() == std::error_code{});
  CHECK(at.has("one"));
  CHECK(at.has("two"));
}

TEST_CASE("a disk that fails for good at somebody else's hands is told too", "[actors][journal]") {
  office at;
  at.faults->fail_next_sync = true;
  (void)at.leave("one");
  CHECK_FALSE(at.desk->keep_at_once());
  REQUIRE(at.desk->change_of_trouble());
  CHECK(journal::is_final(at.desk->trouble()));
}

TEST_CASE("what waits when the desk closes is kept", "[actors][journal]") {
  office at;
  (void)at.leave("one");
  at.desk->close();
  CHECK_FALSE(at.desk->keep_at_once());
  at.desk = at.open();
  CHECK(at.has("one"));
}

TEST_CASE("a cursor alone waits for what comes next, and no longer than it may",
          "[actors][journal]") {
  const office at;
  auto gate = gate_of(at);
  CHECK_FALSE(gate.put({}, cursor(3), today, start));
  CHECK(gate.due() == start + journal_gate::cursor_may_wait);
  CHECK_FALSE(gate.put({}, cursor(4), today, start + 1ms));
  CHECK(gate.due() == start + journal_gate::cursor_may_wait);
  CHECK_FALSE(gate.put({}, {}, today, start + 19ms));
  CHECK(gate.put({}, {}, today, start + 20ms));
  CHECK_FALSE(gate.due());
  CHECK_FALSE(gate.put({}, {}, today, start + 1s));

  CHECK_FALSE(gate.put({}, cursor(5), today, start + 2s));
  journal_gate::turn came;
  came.events = 1;
  std::vector<protocol::group_note> notes{protocol::kept::event{1, {}, {}}};
  CHECK(gate.put(std::move(came), std::move(notes), today, start + 2s));
  CHECK_FALSE(gate.due());
  CHECK(gate.take_kept().empty());
  CHECK(at.desk->keep_at_once());
  CHECK(gate.take_kept().size() == 1);
  CHECK(gate.readable() == 1);
}

TEST_CASE("a cursor that somebody waits for does not wait", "[actors][journal]") {
  const office at;
  auto gate = gate_of(at);
  journal_gate::turn came;
  bool answered = false;
  came.answers.emplace_back([&](const auto&) { answered = true; }, protocol::message_id{});
  CHECK(gate.put(std::move(came), cursor(3), today, start));
  CHECK(at.desk->keep_at_once());
  for (auto& turn : gate.take_kept())
    for (auto& [done, sent] : turn.answers) done(std::move(sent));
  CHECK(answered);
}
