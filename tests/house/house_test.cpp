// SPDX-License-Identifier: BSL-1.0
#include <string>

#include "tests/catch.hpp"
#include "tests/house/guarantee_rules.hpp"
#include "tests/house/include_rules.hpp"
#include "tests/house/sizes.hpp"
#include "tests/house/snippet_rules.hpp"
#include "tests/house/source_text.hpp"
#include "tests/house/word_rules.hpp"

namespace {

using namespace causerie::house;

/// A tree of one file.
std::vector<source_text> only(const std::string& path, const std::string& content) {
  return {parse_source(path, content)};
}

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "  step();\n";
  return text;
}

}  // namespace

TEST_CASE("comments and literals are no code", "[house][source_text]") {
  const auto source = parse_source("a.cpp",
                                   "int a = 1'000; // mutex\n"
                                   "auto b = \"thread \\\" asio\"; /* caf\n"
                                   "caf */ char c = '\"';\n"
                                   "auto d = R\"x(socket)x\"; int last;\n");
  REQUIRE(source.code.size() == 4);
  CHECK(source.code[0] == "int a = 1'000;         ");
  for (const auto* word : {"mutex", "thread", "asio", "caf", "socket"})
    for (const auto& line : source.code) CHECK_FALSE(has_word(line, word));
  CHECK(has_word(source.code[2], "char"));
  CHECK(has_word(source.code[3], "last"));
}

TEST_CASE("a commented include is not one", "[house][source_text]") {
  const auto source = parse_source("a.hpp", "#include <vector>\n// #include <asio.hpp>\n");
  REQUIRE(source.includes.size() == 1);
  CHECK(source.includes[0].target == "vector");
  CHECK_FALSE(source.includes[0].quoted);
}

TEST_CASE("machines know neither engines nor other rooms", "[house][include_rules]") {
  CHECK(check_directions(only("protocol/a.cpp", "#include \"protocol/b.hpp\"\n#include <map>\n"))
            .empty());
  for (const auto* include : {"<asio/post.hpp>", "<caf/all.hpp>", "<sys/socket.h>", "\"net/a.hpp\"",
                              "\"actors/a.hpp\"", "<sodium.h>", "<causerie/causerie.hpp>"}) {
    CAPTURE(include);
    CHECK(check_directions(only("protocol/a.cpp", std::string{"#include "} + include)).size() == 1);
  }
  CHECK(check_directions(only("protocol/identity/a.cpp", "#include <sodium.h>")).empty());
}

TEST_CASE("only the journal's own corner knows its file", "[house][include_rules]") {
  const auto findings = [](const std::string& path, const std::string& include) {
    return check_directions(only(path, "#include " + include)).size();
  };
  CHECK(findings("journal/a.cpp", "\"protocol/ids.hpp\"") == 0);
  CHECK(findings("journal/sqlite/a.cpp", "<SQLiteCpp/Database.h>") == 0);
  CHECK(findings("actors/journal.cpp", "\"journal/node_journal.hpp\"") == 0);
  CHECK(findings("actors/journal.cpp", "\"journal/sqlite/sqlite_journal.hpp\"") == 1);
  CHECK(findings("journal/a.cpp", "<SQLiteCpp/Database.h>") == 1);
  CHECK(findings("journal/a.cpp", "<sqlite3.h>") == 1);
  CHECK(findings("journal/sqlite/a.cpp", "<caf/all.hpp>") == 1);
  CHECK(findings("protocol/a.cpp", "\"journal/record.hpp\"") == 1);
  CHECK(findings("net/a.cpp", "\"journal/record.hpp\"") == 1);
}

TEST_CASE("Asio, the network and actors meet in the bridge alone", "[house][include_rules]") {
  CHECK(check_directions(only("actors/a.cpp", "#include <asio/post.hpp>")).size() == 1);
  CHECK(check_directions(only("actors/a.cpp", "#include \"net/udp/a.hpp\"")).size() == 1);
  CHECK(check_directions(only("net/udp/a.cpp", "#include <caf/all.hpp>")).size() == 1);
  CHECK(check_directions(only("net/sim/a.cpp", "#include <asio/post.hpp>")).size() == 1);
  CHECK(check_directions(only("actors/bridge/a.cpp",
                              "#include <asio/post.hpp>\n#include <caf/all.hpp>\n"
                              "#include \"net/udp/a.hpp\"\n"))
            .empty());
}

TEST_CASE("a file outside every room is found", "[house][include_rules]") {
  CHECK(check_directions(only("utils/a.cpp", "int a;")).size() == 1);
}

TEST_CASE("a public header shows CAF behind caf.hpp only", "[house][include_rules]") {
  const auto tree_with = [](const std::string& header, const std::string& library) {
    return std::vector{
        parse_source("actors/include/causerie/" + header, "#include \"protocol/inner.hpp\""),
        parse_source("protocol/inner.hpp", "#include <" + library + ">")};
  };
  CHECK(check_public_headers(tree_with("causerie.hpp", "caf/actor.hpp")).size() == 1);
  CHECK(check_public_headers(tree_with("caf.hpp", "caf/actor.hpp")).empty());
  CHECK(check_public_headers(tree_with("caf.hpp", "fmt/format.h")).size() == 1);
  CHECK(check_public_headers(tree_with("causerie.hpp", "vector")).empty());
}

TEST_CASE("machines neither read clocks nor lock", "[house][word_rules]") {
  for (const auto* code : {"auto t = clock::now();", "std::mutex m;",
                           "std::jthread t; std::thread u;", "throw 1;", "std::random_device d;"}) {
    CAPTURE(code);
    CHECK_FALSE(check_words(only("protocol/a.cpp", code)).empty());
    CHECK(check_words(only("net/a.cpp", code)).empty());
  }
  CHECK(check_words(only("protocol/a.cpp", "socket_address thread_count;")).empty());
}

