// SPDX-License-Identifier: BSL-1.0
#include "tests/apps/checker/sample_run.hpp"
#include "tests/catch.hpp"

using namespace causerie::checker;
using kind = violation_kind;

TEST_CASE("private messages out of their channel's order are an inversion", "[checker][channel]") {
  small_talk run;
  std::iter_swap(run.find(run.bob, entry_kind::private_deliver, "w:1"),
                 run.find(run.bob, entry_kind::private_deliver, "w:2"));
  const auto judged = run.judge();
  CHECK(only(judged, kind::fifo_inversion));
  CHECK(judged.rows[1].fifo_inversions == 1);
}

TEST_CASE("two channels do not order each other", "[checker][channel]") {
  small_talk run;
  for (const auto who : {run.ann, run.bob})
    for (auto& what : run.lives[who].entries)
      if (what.message == "w:2") what.where = "other";
  std::iter_swap(run.find(run.bob, entry_kind::private_deliver, "w:1"),
                 run.find(run.bob, entry_kind::private_deliver, "w:2"));
  CHECK(run.judge().holds());
}

TEST_CASE("a private message delivered twice is doubled", "[checker][channel]") {
  small_talk run;
  run.hear(run.bob, "ann", "w:2");
  CHECK(only(run.judge(), kind::private_doubled));
}

TEST_CASE("a private message that was not sent, or not here, is invented", "[checker][channel]") {
  small_talk run;
  SECTION("nobody sent it") { run.hear(run.bob, "ann", "w:3"); }
  SECTION("it was for another node") { run.hear(run.cid, "ann", "w:1"); }
  SECTION("by another sender") {
    run.find(run.bob, entry_kind::private_deliver, "w:1")->peer = "cid";
    run.outcome(run.ann, "bob", "w:0", "unknown");  // Of a message that was never sent.
    CHECK(run.judge().count(kind::private_invented) == 2);
    return;
  }
  CHECK(found(run.judge(), kind::private_invented));
}

TEST_CASE("a private message with another payload is altered", "[checker][channel]") {
  small_talk run;
  ++run.find(run.bob, entry_kind::private_deliver, "w:2")->hash;
  CHECK(only(run.judge(), kind::private_altered));
}

TEST_CASE("delivered must be true", "[checker][channel]") {
  small_talk run;
  run.forget(run.bob, entry_kind::private_deliver, "w:2");
  CHECK(only(run.judge(), kind::false_delivered));
}

TEST_CASE("not_sent must be true", "[checker][channel]") {
  small_talk run;
  run.find(run.ann, entry_kind::outcome, "w:2")->text = "not_sent";
  CHECK(only(run.judge(), kind::false_not_sent));
}

TEST_CASE("unknown is honest either way", "[checker][channel]") {
  small_talk run;
  run.find(run.ann, entry_kind::outcome, "w:2")->text = "unknown";
  SECTION("it arrived") {}
  SECTION("it did not") { run.forget(run.bob, entry_kind::private_deliver, "w:2"); }
  const auto judged = run.judge();
  CHECK(judged.holds());
  CHECK(judged.rows[0].outcomes_unknown == 1);
  CHECK(judged.rows[0].outcomes_delivered == 1);
}

TEST_CASE("a survivor's message needs an outcome, and one only", "[checker][channel]") {
  small_talk run;
  SECTION("none, though it arrived") {
    run.forget(run.ann, entry_kind::outcome, "w:2");
    CHECK(only(run.judge(), kind::outcome_missing));
  }
  SECTION("none, and it never arrived") {
    run.forget(run.ann, entry_kind::outcome, "w:2");
    run.forget(run.bob, entry_kind::private_deliver, "w:2");
    CHECK(found(run.judge(), kind::private_missing));
  }
  SECTION("two") {
    run.outcome(run.ann, "bob", "w:2", "delivered");
    CHECK(only(run.judge(), kind::outcome_doubled));
  }
  SECTION("none is fine for a killed sender") {
    run.forget(run.ann, entry_kind::outcome, "w:2");
    run.finish(run.bob);
    run.finish(run.cid);
    CHECK(check(run.lives).holds());
  }
}

TEST_CASE("a refused private message was never sent", "[checker][channel]") {
  small_talk run;
  run.whisper(run.ann, "bob", "w:3");
  run.add(run.ann, sample_run::direct(entry_kind::private_refused, "bob", "w:3"));
  const auto judged = run.judge();
  CHECK(judged.holds());
  CHECK(judged.rows[0].private_sent == 2);
}
