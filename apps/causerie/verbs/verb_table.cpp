// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/verb_table.hpp"

namespace causerie::apps {

std::span<const verb_spec> verb_table() {
  static const std::vector<verb_spec> verbs{
      demo_verb(),  node_verb(),    status_verb(),      members_verb(),      actors_verb(),
      send_verb(),  pub_verb(),     sub_verb(),         chat_verb(),         kill_verb(),
      watch_verb(), why_verb(),     trace_verb(),       bench_verb(),        sim_verb(),
      chaos_verb(), version_verb(), demo_member_verb(), bench_member_verb(), chaos_member_verb(),
  };
  return verbs;
}

std::vector<flag_spec> fault_flags() {
  return {
      {.name = "loss",
       .kind = value_kind::probability,
       .placeholder = "P",
       .summary = "lose each datagram with this probability",
       .setting = "faults.loss",
       .testing = true},
      {.name = "duplicate",
       .kind = value_kind::probability,
       .placeholder = "P",
       .summary = "send it twice",
       .setting = "faults.duplicate",
       .testing = true},
      {.name = "reorder",
       .kind = value_kind::probability,
       .placeholder = "P",
       .summary = "let later ones overtake it",
       .setting = "faults.reorder",
       .testing = true},
      {.name = "corrupt",
       .kind = value_kind::probability,
       .placeholder = "P",
       .summary = "flip one of its bits",
       .setting = "faults.corrupt",
       .testing = true},
      {.name = "delay",
       .kind = value_kind::time,
       .placeholder = "DUR",
       .summary = "hold every datagram back so long",
       .setting = "faults.delay",
       .testing = true},
      {.name = "jitter",
       .kind = value_kind::time,
       .placeholder = "DUR",
       .summary = "and up to so much longer",
       .setting = "faults.jitter",
       .testing = true},
      {.name = "withhold",
       .kind = value_kind::text,
       .placeholder = "TEXT",
       .summary = "lose each datagram that arrives with this text in it",
       .setting = "faults.withhold",
       .testing = true},
      {.name = "fault-seed",
       .kind = value_kind::count,
       .placeholder = "N",
       .summary = "same seed, same faults",
       .setting = "faults.seed",
       .testing = true},
  };
}

}  // namespace causerie::apps
