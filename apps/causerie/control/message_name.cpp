// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/message_name.hpp"

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/units.hpp"

namespace causerie::apps {
namespace {

app_error no_message(std::string_view text, std::string_view why) {
  return usage_error(fmt::format("'{}' names no message: {}", text, why),
                     "write GROUP/SENDER:NUMBER, such as lobby/wren:17; 'causerie pub' and "
                     "'causerie sub --json' tell numbers");
}

}  // namespace

/// Names of groups and nodes may contain anything, so the rarest reading loses: the last `:` ends
/// the sender, the last `/` before it ends the group.
message_name message_name::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) throw no_message(text, "it has no ':NUMBER'");
  message_name named;
  const auto count = parse_count(text.substr(colon + 1));
  if (!count || *count == 0) throw no_message(text, "numbers are 1 and more");
  named.number = *count;
  auto who = text.substr(0, colon);
  if (const auto slash = who.rfind('/'); slash != who.npos) {
    named.group = who.substr(0, slash);
    if (named.group.empty()) throw no_message(text, "its group has no name");
    who = who.substr(slash + 1);
  }
  if (const auto at = who.rfind('@'); at != who.npos) {
    const auto life = parse_count(who.substr(at + 1));
    if (!life || *life == 0) throw no_message(text, "a life is a number, as in wren@1763719200:17");
    named.life = *life;
    who = who.substr(0, at);
  }
  if (who.empty()) throw no_message(text, "it names no sender");
  named.sender = who;
  return named;
}

}  // namespace causerie::apps
