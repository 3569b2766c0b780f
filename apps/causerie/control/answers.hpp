// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// The answers of a node as JSON, one schema each; `causerie VERB --json` prints them as they are.
/// Fields are only ever added to a schema; counters that may pass 2^53 are strings.
[[nodiscard]] nlohmann::json status_json(const node_facts& facts,
                                         const std::vector<member_view>& members,
                                         const std::map<std::string, std::uint64_t>& counters);
[[nodiscard]] nlohmann::json members_json(const node_facts& facts,
                                          const std::vector<member_view>& members,
                                          protocol::instant now);
[[nodiscard]] nlohmann::json actors_json(const node_facts& facts,
                                         const std::vector<actor_view>& actors);
[[nodiscard]] nlohmann::json message_id_json(const message_id& id);
/// One event of a group's stream; null for events that people do not ask about (stable cuts).
[[nodiscard]] nlohmann::json group_event_json(const std::string& group, const group_event& event,
                                              const std::map<node_id, std::string>& names);
[[nodiscard]] nlohmann::json private_message_json(const private_message& received);
[[nodiscard]] nlohmann::json node_event_json(const node_event& event);

[[nodiscard]] std::string state_text(protocol::member_state state);
[[nodiscard]] std::string_view cause_text(protocol::gap_event::cause why);

/// A protocol error about `subject` in the program's words and exit status.
[[nodiscard]] app_error error_about(std::error_code code, const std::string& subject);

}  // namespace causerie::apps
