// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/causerie/cli/arguments.hpp"

namespace causerie::apps {

/// One key of causerie.toml; its environment variable is `CAUSERIE_<SECTION>_<KEY>`.
struct setting_spec {
  std::string_view key;  ///< `node.group-limit`
  value_kind kind;
  std::string_view fallback;  ///< What holds when nobody says otherwise.
  std::string_view choices{};
  bool list = false;
  std::string_view short_variable{};  ///< A second, shorter environment variable.
};

[[nodiscard]] std::span<const setting_spec> setting_specs();
/// `CAUSERIE_NODE_GROUP_LIMIT` for `node.group-limit`.
[[nodiscard]] std::string environment_name(std::string_view key);

/// Where a value comes from.
struct origin {
  enum class source { fallback, file, environment, flag };
  source from = source::fallback;
  std::string where = "default";  ///< `causerie.toml:7`, `CAUSERIE_NODE_NAME`, `--name`.
};

/// The program's settings: flag before environment before file before default.
class settings {
public:
  using environment = std::map<std::string, std::string, std::less<>>;

  /// Everything there is to know about, checked. `verb` says which flags stand for which keys.
  /// Throws app_error, exit 78: an unreadable file, an unknown key, a value not of its kind.
  [[nodiscard]] static settings load(const verb_spec& verb, const arguments& given,
                                     const environment& variables);

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const;
  [[nodiscard]] duration time(std::string_view key) const;
  [[nodiscard]] std::uint64_t count(std::string_view key) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view key) const;
  [[nodiscard]] double probability(std::string_view key) const;
  [[nodiscard]] bool on(std::string_view key) const;
  /// Precondition (as above): `key` is one of `setting_specs`.
  [[nodiscard]] const origin& origin_of(std::string_view key) const;
  [[nodiscard]] bool is_default(std::string_view key) const {
    return origin_of(key).from == origin::source::fallback;
  }
  /// The variables it was loaded with, for folders that follow XDG_*.
  [[nodiscard]] const environment& variables() const noexcept { return variables_; }
  [[nodiscard]] std::string variable(std::string_view name) const;

private:
  struct value {
    std::vector<std::string> texts;
    origin from;
  };
  friend class settings_file;

  void take_defaults();
  void take_environment();
  void take_flags(const verb_spec& verb, const arguments& given);
  [[nodiscard]] const value& at(std::string_view key) const;

  std::map<std::string, value, std::less<>> values_;
  environment variables_;
};

/// The process's environment, as far as the program looks at it.
[[nodiscard]] settings::environment process_environment();

}  // namespace causerie::apps
