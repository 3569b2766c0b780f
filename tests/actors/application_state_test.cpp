// SPDX-License-Identifier: BSL-1.0
#include "actors/application_state.hpp"

#include <string>

#include "journal/simulated_disk.hpp"
#include "tests/catch.hpp"

using namespace causerie;
using actors::application_state;
using protocol::shared_bytes;

namespace {

const std::string owner = "app/bot/lobby";

application_state::value text(std::string_view words) { return shared_bytes::copy_of(words); }

std::shared_ptr<actors::journal_desk> journal_on(journal::simulated_disk& disk) {
  auto store = disk.open(/*synced=*/false);
  REQUIRE(store);
  auto journal = journal::node_journal::open(
      std::move(*store), {protocol::node_id{{1}}, protocol::wall_time{}, {}, {}, true});
  REQUIRE(journal);
  return std::make_shared<actors::journal_desk>(std::move(*journal));
}

/// A durable application's state as its desk uses it: kept later than written.
struct durable_state {
  journal::simulated_disk disk;
  std::shared_ptr<actors::journal_desk> journal = journal_on(disk);
  application_state state{owner, journal, 100};
  std::uint64_t last = 0;

  void write(const std::string& key, application_state::value what) {
    journal::batch work;
    work.add(journal::note_written{owner, key, what});
    (void)journal->leave(std::move(work));
    last = state.write({{key, std::move(what)}});
  }
  void keep() {
    REQUIRE(journal->keep_all());
    state.kept(last);
  }
  std::string read(const std::string& key) {
    const auto found = state.read(key);
    REQUIRE(found);
    return *found ? std::string{(*found)->text()} : "nothing";
  }
};

}  // namespace

TEST_CASE("state that is on the disk leaves memory when it is too much",
          "[actors][application_state]") {
  durable_state world;
  for (int i = 0; i < 50; ++i) {
    world.write("key " + std::to_string(i), text("value " + std::to_string(i)));
    world.keep();
    CHECK(world.state.bytes_in_memory() <= 100);
  }
  for (int i = 0; i < 50; ++i) {
    CHECK(world.read("key " + std::to_string(i)) == "value " + std::to_string(i));
    CHECK(world.state.bytes_in_memory() <= 100);
  }
}

TEST_CASE("state that is not on the disk yet stays in memory", "[actors][application_state]") {
  durable_state world;
  world.write("a", text("old"));
  world.keep();
  world.write("a", text(std::string(60, 'n')));
  world.write("b", text(std::string(60, 'm')));
  CHECK(world.read("somewhere else") == "nothing");  // Makes room, where it may.
  CHECK(world.read("a") == std::string(60, 'n'));
  CHECK(world.read("b") == std::string(60, 'm'));
  world.state.kept(world.last - 1);  // An earlier commit than that of "b".
  CHECK(world.read("b") == std::string(60, 'm'));
  world.keep();
  CHECK(world.read("a") == std::string(60, 'n'));
  world.write("a", std::nullopt);
  CHECK(world.read("a") == "nothing");
  world.keep();
  CHECK(world.read("a") == "nothing");
}

TEST_CASE("without a journal there is room for so much state and no more",
          "[actors][application_state]") {
  application_state state{owner, nullptr, 10};
  CHECK(state.fits({{"a", text("12345678")}}));
  CHECK_FALSE(state.fits({{"a", text("1234567890")}}));
  state.write({{"a", text("12345678")}});
  CHECK(state.bytes_in_memory() == 9);
  CHECK(state.fits({{"a", text("87654321")}}));
  CHECK_FALSE(state.fits({{"b", text("8")}}));
  CHECK(state.fits({{"a", std::nullopt}, {"b", text("8")}}));
  state.write({{"a", std::nullopt}, {"b", text("8")}});
  CHECK(state.bytes_in_memory() == 2);
  CHECK(state.read("a").value() == std::nullopt);
  CHECK((*state.read("b").value()).text() == "8");
}
