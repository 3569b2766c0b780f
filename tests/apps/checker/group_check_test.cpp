// SPDX-License-Identifier: BSL-1.0
#include "tests/apps/checker/sample_run.hpp"
#include "tests/catch.hpp"

using namespace causerie::checker;
using kind = violation_kind;

TEST_CASE("a run in which everybody saw everything in order holds", "[checker]") {
  small_talk run;
  const auto judged = run.judge();
  CHECK(judged.holds());
  CHECK(judged.survivors == 3);
  CHECK(judged.messages == 3);
  CHECK(judged.deliveries == 9);
  REQUIRE(judged.rows.size() == 3);
  CHECK(judged.rows[0].sent == 2);
  CHECK(judged.rows[2].delivered == 3);
}

TEST_CASE("a message that a survivor never saw is missing", "[checker]") {
  small_talk run;
  run.forget(run.cid, entry_kind::deliver, "a:2");
  const auto judged = run.judge();
  CHECK(only(judged, kind::missing));
  CHECK(judged.rows[2].missing == 1);
}

TEST_CASE("a sender's own message is owed to itself", "[checker]") {
  small_talk run;
  run.forget(run.bob, entry_kind::deliver, "b:1");
  CHECK(found(run.judge(), kind::missing));
}

TEST_CASE("a cause that never came makes its effect a hole", "[checker]") {
  small_talk run;
  run.forget(run.cid, entry_kind::deliver, "a:1");
  const auto judged = run.judge();
  CHECK(found(judged, kind::causal_hole));
  CHECK(judged.rows[2].causal_inversions == 1);
}

TEST_CASE("a hole counts at a killed node too", "[checker]") {
  small_talk run;
  run.forget(run.cid, entry_kind::deliver, "a:1");
  run.finish(run.ann);
  run.finish(run.bob);
  CHECK(only(check(run.lives), kind::causal_hole));
}

TEST_CASE("an effect before its cause is an inversion", "[checker]") {
  small_talk run;
  std::iter_swap(run.find(run.cid, entry_kind::deliver, "a:1"),
                 run.find(run.cid, entry_kind::deliver, "b:1"));
  const auto judged = run.judge();
  CHECK(only(judged, kind::causal_inversion));
  CHECK(judged.rows[2].causal_inversions == 1);
}

TEST_CASE("one sender's messages out of order are an inversion", "[checker]") {
  small_talk run;
  std::iter_swap(run.find(run.cid, entry_kind::deliver, "b:1"),
                 run.find(run.cid, entry_kind::deliver, "a:2"));
  CHECK(found(run.judge(), kind::causal_inversion));
}

TEST_CASE("concurrent messages may come in any order", "[checker]") {
  small_talk run;
  run.send(run.bob, "b:2");
  run.send(run.cid, "c:1");
  for (const auto* id : {"b:2", "c:1"}) run.deliver(run.ann, id);
  for (const auto* id : {"b:2", "c:1"}) run.deliver(run.bob, id);
  for (const auto* id : {"c:1", "b:2"}) run.deliver(run.cid, id);
  CHECK(run.judge().holds());
}

TEST_CASE("an inversion is seen through a third node's messages", "[checker]") {
  sample_run run;
  const auto a = run.begin("a"), b = run.begin("b"), c = run.begin("c"), d = run.begin("d");
  for (const auto who : {a, b, c, d}) run.joined(who);
  run.send(a, "a:1");
  run.deliver(b, "a:1");
  run.send(b, "b:1");
  run.deliver(c, "a:1");
  run.deliver(c, "b:1");
  run.send(c, "c:1");
  for (const auto* id : {"c:1", "b:1", "a:1"}) run.deliver(d, id);  // d survives, others do not.
  run.finish(d);
  CHECK(check(run.lives).count(kind::causal_inversion) == 2);
}

TEST_CASE("a message delivered twice is doubled", "[checker]") {
  small_talk run;
  run.deliver(run.cid, "b:1");
  const auto judged = run.judge();
  CHECK(only(judged, kind::doubled));
  CHECK(judged.rows[2].doubled == 1);
}

TEST_CASE("a message that nobody sent is invented", "[checker]") {
  small_talk run;
  run.deliver(run.cid, "x:1");
  CHECK(only(run.judge(), kind::invented));
}

