// SPDX-License-Identifier: BSL-1.0
#include "tests/house/include_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace causerie::house {
namespace {

constexpr std::string_view public_folder = "actors/include";

const include_rule* rule_for(std::string_view path) {
  const include_rule* best = nullptr;
  for (const auto& rule : include_rules())
    if (lies_in(path, rule.folder) && (best == nullptr || rule.folder.size() > best->folder.size()))
      best = &rule;
  return best;
}

/// `asio/io_context.hpp` -> `asio`, `sys/socket.h` -> `posix`, `vector` -> `std`.
std::string library_of(const std::string& target) {
  static const std::set<std::string_view> posix_folders{"sys", "netinet", "arpa", "linux", "net"};
  const auto slash = target.find('/');
  const auto first = target.substr(0, slash);
  if (slash != std::string::npos) return posix_folders.contains(first) ? "posix" : first;
  if (target.ends_with(".hpp")) return target.substr(0, target.size() - 4);
  if (target == "sodium.h") return "sodium";
  if (target == "sqlite3.h") return "sqlite3";
  return target.ends_with(".h") ? "posix" : "std";
}

/// A quoted path is ours unless it begins with a library's name: CAF quotes its own headers, and
/// some who include them do so too.
bool is_ours(const include_line& include) {
  static const std::set<std::string_view> libraries{"caf", "asio", "fmt", "tl", "nlohmann"};
  if (include.target.starts_with("causerie/")) return true;
  return include.quoted && !libraries.contains(library_of(include.target));
}

/// Our own file from the root: `<causerie/node.hpp>` lies in actors/include.
std::string place_of(const include_line& include) {
  if (include.target.starts_with("causerie/"))
    return std::string{public_folder} + "/" + include.target;
  return include.target;
}

bool allowed(const include_rule& rule, const include_line& include) {
  if (!is_ours(include)) {
    const auto library = library_of(include.target);
    return library == "std" || std::ranges::count(rule.libraries, library) > 0 ||
           std::ranges::count(rule.libraries, "*") > 0 ||
           std::ranges::count(rule.libraries, include.target) > 0;
  }
  return std::ranges::any_of(rule.rooms, [place = place_of(include)](std::string_view room) {
    return room == "*" || lies_in(place, room);
  });
}

using source_index = std::map<std::string, const source_text*>;

source_index index_of(const std::vector<source_text>& tree) {
  source_index index;
  for (const auto& source : tree) index.emplace(source.path, &source);
  return index;
}

/// Everything of ours that `source` shows to whoever includes it, itself too.
void reach(const source_text& source, const source_index& index,
           std::map<std::string, const source_text*>& reached) {
  if (!reached.emplace(source.path, &source).second) return;
  for (const auto& include : source.includes) {
    if (!is_ours(include)) continue;
    if (const auto found = index.find(place_of(include)); found != index.end())
      reach(*found->second, index, reached);
  }
}

}  // namespace

