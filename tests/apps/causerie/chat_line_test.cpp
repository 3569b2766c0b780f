// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/chat_line.hpp"

#include "tests/catch.hpp"

using namespace causerie::apps;
using kind = chat_line::kind;

TEST_CASE("a line is said, a slash commands", "[apps][chat]") {
  CHECK(parse_chat_line("hello all\r").text == "hello all");
  CHECK(parse_chat_line("").what == kind::nothing);
  CHECK(parse_chat_line("//path").text == "/path");
  CHECK(parse_chat_line("/who").what == kind::who);
  const auto whisper = parse_chat_line("/msg wren how are you?");
  CHECK(whisper.what == kind::msg);
  CHECK(whisper.to == "wren");
  CHECK(whisper.text == "how are you?");
  CHECK(parse_chat_line("/msg wren").text == "/msg NAME TEXT");
  CHECK(parse_chat_line("/quti").text == "did you mean /quit?");
  CHECK(parse_chat_line("/nick kite").text == "kite");
}

TEST_CASE("a nick travels in front of the text", "[apps][chat]") {
  CHECK(with_nick("", "hi") == "hi");
  CHECK(spoken("wren", with_nick("kite", "hi")) == "kite (wren): hi");
  CHECK(spoken("wren", "a < b > c") == "wren: a < b > c");
  CHECK(spoken("wren", "<> c") == "wren: <> c");
}
