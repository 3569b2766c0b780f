// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/app_error.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace causerie::apps;

namespace {
app_error no_node() {
  return {"no-node", exit_code::unavailable, "no node is running for this user",
          "start one with 'causerie node', or try 'causerie demo'",
          "looked for: the socket of any node in the runtime folder"};
}
}  // namespace

TEST_CASE("an error says what, why, and one hint to type", "[apps][errors]") {
  CHECK(error_text(no_node()) ==
        "error: no node is running for this user\n"
        "  looked for: the socket of any node in the runtime folder\n"
        "  hint: start one with 'causerie node', or try 'causerie demo'\n");
  CHECK(error_text(usage_error("PEER is missing")) == "error: PEER is missing\n");
}

TEST_CASE("an error for scripts keeps its code and exit status", "[apps][errors]") {
  const auto object = error_json(no_node());
  CHECK(object["schema"] == "causerie.error/1");
  CHECK(object["code"] == "no-node");
  CHECK(object["exit"] == 69);
  const auto back = error_from_json(object);
  CHECK(error_text(back) == error_text(no_node()));
  CHECK(back.exit == exit_code::unavailable);
}

TEST_CASE("an answer that is no error object becomes an internal error", "[apps][errors]") {
  CHECK(error_from_json(nlohmann::json::array()).exit == exit_code::internal);
  CHECK(error_from_json({{"code", 7}, {"exit", "x"}}).code == "internal");
}
