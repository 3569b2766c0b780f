// SPDX-License-Identifier: BSL-1.0
//
// Bytes become a schedule of three members: who says something, which frame is delivered when, in
// which order, twice or never, and which actor dies. Nobody may see a message twice, before its
// causes, or unsent.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include "protocol/causal/causal_group.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;
using namespace std::chrono_literals;

namespace {

using past = std::map<node_id, sequence>;

struct member {
  incarnation who;
  causal_group machine;
  cursor read = 0;
  past seen;
  past implied;
};
struct flying {
  std::size_t from, to;
  shared_bytes body;
};

class schedule {
public:
  schedule() {
    for (std::uint8_t i = 0; i < 3; ++i) {
      incarnation who;
      who.node.octets[0] = static_cast<std::uint8_t>(i + 1);
      who.epoch = boot_epoch{1};
      group_config config;
      config.name = "three";
      members_.push_back({who, causal_group{who, config, i}, 0, {}, {}});
      here_.push_back(who);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      members_[i].machine.join(now_);
      const auto present = i == 0 ? std::span<const incarnation>{} : std::span{here_}.first(i);
      members_[i].machine.on_directory(present, true, now_);
      settle(i);
      for (int step = 0; step < 400 && !members_[i].machine.active(); ++step) advance(true);
    }
  }

  void act(std::uint8_t what) {
    const std::size_t who = (what >> 4) % 3;
    switch (what % 8) {
      case 0:
      case 1: say(who); break;
      case 2: deliver(what >> 3); break;
      case 3: deliver(0); break;
      case 4:  // A copy goes first, the frame itself comes later.
        if (!air_.empty()) arrive(air_[(what >> 3) % air_.size()]);
        break;
      case 5:  // Lost.
        if (!air_.empty()) air_.erase(air_.begin() + (what >> 3) % static_cast<int>(air_.size()));
        break;
      case 6: advance(false); break;
      case 7:
        members_[who].machine.on_restarted(now_);
        settle(who);
        break;
    }
  }

  /// Everything arrives from now on: all must come to have the same.
  void finish() {
    for (int i = 0; i < 4000 && !agreed(); ++i) advance(true);
    if (!agreed()) std::abort();
    for (auto& member : members_) member.machine.audit();
  }

private:
  void say(std::size_t index) {
    auto& speaker = members_[index];
    const auto said =
        speaker.machine.send(shared_bytes::copy_of(std::string_view{"text"}), 0, {}, now_);
    if (said) {
      causes_[*said] = speaker.seen;
      speaker.seen[speaker.who.node] = said->number;
      newest_ = *said;
    }
    settle(index);
  }
  void deliver(std::size_t which) {
    if (air_.empty()) return;
    const auto at = air_.begin() + static_cast<std::ptrdiff_t>(which % air_.size());
    const auto frame = *at;
    air_.erase(at);
    arrive(frame);
  }
  void arrive(const flying& frame) {
    (void)members_[frame.to].machine.on_frame(members_[frame.from].who, frame.body, now_);
    settle(frame.to);
  }
  void advance(bool deliver_all) {
    for (std::size_t left = air_.size(); deliver_all && left > 0; --left) deliver(0);
    instant next = now_ + 1s;
    for (auto& member : members_)
      if (const auto at = member.machine.next_deadline()) next = std::min(next, *at);
    now_ = std::max(now_, next);
    for (std::size_t i = 0; i < 3; ++i) {
      members_[i].machine.on_deadline(now_);
      if (const auto at = members_[i].machine.next_deadline(); at && *at <= now_) std::abort();
      settle(i);
    }
  }
  void settle(std::size_t index) {
    auto& machine = members_[index].machine;
    while (auto output = machine.poll()) {
      if (const auto* frames = std::get_if<causal_group::send_frames>(&*output))
        for (const auto& to : frames->to) launch(index, to, frames->frame.body);
      if (const auto* large = std::get_if<causal_group::send_internal>(&*output))
        launch(index, large->to, large->body);
    }
    for (const auto& event : machine.read(members_[index].read, 1000)) {
      if (event.position != ++members_[index].read) std::abort();
      if (const auto* message = std::get_if<message_event>(&event.what)) check(index, message->id);
      if (std::holds_alternative<gap_event>(event.what)) std::abort();
    }
    machine.commit(members_[index].read, now_);
    explain(index);
  }
  /// What a member says of the newest message must agree with what its application has seen, and
  /// whatever waits must lack something.
  void explain(std::size_t index) {
    using fate = message_explanation::fate;
    auto& member = members_[index];
    if (newest_.number == 0 || !member.machine.active()) return;
    const auto told = member.machine.explain(newest_);
    const bool seen = member.seen[newest_.sender.node] >= newest_.number;
    if (seen != (told.what == fate::delivered)) std::abort();
    if (told.what == fate::waiting && (told.missing.empty() || told.waits_for.empty()))
      std::abort();
    if (told.what == fate::missing && told.missing.empty()) std::abort();
  }
  void launch(std::size_t from, const node_id& to, const shared_bytes& body) {
    const auto index = static_cast<std::size_t>(to.octets[0]) - 1;
    if (index < 3 && air_.size() < 4096) air_.push_back({from, index, body});
  }
  void check(std::size_t index, const message_id& id) {
    auto& reader = members_[index];
    if (id.sender == reader.who) return;
    const auto causes = causes_.find(id);
    if (causes == causes_.end()) std::abort();                      // Unsent.
    if (id.number <= reader.seen[id.sender.node]) std::abort();     // Twice, or not FIFO.
    if (id.number <= reader.implied[id.sender.node]) std::abort();  // After its effect.
    for (const auto& [node, number] : causes->second)
      if (node != reader.who.node) reader.implied[node] = std::max(reader.implied[node], number);
    reader.seen[id.sender.node] = id.number;
  }
  [[nodiscard]] bool agreed() const {
    std::vector<std::vector<sequence>> numbers;
    for (const auto& member : members_) {
      numbers.emplace_back();
      for (const auto& view : member.machine.members()) numbers.back().push_back(view.delivered);
    }
    return numbers[0] == numbers[1] && numbers[1] == numbers[2] && numbers[0].size() == 3;
  }

  std::vector<member> members_;
  std::vector<incarnation> here_;
  std::vector<flying> air_;
  std::map<message_id, past> causes_;
  message_id newest_;
  instant now_{1h};
};

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  return {{0, 16, 32, 3, 3, 3, 0, 10, 18, 26, 6}, {0, 5, 16, 2, 7, 6, 4, 12, 20, 3, 3, 6, 6}};
}
std::size_t fuzz_runs() { return 10'000; }
std::size_t fuzz_size_max() { return 300; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  schedule three;
  for (std::size_t i = 0; i < size; ++i) three.act(data[i]);
  three.finish();
  return 0;
}