TEST_CASE("a refused send counts as never sent, and its id may be used again", "[checker]") {
  small_talk run;
  run.send(run.bob, "b:2");
  run.add(run.bob, sample_run::group(entry_kind::refused, "b:2"));
  SECTION("nobody saw it") { CHECK(run.judge().holds()); }
  SECTION("somebody saw it") {
    run.deliver(run.cid, "b:2");
    CHECK(only(run.judge(), kind::invented));
  }
  SECTION("it was sent again") {
    run.send(run.bob, "b:2");
    for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "b:2");
    CHECK(run.judge().holds());
  }
}

TEST_CASE("two sends under one id are the application's fault", "[checker]") {
  small_talk run;
  run.send(run.cid, "a:1");
  CHECK(found(run.judge(), kind::id_reused));
}

TEST_CASE("another payload, author or number than was sent is an alteration", "[checker]") {
  small_talk run;
  auto& what = *run.find(run.cid, entry_kind::deliver, "b:1");
  SECTION("payload") { ++what.hash; }
  SECTION("author") { what.peer = "ann"; }
  SECTION("life of the author") {
    what.peer = "bob";
    what.peer_life = 7;
  }
  SECTION("number") { what.number = 9; }
  CHECK(only(run.judge(), kind::altered));
}

TEST_CASE("an author may be called by its id", "[checker]") {
  small_talk run;
  auto& what = *run.find(run.cid, entry_kind::deliver, "b:1");
  what.peer = "id-of-bob";
  what.peer_life = 1;
  CHECK(run.judge().holds());
}

TEST_CASE("a declared gap excuses what it covers, at its place", "[checker]") {
  small_talk run;
  auto& entries = run.lives[run.cid].entries;
  run.gap(run.cid, "bob", 1, 1);
  auto declared = entries.back();
  entries.pop_back();
  SECTION("before the effect") {
    *run.find(run.cid, entry_kind::deliver, "b:1") = declared;
    const auto judged = run.judge();
    CHECK(judged.holds());
    CHECK(judged.rows[2].gaps == 1);
    CHECK(judged.rows[2].messages_in_gaps == 1);
  }
  SECTION("after the effect") {
    run.forget(run.cid, entry_kind::deliver, "b:1");
    entries.push_back(declared);
    CHECK(only(run.judge(), kind::late_gap));
  }
  SECTION("of something that is delivered later") {
    entries.insert(run.find(run.cid, entry_kind::deliver, "b:1"), declared);
    CHECK(only(run.judge(), kind::delivered_after_gap));
  }
  SECTION("of another range") {
    declared.ranges[0].first = declared.ranges[0].last = 2;
    *run.find(run.cid, entry_kind::deliver, "b:1") = declared;
    CHECK(found(run.judge(), kind::missing));
  }
}

TEST_CASE("a gap covers what nobody could number, between what somebody did", "[checker]") {
  small_talk run;
  const auto dan = run.begin("dan");  // Is killed, and has not read what it said itself.
  run.joined(dan);
  for (const auto* id : {"d:1", "d:2", "d:3"}) run.send(dan, id);
  const auto hear = [&](const std::string& id) {
    for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, id);
  };
  hear("d:1");
  const auto lost = [&](std::uint64_t first, std::uint64_t last) {
    for (const auto who : {run.ann, run.bob, run.cid}) run.gap(who, "dan", first, last);
  };
  SECTION("the gap lies there") {
    lost(2, 2);
    hear("d:3");
    CHECK(run.judge().holds());
  }
  SECTION("it lies elsewhere") {
    lost(4, 5);
    hear("d:3");
    CHECK_FALSE(run.judge().holds());
  }
  SECTION("there is none") {
    hear("d:3");
    CHECK_FALSE(run.judge().holds());
  }
}

TEST_CASE("a killed sender's message owes all or nobody", "[checker]") {
  small_talk run;
  const auto dan = run.begin("dan");
  run.joined(dan);
  run.send(dan, "d:1");
  SECTION("nobody got it") { CHECK(run.judge().holds()); }
  SECTION("one survivor got it") {
    run.deliver(run.ann, "d:1");
    const auto judged = run.judge();
    CHECK(only(judged, kind::missing, 2));
    CHECK(judged.survivors == 3);
  }
  SECTION("only another killed one got it") {
    const auto eve = run.begin("eve");
    run.joined(eve);
    run.deliver(eve, "d:1");
    CHECK(run.judge().holds());
  }
}

