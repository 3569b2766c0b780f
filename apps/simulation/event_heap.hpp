// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

namespace causerie::simulation {

inline constexpr std::int64_t second_ns = 1'000'000'000;
/// The node of an event that is the whole world's.
inline constexpr std::uint32_t nobody = ~std::uint32_t{0};

/// What happens next in the world.
enum class happening : std::uint8_t {
  wake,     ///< A node's next deadline.
  talk,     ///< A node's application says something.
  resume,   ///< A pause, or a slow application's rest, is over.
  fault,    ///< The next entry of the fault plan.
  open,     ///< A node opens its group.
  restart,  ///< A killed node comes back.
  look,     ///< The observer audits, or looks whether all has converged.
};

/// Ordered by time, then by the order in which it was asked for: the same seed, the same day.
struct event {
  std::int64_t at_ns = 0;
  std::uint64_t order = 0;
  happening what{};
  std::uint32_t node = 0;
  std::uint32_t generation = 0;  ///< Of the node: an event of an earlier life is ignored.
};

class event_heap {
public:
  void push(std::int64_t at_ns, happening what, std::uint32_t node, std::uint32_t generation = 0) {
    heap_.push({at_ns, ++order_, what, node, generation});
  }
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] const event& top() const { return heap_.top(); }
  event pop() {
    const auto next = heap_.top();
    heap_.pop();
    return next;
  }

private:
  struct later {
    bool operator()(const event& a, const event& b) const noexcept {
      return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.order > b.order;
    }
  };
  std::priority_queue<event, std::vector<event>, later> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace causerie::simulation
