// SPDX-License-Identifier: BSL-1.0
#include "actors/counters.hpp"

namespace causerie::actors {

#define NAMED(field) \
  { #field, x.field }

counter_list counters_of(const protocol::link_counters& x) {
  return {NAMED(datagrams_in),
          NAMED(datagrams_out),
          NAMED(bytes_in),
          NAMED(bytes_out),
          NAMED(packets_lost),
          NAMED(probe_timeouts),
          NAMED(frames_resent),
          NAMED(dropped_malformed),
          NAMED(dropped_version),
          NAMED(dropped_cluster),
          NAMED(dropped_replayed),
          NAMED(dropped_unknown_session),
          NAMED(dropped_stale_epoch),
          NAMED(dropped_oversized),
          NAMED(dropped_half_open_full),
          NAMED(dropped_optimistic_ack),
          NAMED(dropped_misdirected),
          NAMED(handshakes_begun),
          NAMED(handshakes_done),
          NAMED(would_block)};
}

counter_list counters_of(const protocol::group_counters& x) {
  return {NAMED(sent),
          NAMED(delivered),
          NAMED(duplicates),
          NAMED(repaired),
          NAMED(requests_sent),
          NAMED(requests_answered),
          NAMED(rows_sent),
          NAMED(rows_received),
          NAMED(gaps),
          NAMED(parked),
          NAMED(retired),
          NAMED(unretired),
          NAMED(would_block),
          NAMED(dropped_malformed),
          NAMED(dropped_window),
          NAMED(dropped_pending_full),
          NAMED(dropped_unknown_member),
          NAMED(dropped_not_member),
          NAMED(held_bytes),
          NAMED(pending_bytes),
          NAMED(pending_messages),
          NAMED(stream_events),
          NAMED(stream_bytes),
          NAMED(clock_entries)};
}

counter_list counters_of(const protocol::channel_counters& x) {
  return {NAMED(sent),
          NAMED(received),
          NAMED(outcomes_delivered),
          NAMED(outcomes_not_sent),
          NAMED(outcomes_unknown),
          NAMED(resumes),
          NAMED(resets),
          NAMED(ranges_resent),
          NAMED(would_block),
          NAMED(dropped_malformed),
          NAMED(dropped_duplicate),
          NAMED(dropped_window),
          NAMED(dropped_stale),
          NAMED(rejected_busy),
          NAMED(rejected_too_large),
          NAMED(queued_bytes),
          NAMED(buffered_bytes),
          NAMED(channels)};
}

counter_list counters_of(const protocol::membership_counters& x) {
  return {NAMED(packets_in),          NAMED(packets_out),        NAMED(records_merged),
          NAMED(suspicions),          NAMED(refutations),        NAMED(deaths),
          NAMED(deaths_refused),      NAMED(push_pulls),         NAMED(dropped_malformed),
          NAMED(dropped_version),     NAMED(dropped_cluster),    NAMED(dropped_table_full),
          NAMED(dropped_stale_epoch), NAMED(dropped_over_budget)};
}

#undef NAMED

}  // namespace causerie::actors
