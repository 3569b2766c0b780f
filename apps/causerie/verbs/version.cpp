// SPDX-License-Identifier: BSL-1.0
#include <sodium/version.h>

#include <fmt/format.h>
#include <CLI/Version.hpp>
#include <asio/version.hpp>
#include <caf/config.hpp>
#include <nlohmann/json.hpp>
// Debian 12 has toml++ 3.3, Debian 13 has 3.4, which renamed its headers.
#if __has_include(<toml++/impl/version.hpp>)
#include <toml++/impl/version.hpp>
#else
#include <toml++/impl/version.h>
#endif

#include "apps/causerie/cli/invocation.hpp"
#include "apps/causerie/verbs/verb_table.hpp"
#include "protocol/link/packet.hpp"

#ifndef CAUSERIE_VERSION
#define CAUSERIE_VERSION "unknown"
#endif

namespace causerie::apps {
namespace {

nlohmann::json libraries() {
  return {{"caf", fmt::format("{}.{}.{}", CAF_VERSION / 10000, CAF_VERSION / 100 % 100,
                              CAF_VERSION % 100)},
          {"asio", fmt::format("{}.{}.{}", ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000,
                               ASIO_VERSION % 100)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          {"libsodium", SODIUM_VERSION_STRING},
          {"tomlplusplus", fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
          {"cli11", CLI11_VERSION},
          {"nlohmann_json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}};
}

exit_code run_version(invocation& run) {
  const auto wire = fmt::format("{}.{}", protocol::version_major, protocol::version_minor);
  if (run.terminal.json())
    run.terminal.answer({{"schema", "causerie.version/1"},
                         {"version", CAUSERIE_VERSION},
                         {"wire", wire},
                         {"compiler", __VERSION__},
#ifdef NDEBUG
                         {"build", "release"},
#else
                         {"build", "debug"},
#endif
                         {"libraries", libraries()}});
  else
    run.terminal.out(fmt::format("causerie {} (wire protocol {})\n", CAUSERIE_VERSION, wire));
  return exit_code::done;
}

}  // namespace

verb_spec version_verb() {
  return {.name = "version",
          .summary = "the program's version; --json: the wire's and the libraries' too",
          .about = "",
          .positionals = {},
          .flags = {},
          .run = run_version};
}

}  // namespace causerie::apps
