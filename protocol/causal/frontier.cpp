// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/frontier.hpp"

#include "protocol/planted.hpp"

namespace causerie::protocol::causal {

void frontier::on_delivered(member_tag tag, sequence number,
                            const std::vector<clock_entry>& causes) {
  for (const auto& cause : causes)
    if (latest_.at(cause.tag) <= cause.number) latest_.erase(cause.tag);
  latest_.set(tag, number);
}

void frontier::on_sent(member_tag self, sequence number) { latest_.set(self, number); }

void frontier::on_raised(const std::vector<clock_entry>& raised) {
  for (const auto& entry : raised) latest_.raise(entry.tag, entry.number);
}

std::vector<clock_entry> frontier::take(member_tag self, std::size_t entries_max) {
  std::vector<clock_entry> causes;
  for (const auto& entry : latest_.entries()) {
    if (entry.tag == self) continue;
    if (causes.size() == entries_max) break;
    causes.push_back(entry);
  }
  for (const auto& cause : causes) latest_.erase(cause.tag);
  if (planted(planted_bug::frontier_forgets) && !causes.empty()) causes.pop_back();
  return causes;
}

}  // namespace causerie::protocol::causal
