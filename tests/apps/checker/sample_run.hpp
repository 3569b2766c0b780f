// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/checker/checker.hpp"

namespace causerie::checker {

/// Builds histories by hand: every call appends one entry to one node's present life, and time
/// goes on by a microsecond.
class sample_run {
public:
  std::vector<history> lives;

  std::size_t begin(const std::string& node, std::uint64_t life = 1) {
    lives.push_back({node, life, {}});
    entry start{.kind = entry_kind::start};
    start.peer = "id-of-" + node;
    add(lives.size() - 1, start);
    return lives.size() - 1;
  }
  void joined(std::size_t who) { add(who, group(entry_kind::joined, {})); }
  void send(std::size_t who, const std::string& id) {
    auto what = group(entry_kind::send, id);
    what.hash = hash_of(id);
    add(who, what);
  }
  /// `number`: from the digits after the last colon, as these tests name messages "a:1".
  void deliver(std::size_t who, const std::string& id) {
    auto what = group(entry_kind::deliver, id);
    what.hash = hash_of(id);
    what.number = std::stoull(id.substr(id.rfind(':') + 1));
    add(who, what);
  }
  void gap(std::size_t who, const std::string& node, std::uint64_t first, std::uint64_t last) {
    auto what = group(entry_kind::gap, {});
    what.ranges.push_back({node, 1, first, last});
    add(who, what);
  }
  void whisper(std::size_t who, const std::string& peer, const std::string& id) {
    auto what = direct(entry_kind::private_send, peer, id);
    what.hash = hash_of(id);
    add(who, what);
  }
  void hear(std::size_t who, const std::string& peer, const std::string& id) {
    auto what = direct(entry_kind::private_deliver, peer, id);
    what.hash = hash_of(id);
    add(who, what);
  }
  void outcome(std::size_t who, const std::string& peer, const std::string& id,
               const std::string& result) {
    auto what = direct(entry_kind::outcome, peer, id);
    what.text = result;
    add(who, what);
  }
  void finish(std::size_t who) { add(who, entry{.kind = entry_kind::finish}); }

  entry& add(std::size_t who, entry what) {
    what.at_ns = now_ns_ += 1000;
    lives[who].entries.push_back(std::move(what));
    return lives[who].entries.back();
  }
  static entry group(entry_kind kind, const std::string& id) {
    entry what{.kind = kind};
    what.where = "lobby";
    what.message = id;
    return what;
  }
  static entry direct(entry_kind kind, const std::string& peer, const std::string& id) {
    entry what{.kind = kind};
    what.where = "main";
    what.peer = peer;
    what.message = id;
    return what;
  }
  static std::uint64_t hash_of(const std::string& id) { return std::hash<std::string>{}(id); }

private:
  std::int64_t now_ns_ = 0;
};

/// Ann asks (a:1), Bob answers (b:1), Cid hears both, Ann thanks (a:2); Ann whispers twice to Bob.
/// Each caller may leave out, double or move entries before `finish`.
struct small_talk : sample_run {
  std::size_t ann = begin("ann"), bob = begin("bob"), cid = begin("cid");

  small_talk() {
    for (const auto who : {ann, bob, cid}) joined(who);
    send(ann, "a:1");
    deliver(ann, "a:1");
    deliver(bob, "a:1");
    send(bob, "b:1");
    deliver(bob, "b:1");
    deliver(ann, "b:1");
    send(ann, "a:2");
    deliver(ann, "a:2");
    deliver(bob, "a:2");
    for (const auto* id : {"a:1", "b:1", "a:2"}) deliver(cid, id);
    for (const auto* id : {"w:1", "w:2"}) whisper(ann, "bob", id);
    for (const auto* id : {"w:1", "w:2"}) hear(bob, "ann", id);
    for (const auto* id : {"w:1", "w:2"}) outcome(ann, "bob", id, "delivered");
  }

  /// The entry of this kind about this message at this node.
  std::vector<entry>::iterator find(std::size_t who, entry_kind kind, const std::string& id) {
    auto at = lives[who].entries.begin();
    while (at->kind != kind || at->message != id) ++at;
    return at;
  }
  void forget(std::size_t who, entry_kind kind, const std::string& id) {
    lives[who].entries.erase(find(who, kind, id));
  }
  verdict judge() {
    for (const auto who : {ann, bob, cid}) finish(who);
    return check(lives);
  }
};

/// That this violation, and as many of it, was found.
inline bool found(const verdict& judged, violation_kind kind, std::uint64_t times = 1) {
  return !judged.holds() && judged.count(kind) == times && !judged.violations.empty();
}
/// That it is the only one.
inline bool only(const verdict& judged, violation_kind kind, std::uint64_t times = 1) {
  std::uint64_t all = 0;
  for (const auto count : judged.counts) all += count;
  return found(judged, kind, times) && all == times;
}

}  // namespace causerie::checker
