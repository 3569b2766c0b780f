// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "apps/causerie/chaos/chaos_scenario.hpp"

namespace causerie::apps {

/// Throws app_error (exit 78): what is wrong in a file, where, and what would be right.
[[noreturn]] void wrong_in_file(const std::string& file, const file_place& at, std::string why,
                                std::string hint = {}, std::string because = {});

/// A value of the file with its key. Getters throw app_error at the value's place.
struct toml_value {
  const std::string* file = nullptr;
  std::string key;
  file_place key_place, place;
  const toml::node* node = nullptr;

  [[nodiscard]] std::string text() const;
  /// One text, or a list of texts.
  [[nodiscard]] std::vector<std::string> texts() const;
  [[nodiscard]] duration time() const;
  /// `-25s` too.
  [[nodiscard]] duration signed_time() const;
  /// `5ms` or `5ms..40ms`.
  [[nodiscard]] std::pair<duration, duration> times() const;
  [[nodiscard]] double probability() const;
  [[nodiscard]] bool yes() const;
  [[nodiscard]] std::uint64_t count(std::uint64_t low, std::uint64_t high) const;
  [[nodiscard]] std::uint64_t bytes() const;
  /// `200/s`, `30/m`: a second.
  [[nodiscard]] double rate() const;
  /// Its place among `names`; an unknown one is an error with the nearest.
  [[nodiscard]] std::size_t one_of(const std::vector<std::string_view>& names,
                                   std::string_view what) const;
  [[noreturn]] void wrong(std::string why, std::string hint = {}, std::string because = {}) const;
};

/// The keys of one table of the file, each taken once; what nobody asked for is an error.
class toml_keys {
public:
  /// `what`: of the table, for people: "a step".
  toml_keys(const std::string& file, const toml::table& table, std::string what);

  [[nodiscard]] std::optional<toml_value> take(std::string_view key);
  /// Missing is an error.
  [[nodiscard]] toml_value need(std::string_view key, std::string_view hint);
  /// Throws at the first key that nobody has asked for.
  void end() const;
  /// Keys that nobody has asked for yet, in the order of the file.
  [[nodiscard]] std::vector<toml_value> left() const;
  [[nodiscard]] const file_place& place() const noexcept { return place_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

private:
  const std::string& file_;
  std::string what_;
  file_place place_;
  std::map<std::string, toml_value, std::less<>> values_;
  std::vector<std::string> asked_;
};

}  // namespace causerie::apps
