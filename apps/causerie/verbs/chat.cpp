// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <optional>

#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/printable.hpp"
#include "apps/causerie/verbs/chat_line.hpp"
#include "apps/causerie/verbs/client.hpp"
#include "apps/causerie/verbs/group_line.hpp"
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {
namespace {

constexpr std::size_t typed_bytes_max = 64 * 1024;

/// A talk in one group through a local node: what is typed goes out, what arrives is printed.
class chat_session {
public:
  chat_session(invocation& run, std::string group)
      : terminal_{run.terminal},
        patience_{patience_of(run)},
        group_{std::move(group)},
        asking_{chosen_node(run.chosen)},
        hearing_{chosen_node(run.chosen)},
        private_{chosen_node(run.chosen)} {
    hearing_.open_stream({{"do", "sub"}, {"group", group_}}, patience_);
    private_.open_stream({{"do", "inbox"}}, patience_);
    terminal_.say(fmt::format("in {}; /help tells what can be typed, /quit ends", group_));
  }

  void talk() {
    while (!over_) {
      std::array<pollfd, 3> ready{{{STDIN_FILENO, POLLIN, 0},
                                   {hearing_.descriptor(), POLLIN, 0},
                                   {private_.descriptor(), POLLIN, 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
      if (ready[1].revents != 0) hear(hearing_);
      if (ready[2].revents != 0) hear(private_);
      if (ready[0].revents != 0) read_typed();
    }
    // What was said last should still be seen by its author.
    if (const auto last = hearing_.next_item(std::chrono::milliseconds{200})) show(*last);
  }

private:
  void hear(control_client& from) {
    do {
      const auto item = from.next_item(std::chrono::milliseconds{100});
      if (item) show(*item);
      if (from.ended()) over_ = true;
    } while (from.has_line());
  }

  void show(const nlohmann::json& item) {
    if (terminal_.json()) return terminal_.answer(item);
    if (item.value("schema", "") == "causerie.message/1")
      return terminal_.out(printable(spoken(item.value("from", ""), item.value("text", ""))) +
                           '\n');
    const auto line = group_line_of(item);
    if (line.message) return terminal_.out(line.text + '\n');
    terminal_.say(line.text);
  }

  void read_typed() {
    std::array<char, 4096> bytes{};
    const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) typed_.append(bytes.data(), static_cast<std::size_t>(count));
    if (count <= 0) over_ = true;
    if (count <= 0 && !typed_.empty()) typed_ += '\n';  // A last line without its end.
    for (auto end = typed_.find('\n'); end != typed_.npos; end = typed_.find('\n')) {
      const auto line = typed_.substr(0, end);
      typed_.erase(0, end + 1);
      act(parse_chat_line(line));
    }
    if (typed_.size() > typed_bytes_max) typed_.clear();
  }

  /// An error is a remark here: the talk goes on.
  void act(const chat_line& line) {
    try {
      perform(line);
    } catch (const app_error& error) {
      terminal_.say(fmt::format("-- {}", printable(error.message)));
      if (error.code == "no-node") throw;
    }
  }

  void perform(const chat_line& line) {
    using enum chat_line::kind;
    switch (line.what) {
      case nothing: return;
      case say:
        (void)asking_.ask({{"do", "pub"}, {"group", group_}, {"text", with_nick(nick_, line.text)}},
                          patience_);
        return;
      case msg:
        (void)asking_.ask({{"do", "send"}, {"to", line.to}, {"text", with_nick(nick_, line.text)}},
                          patience_);
        return terminal_.say(fmt::format("-- {} has it", line.to));
      case who: return say_who();
      case nick: nick_ = line.text; return;
      case help:
        return terminal_.say("-- a line is said to all; /who, /msg NAME TEXT, /nick NAME, /quit");
      case quit: over_ = true; return;
      case unknown: return terminal_.say(fmt::format("-- {}", line.text));
    }
  }

  void say_who() {
    std::string names;
    const auto listed = asking_.ask({{"do", "members"}}, patience_);
    for (const auto& member : listed["members"])
      if (member["state"] != "left" && member["state"] != "dead")
        names += fmt::format("{}{}{}", names.empty() ? "" : ", ", member["name"].get<std::string>(),
                             member["state"] == "suspect" ? " (suspect)" : "");
    terminal_.say(fmt::format("-- {}", printable(names)));
  }

  console& terminal_;
  duration patience_;
  std::string group_;
  std::string nick_;
  std::string typed_;
  bool over_ = false;
  control_client asking_, hearing_, private_;
};

exit_code run_chat(invocation& run) {
  chat_session{run, run.given.text("ROOM", "lobby")}.talk();
  return exit_code::done;
}

}  // namespace

verb_spec chat_verb() {
  return {.name = "chat",
          .summary = "talk in a group, line by line",
          .about =
              "Talks in ROOM (default: lobby) through a local node. Each line is said to all;\n"
              "/who /msg NAME TEXT /nick NAME /quit. Private messages to the node show up too.",
          .positionals = {{"ROOM", /*required=*/false}},
          .flags = {},
          .run = run_chat};
}

}  // namespace causerie::apps
