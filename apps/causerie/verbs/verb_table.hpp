// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "apps/causerie/cli/verb.hpp"

namespace causerie::apps {

/// Every verb there is, in the order of `causerie --help`. Each comes from the file of its name.
[[nodiscard]] std::span<const verb_spec> verb_table();

verb_spec demo_verb();
verb_spec demo_member_verb();
verb_spec node_verb();
verb_spec status_verb();
verb_spec members_verb();
verb_spec actors_verb();
verb_spec send_verb();
verb_spec pub_verb();
verb_spec sub_verb();
verb_spec chat_verb();
verb_spec kill_verb();
verb_spec watch_verb();
verb_spec why_verb();
verb_spec bench_verb();
verb_spec bench_member_verb();
verb_spec sim_verb();
verb_spec trace_verb();
verb_spec chaos_verb();
verb_spec chaos_member_verb();
verb_spec version_verb();

/// Flags that inject faults, for verbs that run nodes.
[[nodiscard]] std::vector<flag_spec> fault_flags();

}  // namespace causerie::apps
