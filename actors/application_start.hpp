// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "actors/application_desk.hpp"
#include "causerie/application.hpp"

namespace causerie {

/// What all ways to start an application end in.
[[nodiscard]] application start_application(node& at, std::string name,
                                            std::shared_ptr<actors::group_room> room,
                                            actors::application_desk::work work,
                                            const application_options& options,
                                            std::deque<group_event> taken_already = {});
/// Work that a coroutine does, on the node's io_context.
[[nodiscard]] actors::application_desk::work work_by(node& at, detail::async_handler handler);

}  // namespace causerie
