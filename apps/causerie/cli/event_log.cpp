// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/event_log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/event_text.hpp"
#include "apps/causerie/cli/json_text.hpp"

namespace causerie::apps {

struct event_log::state {
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::async_logger> log;
};

event_log::event_log(std::size_t verbosity) : state_{std::make_unique<state>()} {
  state_->writer = std::make_shared<spdlog::details::thread_pool>(1024, 1);
  state_->log = std::make_shared<spdlog::async_logger>(
      "causerie", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), state_->writer,
      spdlog::async_overflow_policy::overrun_oldest);
  state_->log->set_level(verbosity > 1 ? spdlog::level::debug : spdlog::level::info);
  state_->log->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
}

event_log::~event_log() = default;

void event_log::write(const std::string& line) {
  const auto event = json_of(line);
  if (!event.is_object()) return;
  const auto type = event.value("type", "");
  const bool frequent = type == "recv" || type == "send" || type == "link";
  state_->log->log(frequent ? spdlog::level::debug : spdlog::level::info, event_text(event));
}

}  // namespace causerie::apps
