// SPDX-License-Identifier: BSL-1.0
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "apps/checker/checker.hpp"
#include "apps/checker/history_line.hpp"
#include "apps/checker/history_reader.hpp"
#include "apps/checker/history_writer.hpp"
#include "apps/checker/payload_hash.hpp"
#include "protocol/bytes.hpp"
#include "tests/catch.hpp"

using namespace causerie::checker;
using causerie::protocol::shared_bytes;

namespace {

struct temporary_file {
  std::filesystem::path path;
  temporary_file() {
    std::string name = (std::filesystem::temp_directory_path() / "history-XXXXXX").string();
    const int made = ::mkstemp(name.data());
    REQUIRE(made >= 0);
    ::close(made);
    path = name;
  }
  ~temporary_file() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("what a node writes is what the checker reads", "[checker][history]") {
  const temporary_file ann_file, bob_file;
  const auto text = shared_bytes::copy_of("Ça va? \xff");  // Not even UTF-8.
  {
    history_writer ann{ann_file.path, "ann", 1, "aa"}, bob{bob_file.path, "bob", 7, "bb"};
    ann.joined("lobby");
    bob.joined("lobby");
    ann.send("lobby", "a:1", text.view());
    ann.deliver("lobby", "a:1", text.view(), "aa", 1, 3);
    bob.deliver("lobby", "a:1", text.view(), "aa", 1, 3);
    bob.gap("lobby", {{"aa", 1, 1, 2}}, "unreachable");
    ann.send("lobby", "a:2", text.view());
    ann.refused("lobby", "a:2");
    ann.private_send("bb", "main", "w:1", text.view());
    bob.private_deliver("aa", "main", "w:1", text.view());
    ann.outcome("bb", "main", "w:1", "delivered");
    ann.private_send("bb", "main", "w:2", text.view());
    ann.private_refused("bb", "main", "w:2");
    ann.restart("groups/lobby");
    bob.ended("lobby", "left");
    ann.finish();
    bob.finish();
  }
  auto read = read_histories(ann_file.path);
  const auto other = read_histories(bob_file.path);
  CHECK(read.lines_unreadable == 0);
  CHECK_FALSE(read.torn);
  REQUIRE(read.lives.size() == 1);
  REQUIRE(other.lives.size() == 1);
  CHECK(read.lives[0].life == 1);
  CHECK(other.lives[0].entries.size() == 7);
  CHECK(other.lives[0].entries[3].ranges.at(0).last == 2);
  read.lives.push_back(other.lives[0]);
  const auto judged = check(read.lives);
  CHECK(judged.holds());
  CHECK(judged.rows[0].private_sent == 1);
  CHECK(judged.rows[0].actor_restarts == 1);
  CHECK(judged.deliveries == 2);
}

TEST_CASE("a torn last line is left out, a broken one before it is told", "[checker][history]") {
  std::istringstream torn{to_line("ann", 1, {.kind = entry_kind::start, .at_ns = 5}) +
                          R"({"event":"send","node":"an)"};
  const auto read = read_histories(torn);
  CHECK(read.torn);
  CHECK(read.lines == 1);
  CHECK(read.lines_unreadable == 0);
  REQUIRE(read.lives.size() == 1);

  std::istringstream broken{"{\"event\":\"send\"}\nrubbish\n[]\n\n"};
  CHECK(read_histories(broken).lines_unreadable == 4);
}

TEST_CASE("two lives of a node may share a file", "[checker][history]") {
  std::istringstream in{to_line("ann", 1, {.kind = entry_kind::start, .at_ns = 5}) +
                        to_line("ann", 2, {.kind = entry_kind::start, .at_ns = 6}) +
                        to_line("ann", 2, {.kind = entry_kind::finish, .at_ns = 7})};
  const auto read = read_histories(in);
  REQUIRE(read.lives.size() == 2);
  CHECK(read.lives[1].entries.size() == 2);
}

TEST_CASE("a line keeps 64 bit values whole", "[checker][history]") {
  entry what{.kind = entry_kind::deliver, .at_ns = 0x7fffffffffffffff};
  what.hash = 0xfedcba9876543210;
  what.number = 12;
  const auto read = from_line(to_line("n", 0xffffffffffff, what));
  REQUIRE(read);
  CHECK(read->what.at_ns == what.at_ns);
  CHECK(read->what.hash == what.hash);
  CHECK(read->life == 0xffffffffffff);
}

TEST_CASE("a payload hash is the beginning of BLAKE2b-128", "[checker][history]") {
  // `printf abc | b2sum -l 128`
  CHECK(hash_text(payload_hash(shared_bytes::copy_of("abc").view())) == "cf4ab791c62b8d2b");
  CHECK(parse_hash("cf4ab791c62b8d2b") == payload_hash(shared_bytes::copy_of("abc").view()));
  CHECK_FALSE(parse_hash("cf4ab791c62b8d2"));
  CHECK_FALSE(parse_hash("CF4ab791c62b8d2b"));
}
