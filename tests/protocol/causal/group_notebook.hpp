// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/causal/group_keeping.hpp"

namespace causerie::protocol::test {

/// Keeps what a durable group says, as a journal would, in memory.
class group_notebook {
public:
  void keep(std::vector<group_note> notes) {
    for (auto& note : notes) std::visit([this](auto& what) { apply(what); }, note);
  }
  [[nodiscard]] bool empty() const noexcept { return image_.last == 0; }
  [[nodiscard]] const group_image& image() const noexcept { return image_; }
  /// As damage would.
  [[nodiscard]] group_image& image() noexcept { return image_; }

private:
  void apply(kept::bundle& x) {
    const auto same = [&](const kept::bundle& held) {
      return held.sender == x.sender && held.first == x.first;
    };
    if (std::none_of(image_.bundles.begin(), image_.bundles.end(), same))
      image_.bundles.push_back(std::move(x));
  }
  void apply(const kept::member& x) {
    apply(kept::member_forgotten{x.tag});
    image_.members.push_back(x);
  }
  void apply(const kept::member_forgotten& x) {
    std::erase_if(image_.members, [&](const auto& one) { return one.tag == x.tag; });
  }
  void apply(kept::event& x) {
    image_.last = x.position;
    image_.events.push_back(std::move(x));
  }
  void apply(kept::delivered& x) { image_.delivered = std::move(x.clock); }
  void apply(kept::floor& x) { image_.floor = std::move(x.clock); }
  void apply(const kept::forgotten& x) {
    std::erase_if(image_.bundles,
                  [&](const auto& one) { return one.last <= x.below.at(one.sender); });
  }
  void apply(const kept::read_up_to& x) {
    image_.committed = x.position;
    std::erase_if(image_.events, [&](const auto& one) { return one.position <= x.position; });
  }
  void apply(const kept::dropped&) { image_ = {}; }

  group_image image_;
};

}  // namespace causerie::protocol::test
