// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/settings.hpp"

namespace causerie::apps {

/// Where answers and remarks go: data to standard output, everything else to standard error.
/// When nobody reads standard output any more (EPIPE) the process ends quietly, as by SIGPIPE.
class console {
public:
  console(const settings& chosen, const arguments& given);

  [[nodiscard]] bool json() const noexcept { return json_; }
  [[nodiscard]] bool colored() const noexcept { return color_; }
  [[nodiscard]] std::size_t verbosity() const noexcept { return verbosity_; }

  /// Data for people; complete lines, flushed.
  void out(std::string_view text);
  /// One object on one line. Bytes that are not UTF-8 become U+FFFD.
  void answer(const nlohmann::json& object);
  /// A remark in plain words on standard error; not with --json or --quiet.
  void say(std::string_view line);
  /// A remark for -v (level 1) and -vv (level 2).
  void detail(std::size_t level, std::string_view line);
  /// Replaces the one line of progress; on a terminal only.
  void progress(std::string_view line);
  void end_progress();

  [[nodiscard]] std::string bold(std::string_view text) const;
  [[nodiscard]] std::string dim(std::string_view text) const;

private:
  bool json_;
  bool quiet_;
  bool color_;
  bool terminal_;
  bool progress_shown_ = false;
  std::size_t verbosity_;
};

}  // namespace causerie::apps
