// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/link/frame.hpp"

namespace causerie::protocol {

/// A frame on its way through the link, queued or in flight.
struct queued_frame {
  outgoing_frame frame;
  std::uint64_t generation = 0;  ///< Of a fresh frame: which one of its slot.
  bool resent = false;           ///< Of a repairable frame: it has had its second chance.
};

/// Hears what became of frames in flight.
class frame_fates {
public:
  virtual ~frame_fates() = default;
  virtual void on_frame_acked(queued_frame&& frame) = 0;
  virtual void on_frame_lost(queued_frame&& frame) = 0;
};

}  // namespace causerie::protocol