const std::vector<include_rule>& include_rules() {
  static const std::vector<include_rule> rules{
      {"protocol", {"protocol"}, {"fmt", "tl"}},
      {"protocol/identity", {"protocol"}, {"fmt", "tl", "sodium"}},
      {"protocol/hash.hpp", {"protocol"}, {"sodium"}},
      {"protocol/address.cpp", {"protocol"}, {"arpa/inet.h"}},  // inet_pton reads text, no socket.
      {"net", {"protocol", "net"}, {"asio", "fmt", "tl", "posix"}},
      {"net/fault", {"protocol", "net/fault"}, {"fmt", "tl"}},
      // Held datagrams wait on a timer; what becomes of each is decided in fault_decider, without.
      {"net/fault/fault_layer.hpp", {"protocol", "net/fault"}, {"asio"}},
      {"net/fault/fault_layer.cpp", {"protocol", "net/fault"}, {"asio"}},
      {"net/sim", {"protocol", "net/sim", "net/fault"}, {"fmt", "tl"}},
      {"journal", {"protocol", "journal"}, {"fmt", "tl"}},
      // What a journal means knows no file.
      {"journal/sqlite", {"protocol", "journal"}, {"SQLiteCpp", "sqlite3", "fmt", "tl", "posix"}},
      // Actors see what a journal means; which file it is, journal_opening.cpp knows.
      {"actors",
       {"protocol", "actors", "net/fault", "journal/faulty_store.hpp", "journal/image.hpp",
        "journal/journal_errors.hpp", "journal/kept_channels.hpp", "journal/kept_group.hpp",
        "journal/lineage.hpp", "journal/node_journal.hpp", "journal/record.hpp",
        "journal/row_store.hpp"},
       {"caf", "fmt", "tl"}},
      {"actors/bridge", {"protocol", "actors", "net"}, {"caf", "asio", "fmt", "tl", "posix"}},
      {"actors/include/causerie", {"protocol", "net/fault", "actors/include"}, {"asio"}},
      {"actors/include/causerie/caf.hpp",
       {"protocol", "net/fault", "actors/include"},
       {"asio", "caf"}},
      // The insides of the embedding API, which is Asio's by its signatures.
      {"actors/node.cpp",
       {"protocol", "actors", "net", "journal"},
       {"caf", "asio", "fmt", "posix"}},
      {"actors/node_state.hpp",
       {"protocol", "actors", "net", "journal/faulty_store.hpp"},
       {"caf", "asio"}},
      {"actors/completion.hpp", {"protocol", "actors"}, {"caf", "asio"}},
      {"actors/group.cpp", {"protocol", "actors"}, {"caf", "asio"}},
      {"actors/application.cpp", {"protocol", "actors"}, {"asio"}},
      {"actors/watchdog.hpp", {"protocol", "actors"}, {"asio"}},
      {"actors/watchdog.cpp", {"protocol", "actors"}, {"asio"}},
      // Key and boot epoch live in files that must reach the disk.
      {"actors/journal_opening.cpp", {"protocol", "actors", "journal"}, {"sodium"}},
      {"actors/identity_store.cpp", {"protocol", "actors"}, {"sodium", "posix", "fmt"}},
      {"apps", {"*"}, {"*"}},
      {"tests", {"*"}, {"*"}},
  };
  return rules;
}

std::vector<finding> check_directions(const std::vector<source_text>& tree) {
  std::vector<finding> findings;
  for (const auto& source : tree) {
    if (!source.is_cpp()) continue;
    const auto* rule = rule_for(source.path);
    if (rule == nullptr) {
      findings.push_back({source.path, 0, "lies in no room of the house"});
      continue;
    }
    for (const auto& include : source.includes)
      if (!allowed(*rule, include))
        findings.push_back({source.path, include.line,
                            std::string{rule->folder} + " may not include " + include.target});
  }
  return findings;
}

std::vector<finding> check_public_headers(const std::vector<source_text>& tree) {
  static const std::set<std::string_view> hidden{"fmt",    "nlohmann", "sqlite3", "SQLiteCpp",
                                                 "spdlog", "CLI",      "toml++"};
  const auto index = index_of(tree);
  std::vector<finding> findings;
  for (const auto& header : tree) {
    if (!lies_in(header.path, public_folder) || !header.is_header()) continue;
    const bool may_show_caf = header.path.ends_with("/caf.hpp");
    std::map<std::string, const source_text*> reached;
    reach(header, index, reached);
    for (const auto& [path, source] : reached)
      for (const auto& include : source->includes) {
        const auto library = is_ours(include) ? std::string{} : library_of(include.target);
        if (hidden.contains(library) || (library == "caf" && !may_show_caf))
          findings.push_back({path, include.line, header.path + " shows " + include.target});
      }
  }
  return findings;
}

std::vector<include_count> count_includes(const std::vector<source_text>& tree) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const auto& source : tree) {
    if (!source.is_cpp()) continue;
    const auto room = source.path.substr(0, source.path.find('/'));
    for (const auto& include : source.includes) {
      const auto place = place_of(include);
      const auto to =
          is_ours(include) ? place.substr(0, place.find('/')) : library_of(include.target);
      if (to != room && to != "std") ++counts[{room, to}];
    }
  }
  std::vector<include_count> result;
  for (const auto& [edge, count] : counts) result.push_back({edge.first, edge.second, count});
  return result;
}

}  // namespace causerie::house