TEST_CASE("the order of unordered containers stays unseen", "[house][word_rules]") {
  const std::string member = "std::unordered_map<int, std::vector<int>> peers_;\n";
  const auto folder = [&](const std::string& code) {
    return std::vector{parse_source("protocol/x/a.cpp", code),
                       parse_source("protocol/x/a.hpp", member)};
  };
  CHECK(check_unordered(folder("for (auto& [k, v] : peers_) use(v);")).size() == 1);
  CHECK(check_unordered(folder("for (auto& p : self.peers_) use(p);")).size() == 1);
  CHECK(check_unordered(folder("auto found = peers_.find(1);")).empty());
}

TEST_CASE("sources bear their licence", "[house][word_rules]") {
  CHECK(check_licence(only("a.cpp", "// SPDX-License-Identifier: BSL-1.0\n")).empty());
  CHECK(check_licence(only("test", "#!/bin/sh\n# SPDX-License-Identifier: BSL-1.0\n")).empty());
  CHECK(check_licence(only("a.cpp", "int a;\n")).size() == 1);
}

TEST_CASE("text stands alone", "[house][word_rules]") {
  CHECK(check_standing_alone(only("a.md", std::string{"see /"} + "root/x")).size() == 1);
  CHECK(check_standing_alone(only("a.md", std::string{"TO"} + "DO: all")).size() == 1);
  CHECK(check_standing_alone(only("a.cpp", std::string{"// NOWHERE"} + ".md, section 2")).size() ==
        1);
  CHECK(check_standing_alone(only("README.md", std::string{"the README"} + ".md is here")).empty());
}

TEST_CASE("every folder of code says what it is", "[house][word_rules]") {
  CHECK(check_readmes(only("net/udp/a.cpp", "")).size() == 1);
  CHECK(check_readmes(only("tests/fuzz/a.cpp", "")).size() == 1);
  auto tree = only("net/udp/a.cpp", "");
  tree.push_back(parse_source("tests/net/udp/a.cpp", ""));
  tree.push_back(parse_source("net/udp/README.md", lines(30)));
  CHECK(check_readmes(tree).empty());
  tree.back() = parse_source("net/udp/README.md", lines(31));
  CHECK(check_readmes(tree).size() == 1);
}

TEST_CASE("a promise names a test that is there", "[house][guarantee_rules]") {
  const auto findings = [](std::string_view page) {
    const std::vector<source_text> tree{
        parse_source("GUARANTEES.md", page),
        parse_source("tests/a_test.cpp", "TEST_CASE(\"it holds\", \"[a]\") {}\n")};
    return check_guarantees(tree).size();
  };
  CHECK(findings("- It holds. [a](tests/a_test.cpp): \"it holds\"\n") == 0);
  CHECK(findings("- It holds. [a](tests/a_test.cpp): \"it\n  holds\"\n") == 0);
  CHECK(findings("- It holds. [a](tests/a_test.cpp): \"it held\"\n") == 1);
  CHECK(findings("- It holds. [a](tests/b_test.cpp): \"it holds\"\n") == 1);
  CHECK(findings("- It holds. [a](tests/a_test.cpp)\n") == 1);
  CHECK(findings("- It holds.\n\n- So does this. [a](tests/a_test.cpp): \"it holds\"\n") == 1);
  CHECK(findings("Nothing is promised.\n") == 1);
  CHECK(check_guarantees({}).size() == 1);
}

TEST_CASE("a page shows code that is compiled", "[house][snippet_rules]") {
  const auto tree = [](const std::string& shown) {
    return std::vector{parse_source("README.md", "<!-- from a.cpp -->\n```cpp\n" + shown + "```\n"),
                       parse_source("a.cpp", "int a;\nint b;\nint c;\n")};
  };
  CHECK(check_snippets(tree("int a;\nint b;\n")).empty());
  CHECK(check_snippets(tree("int a;\nint c;\n")).size() == 1);
  CHECK(check_snippets(tree("")).size() == 1);
}

TEST_CASE("functions are measured from brace to brace", "[house][sizes]") {
  const auto functions = functions_of(parse_source("a.cpp",
                                                   "namespace x {\n"
                                                   "struct y : z {\n"
                                                   "  y(int a) : a_{a}, b_{} {\n"
                                                   "    if (a) {\n"
                                                   "    }\n"
                                                   "  }\n"
                                                   "  int a_ = {3};\n"
                                                   "};\n"
                                                   "template <class T>\n"
                                                   "T w(T t) { return t; }\n"
                                                   "}\n"
                                                   "SOME_MACRO(x)\n"
                                                   "TEST_CASE(\"a sentence\", \"[x]\") {\n"
                                                   "}\n"));
  REQUIRE(functions.size() == 3);
  CHECK(functions[0].name == "y");
  CHECK(functions[0].line == 3);
  CHECK(functions[0].lines == 4);
  CHECK(functions[1].name == "w");
  CHECK(functions[1].lines == 1);
  CHECK(functions[2].name == "\"a sentence\"");
}

TEST_CASE("what is too long is found unless the ratchet holds it", "[house][sizes]") {
  const auto tree = only("net/a.cpp", "void long_one() {\n" + lines(60) + "}\n");
  CHECK(check_sizes(tree, {}).size() == 1);
  CHECK(check_sizes(tree, parse_source("r.txt", "net/a.cpp long_one 62\n")).empty());
  CHECK(check_sizes(tree, parse_source("r.txt", "net/a.cpp long_one 61\n")).size() == 1);
  CHECK(check_sizes(only("net/a.cpp", lines(400)), {}).empty());
  CHECK(check_sizes(only("net/a.cpp", lines(401)), {}).size() == 1);
}
