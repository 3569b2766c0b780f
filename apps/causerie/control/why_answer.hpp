// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/control/node_service.hpp"

namespace causerie::apps {

/// What a node knows of one message, schema `causerie.why/1`. Fields that do not apply are absent.
[[nodiscard]] nlohmann::json why_json(const node_facts& facts, const std::string& group,
                                      const message_explanation& told,
                                      const std::map<node_id, std::string>& names,
                                      protocol::instant now);

/// Of a message that nobody has named, or whose sender is no member: there is nothing to explain.
[[nodiscard]] app_error unknown_message(const node_facts& facts, const std::string& group,
                                        const std::string& sender, const message_explanation& told);

}  // namespace causerie::apps
