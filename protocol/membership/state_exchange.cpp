// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/state_exchange.hpp"

#include "protocol/hash.hpp"

namespace causerie::protocol::swim {

namespace {

/// Fills datagrams with records in order of key, closing one when the next record does not fit.
class part_writer {
public:
  part_writer(header head, std::uint64_t nonce, std::size_t parts_max)
      : head_{head}, nonce_{nonce}, parts_max_{parts_max} {}

  void open(const record_key& first) {
    swim_datagram part;
    part.head = head_;
    part.body = exchange_part{nonce_, {first, first}};
    // Two list lengths may grow to a second byte each.
    bytes_ = wire::encoded_size(part) + 2;
    parts_.push_back(std::move(part));
    open_ = true;
  }
  /// False when `parts_max` parts are full.
  template <class Record>
  bool add(const record_key& key, const Record& record) {
    const auto size = wire::encoded_size(record);
    if (bytes_ + size > datagram_bytes_max || count() == part_records_max) {
      close(key);
      if (parts_.size() == parts_max_) return false;
      open(key);
    }
    bytes_ += size;
    keep(record);
    return true;
  }
  void close(const record_key& end) {
    if (!open_) return;
    std::get<exchange_part>(parts_.back().body).covers.end = end;
    open_ = false;
  }
  [[nodiscard]] bool full() const noexcept { return !open_ && parts_.size() == parts_max_; }
  [[nodiscard]] std::vector<swim_datagram> finish() {
    if (!parts_.empty()) std::get<exchange_part>(parts_.back().body).last = true;
    return std::move(parts_);
  }

private:
  [[nodiscard]] std::size_t count() const noexcept {
    return parts_.back().members.size() + parts_.back().presences.size();
  }
  void keep(const member_record& record) { parts_.back().members.push_back(record); }
  void keep(const presence_record& record) { parts_.back().presences.push_back(record); }

  header head_;
  std::uint64_t nonce_;
  std::size_t parts_max_;
  std::vector<swim_datagram> parts_;
  std::size_t bytes_ = 0;
  bool open_ = false;
};

bool add_member(const exchange_answer& source, const member& who, const key_range& range,
                part_writer& writer) {
  const auto& view = who.view;
  const record_key key{view.who.node, {}};
  if (range.contains(key) && !writer.add(key, full_record(view, source.head.sender.node)))
    return false;
  for (const auto& [group, said] : source.presences.standings(view.who)) {
    const record_key place{view.who.node, group};
    if (range.contains(place) &&
        !writer.add(place, presence_record{view.who, group, said.version, said.present}))
      return false;
  }
  return true;
}

bool is_shared(const member& who, const node_id& self, instant now) {
  return is_live(who.view.state) || who.view.who.node == self || who.changed + gone_shared > now;
}

void add_range(const exchange_answer& source, const key_range& range, part_writer& writer) {
  writer.open(range.first);
  const auto& all = source.members.all();
  for (auto at = all.lower_bound(range.first.node); at != all.end(); ++at) {
    if (record_key{at->first, {}} >= range.end) break;
    if (is_shared(at->second, source.head.sender.node, source.now) &&
        !add_member(source, at->second, range, writer))
      return;
  }
  writer.close(range.end);
}

}  // namespace

member_record full_record(const member_view& view, const node_id& teller) {
  auto said = accusation{teller, false};
  if (view.state == member_state::suspect && !view.accusations.empty())
    said = view.accusations.front();
  return {view.state,   view.who,    view.refutations, member_profile{view.name, view.address},
          said.accuser, said.refused};
}

std::uint64_t state_digest(const roster& members, const presence_directory& presences) {
  hasher<16> hash;
  for (const auto& [node, who] : members.all()) {
    if (!is_live(who.view.state)) continue;
    hash.add(node.octets);
    hash.add(number(who.view.who.epoch));
    hash.add(std::uint64_t{who.view.refutations});
    for (const auto& [group, said] : presences.standings(who.view.who)) {
      if (!said.present) continue;
      hash.add(group.octets);
      hash.add(said.version);
    }
  }
  const auto octets = hash.finish();
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < 8; ++i) digest |= static_cast<std::uint64_t>(octets[i]) << (8 * i);
  return digest;
}

std::vector<swim_datagram> exchange_answer::parts(std::span<const key_range> wanted,
                                                  std::size_t parts_max) const {
  if (parts_max == 0) return {};
  part_writer writer{head, nonce, parts_max};
  const auto everything = key_range::all();
  if (wanted.empty()) wanted = {&everything, 1};
  for (const auto& range : wanted) {
    if (writer.full()) break;
    add_range(*this, range, writer);
  }
  return writer.finish();
}

}  // namespace causerie::protocol::swim
