// SPDX-License-Identifier: BSL-1.0
#include "apps/trace/run_reader.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/checker/history_reader.hpp"

namespace causerie::trace {
namespace {

using std::filesystem::path;

/// What a simulated day calls its events; what is not listed is a fault.
std::optional<event_kind> kind_in_day(const std::string& what) {
  static const std::map<std::string, event_kind, std::less<>> kinds{
      {"start", event_kind::start},     {"send", event_kind::send},
      {"deliver", event_kind::deliver}, {"whisper", event_kind::whisper},
      {"hear", event_kind::hear},       {"refused", event_kind::refused},
      {"outcome", event_kind::outcome}, {"gap", event_kind::gap},
      {"ended", event_kind::ended},     {"gone", event_kind::stop},
  };
  const auto found = kinds.find(what);
  return found == kinds.end() ? std::nullopt : std::optional{found->second};
}

/// Packets, timers and stream positions: many, and nothing that an application sees.
bool is_machinery(const std::string& what) { return what == "arrival" || what == "event"; }

std::string text_in_day(event_kind kind, const std::string& what, const nlohmann::json& line) {
  const auto a = line.value("a", std::uint64_t{0}), b = line.value("b", std::uint64_t{0});
  switch (kind) {
    case event_kind::start: return fmt::format("life {}", a);
    case event_kind::gap: return fmt::format("{}: {}-{}", line.value("text", ""), a, b);
    case event_kind::outcome: return b == 0 ? "delivered" : b == 1 ? "not_sent" : "unknown";
    case event_kind::whisper: return fmt::format("to n{}", b);
    case event_kind::ended: return line.value("text", "");
    case event_kind::fault: {
      const auto seconds = static_cast<double>(static_cast<std::int64_t>(a)) / 1e9;
      return seconds > 0 ? fmt::format("{} for {:.1f} s", what, seconds) : what;
    }
    default: return {};
  }
}

void take_day_line(run& told, const nlohmann::json& line) {
  const auto what = line.at("what").get<std::string>();
  if (is_machinery(what)) return;
  const auto kind = kind_in_day(what).value_or(event_kind::fault);
  run_event event;
  event.at_ns = line.at("t").get<std::int64_t>();
  event.node = told.node(fmt::format("n{}", line.at("node").get<std::uint32_t>()));
  event.kind = kind;
  event.held_ns = line.value("held", std::int64_t{0});
  const bool about_a_message = kind == event_kind::send || kind == event_kind::deliver ||
                               kind == event_kind::whisper || kind == event_kind::hear ||
                               kind == event_kind::refused || kind == event_kind::outcome;
  if (about_a_message) event.message = line.value("text", "");
  if (kind == event_kind::send || kind == event_kind::deliver) event.where = "lobby";
  event.text = text_in_day(kind, what, line);
  told.events.push_back(std::move(event));
}

run read_day(const path& file) {
  run told{.title = file.filename().string(), .virtual_time = true, .nodes = {}, .events = {}};
  std::ifstream in{file};
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (in.eof()) break;  // Torn: its writer was stopped in the write.
    const auto line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    try {
      take_day_line(told, line);
    } catch (const nlohmann::json::exception&) {
      throw unreadable{file, number, "no line of a simulated day's trace"};
    }
  }
  // n10 after n9, and in the order of their numbers whoever spoke first.
  std::vector<std::string> order = told.nodes;
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  std::vector<std::uint32_t> place(order.size());
  for (std::uint32_t i = 0; i < told.nodes.size(); ++i)
    place[i] = static_cast<std::uint32_t>(std::ranges::find(order, told.nodes[i]) - order.begin());
  for (auto& event : told.events) event.node = place[event.node];
  told.nodes = std::move(order);
  put_in_order(told);
  return told;
}

std::vector<checker::history> lives_in(const path& file) {
  auto read = checker::read_histories(file);
  if (read.lines_unreadable != 0)
    throw unreadable{
        file, 0,
        fmt::format("{} of its {} lines are no history", read.lines_unreadable, read.lines)};
  return std::move(read.lives);
}

run read_folder(const path& folder) {
  std::vector<path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().native().ends_with(".history.jsonl")) files.push_back(entry.path());
  if (files.empty()) throw unreadable{folder, 0, "no *.history.jsonl is in it"};
  std::ranges::sort(files, [](const path& a, const path& b) {
    const auto left = a.native().size(), right = b.native().size();
    return left != right ? left < right : a < b;
  });
  std::vector<checker::history> lives;
  for (const auto& file : files)
    for (auto& life : lives_in(file)) lives.push_back(std::move(life));
  return run_of(lives, folder.filename().empty() ? folder.parent_path().filename().string()
                                                 : folder.filename().string());
}

}  // namespace

run read_run(const path& from) {
  try {
    if (std::filesystem::is_directory(from)) return read_folder(from);
    std::ifstream in{from};
    std::string first;
    if (!in) throw unreadable{from, 0, "it cannot be read"};
    if (!std::getline(in, first)) throw unreadable{from, 0, "it is empty"};
    const auto line = nlohmann::json::parse(first, nullptr, /*allow_exceptions=*/false);
    if (line.is_object() && line.contains("t") && line.contains("what")) return read_day(from);
    if (line.is_object() && line.contains("event"))
      return run_of(lives_in(from), from.filename().string());
    throw unreadable{from, 1, "neither a history nor the trace of a simulated day"};
  } catch (const std::system_error& error) {
    throw unreadable{from, 0, error.code().message()};
  }
}

}  // namespace causerie::trace