TEST_CASE("a late joiner owes nothing of before, and everything after", "[checker]") {
  small_talk run;
  run.send(run.bob, "b:2");  // Before dan has joined: may lie below its start.
  const auto dan = run.begin("dan");
  run.joined(dan);
  for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "b:2");
  SECTION("nothing came") {
    run.finish(dan);
    CHECK(run.judge().holds());
  }
  SECTION("one came of before the join: what follows is owed") {
    run.lives[run.bob].entries.pop_back();
    run.send(run.bob, "b:3");
    for (const auto who : {run.ann, run.cid}) run.deliver(who, "b:3");
    for (const auto* id : {"b:2", "b:3"}) run.deliver(run.bob, id);
    SECTION("it came") {
      run.deliver(dan, "b:3");
      run.finish(dan);
      CHECK(run.judge().holds());
    }
    SECTION("by the clock") {
      run.finish(dan);
      CHECK(only(run.judge(), kind::missing));
    }
  }
  SECTION("without a common clock its own events decide") {
    run.send(run.ann, "a:3");
    for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "a:3");
    SECTION("nothing seen, nothing owed") {
      run.finish(dan);
      for (const auto who : {run.ann, run.bob, run.cid}) run.finish(who);
      CHECK(check(run.lives, {.common_clock = false}).holds());
    }
    SECTION("an effect of its own message is owed") {
      run.send(dan, "d:1");
      for (const auto who : {dan, run.ann, run.bob, run.cid}) run.deliver(who, "d:1");
      run.send(run.cid, "c:1");
      for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "c:1");
      run.finish(dan);
      for (const auto who : {run.ann, run.bob, run.cid}) run.finish(who);
      const auto judged = check(run.lives, {.common_clock = false});
      CHECK(only(judged, kind::missing));
      CHECK(judged.violations.at(0).text.find("c:1") != std::string::npos);
    }
  }
}

TEST_CASE("a new life is another participant", "[checker]") {
  small_talk run;
  const auto dan = run.begin("dan", 1);
  run.joined(dan);
  run.send(dan, "d1:1");
  for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "d1:1");
  const auto again = run.begin("dan", 2);
  run.joined(again);
  run.send(again, "d2:1");
  for (const auto who : {run.ann, run.bob, run.cid, again}) run.deliver(who, "d2:1");
  run.finish(again);
  const auto judged = run.judge();
  CHECK(judged.holds());
  CHECK(judged.rows[3].lives == 2);
  CHECK(judged.rows[3].survivor);
}

TEST_CASE("a member that left owes nothing more, and may not deliver more", "[checker]") {
  small_talk run;
  run.add(run.cid, sample_run::group(entry_kind::ended, {}));
  run.send(run.ann, "a:3");
  for (const auto who : {run.ann, run.bob}) run.deliver(who, "a:3");
  SECTION("silent") { CHECK(run.judge().holds()); }
  SECTION("not silent") {
    run.deliver(run.cid, "a:3");
    CHECK(only(run.judge(), kind::outside_membership));
  }
}

TEST_CASE("stable means that its holders have it", "[checker]") {
  small_talk run;
  const auto dan = run.begin("dan");
  run.joined(dan);
  run.send(dan, "d:1");
  run.deliver(dan, "d:1");
  auto stable = sample_run::group(entry_kind::stable, {});
  stable.number = 1;
  stable.holders = {"id-of-ann", "id-of-bob", "id-of-cid"};
  run.add(dan, stable);
  SECTION("true") {
    for (const auto who : {run.ann, run.bob, run.cid}) run.deliver(who, "d:1");
    CHECK(run.judge().holds());
  }
  SECTION("false, and its author is dead") { CHECK(only(run.judge(), kind::false_stable, 3)); }
}

TEST_CASE("violations are listed in words up to the bound and counted beyond", "[checker]") {
  small_talk run;
  for (int i = 0; i < 9; ++i) run.deliver(run.cid, "b:1");
  for (const auto who : {run.ann, run.bob, run.cid}) run.finish(who);
  const auto judged = check(run.lives, {.violations_listed_max = 4});
  CHECK(judged.count(kind::doubled) == 9);
  REQUIRE(judged.violations.size() == 4);
  CHECK(judged.violations[0].text == "at cid (life 1): b:1 of bob was delivered twice");
}
