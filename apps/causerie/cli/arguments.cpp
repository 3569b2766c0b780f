// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/arguments.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/nearest.hpp"

namespace causerie::apps {
namespace {

using words_view = std::span<const std::string>;

app_error unknown_verb(std::string_view word, std::span<const verb_spec> verbs) {
  std::vector<std::string_view> names;
  for (const auto& verb : verbs)
    if (!verb.hidden) names.push_back(verb.name);
  const auto near = nearest(word, names);
  app_error error{"unknown-verb", exit_code::usage, fmt::format("unknown verb '{}'", word),
                  near.empty()
                      ? std::string{"'causerie --help' lists all"}
                      : fmt::format("did you mean '{}'? 'causerie --help' lists all", near)};
  error.details["verb"] = word;
  return error;
}

app_error unknown_flag(std::string_view word, const verb_spec* verb) {
  std::vector<std::string> names;
  if (verb != nullptr)
    for (const auto& flag : verb->flags) names.push_back(fmt::format("--{}", flag.name));
  for (const auto& flag : global_flags()) names.push_back(fmt::format("--{}", flag.name));
  const std::vector<std::string_view> views{names.begin(), names.end()};
  const auto near = nearest(word.substr(0, word.find('=')), views);
  const auto help = verb != nullptr ? fmt::format("causerie {} --help", verb->name)
                                    : std::string{"causerie --help"};
  app_error error{"unknown-flag", exit_code::usage, fmt::format("unknown flag '{}'", word),
                  near.empty() ? fmt::format("'{}' lists all", help)
                               : fmt::format("did you mean '{}'? '{}' lists all", near, help)};
  error.details["flag"] = word;
  return error;
}

const flag_spec* global_flag(std::string_view word) {
  const auto name = word.substr(0, word.find('='));
  for (const auto& flag : global_flags())
    if (name == fmt::format("--{}", flag.name) ||
        (word.size() > 1 && word[1] != '-' && flag.letter != 0 && word[1] == flag.letter))
      return &flag;
  return nullptr;
}

/// Where the verb stands among global flags; none when there is no verb.
std::optional<std::size_t> verb_index(words_view words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.size() < 2 || word[0] != '-') return i;
    const auto* flag = global_flag(word);
    if (flag == nullptr) throw unknown_flag(word, nullptr);
    if (flag->kind != value_kind::toggle && word.find('=') == word.npos) ++i;
  }
  return {};
}

/// CLI11 splits words into flags, values and the rest; meaning and errors are ours.
class splitter {
public:
  explicit splitter(const verb_spec* verb) : verb_{verb} {
    app_.set_help_flag();
    app_.allow_extras();
    for (const auto& flag : global_flags()) add(flag);
    if (verb == nullptr) return;
    for (const auto& flag : verb->flags) add(flag);
    app_.add_option("words", positionals_)->expected(0, CLI::detail::expected_max_vector_size);
  }

  void split(std::vector<std::string> words) {
    std::ranges::reverse(words);  // As CLI11 wants it.
    try {
      app_.parse(words);
    } catch (const CLI::ArgumentMismatch& mismatch) {
      throw usage_error(lower(mismatch.what()), help());
    } catch (const CLI::ParseError& problem) {
      throw usage_error(lower(problem.what()), help());
    }
    for (const auto& word : app_.remaining())
      if (word != "--") throw unknown_flag(word, verb_);
  }

  /// Checks every value and hands it over.
  void collect(arguments& into) const {
    for (const auto& [flag, values] : options_)
      for (const auto& value : values) {
        const auto checked = checked_value(flag->kind, value, flag->placeholder);
        if (!checked) throw bad_value(fmt::format("--{}", flag->name), checked.error());
        into.add(flag->name, value);
      }
    for (const auto& [flag, times] : toggles_)
      for (int i = 0; i < times; ++i) into.add(flag->name, "true");
    if (verb_ != nullptr) collect_positionals(into);
  }

private:
  static app_error bad_value(const std::string& on, const unit_problem& problem) {
    app_error error{"bad-value", exit_code::usage, fmt::format("{}: {}", on, problem.why),
                    problem.hint};
    error.details["on"] = on;
    return error;
  }
  [[nodiscard]] std::string help() const {
    return verb_ == nullptr ? std::string{"'causerie --help' tells more"}
                            : fmt::format("'causerie {} --help' tells more", verb_->name);
  }
  static std::string lower(std::string text) {
    if (!text.empty()) text[0] = static_cast<char>(std::tolower(text[0]));
    return text;
  }
  void add(const flag_spec& flag) {
    const auto names = flag.letter != 0 ? fmt::format("-{},--{}", flag.letter, flag.name)
                                        : fmt::format("--{}", flag.name);
    if (flag.kind == value_kind::toggle) {
      app_.add_flag(names, toggles_[&flag]);
      return;
    }
    const bool greedy = flag.repeated && verb_ != nullptr && verb_->positionals.empty();
    app_.add_option(names, options_[&flag])
        ->expected(1, greedy ? CLI::detail::expected_max_vector_size : 1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(greedy);
  }
  void collect_positionals(arguments& into) const {
    const auto& specs = verb_->positionals;
    if (positionals_.size() > specs.size())
      throw usage_error(
          fmt::format("'{}' is one argument too many", positionals_[specs.size()]),
          specs.empty() ? help() : fmt::format("quote a text that has spaces; {}", help()));
    for (std::size_t i = 0; i < specs.size(); ++i) {
      if (i < positionals_.size()) {
        take_positional(specs[i], positionals_[i], into);
      } else if (specs[i].required) {
        throw usage_error(fmt::format("{} is missing", specs[i].name), help());
      }
    }
  }
  static void take_positional(const positional_spec& spec, const std::string& value,
                              arguments& into) {
    if (spec.name.find('|') != spec.name.npos)
      if (const auto checked = checked_value(value_kind::choice, value, spec.name); !checked)
        throw bad_value("argument", checked.error());
    into.add(spec.name, value);
  }

  const verb_spec* verb_;
  CLI::App app_;
  std::map<const flag_spec*, std::vector<std::string>> options_;
  std::map<const flag_spec*, int> toggles_;
  std::vector<std::string> positionals_;
};

parsed<std::string> checked_choice(std::string_view value, std::string_view choices) {
  std::vector<std::string_view> known;
  for (std::size_t from = 0; from <= choices.size();) {
    const auto to = std::min(choices.find('|', from), choices.size());
    known.push_back(choices.substr(from, to - from));
    from = to + 1;
  }
  if (std::ranges::find(known, value) != known.end()) return std::string{value};
  const auto near = nearest(value, known);
  return tl::unexpected(
      unit_problem{fmt::format("'{}' is none of {}", value, choices),
                   near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near)});
}

template <class Value>
parsed<std::string> kept(const parsed<Value>& value, std::string_view text) {
  if (!value) return tl::unexpected(value.error());
  return std::string{text};
}

}  // namespace

parsed<std::string> checked_value(value_kind kind, std::string_view value,
                                  std::string_view choices) {
  switch (kind) {
    case value_kind::toggle: return kept(parse_switch(value), value);
    case value_kind::count: return kept(parse_count(value), value);
    case value_kind::time: return kept(parse_duration(value), value);
    case value_kind::bytes: return kept(parse_byte_size(value), value);
    case value_kind::probability: return kept(parse_probability(value), value);
    case value_kind::choice: return checked_choice(value, choices);
    case value_kind::text: break;
  }
  return std::string{value};
}

std::size_t arguments::times(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? 0 : found->second.size();
}

std::vector<std::string> arguments::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::string arguments::text(std::string_view name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string{fallback} : found->second.back();
}

std::uint64_t arguments::count(std::string_view name, std::uint64_t fallback) const {
  return has(name) ? parse_count(text(name)).value() : fallback;
}
duration arguments::time(std::string_view name, duration fallback) const {
  return has(name) ? parse_duration(text(name)).value() : fallback;
}
std::uint64_t arguments::bytes(std::string_view name, std::uint64_t fallback) const {
  return has(name) ? parse_byte_size(text(name)).value() : fallback;
}
double arguments::probability(std::string_view name, double fallback) const {
  return has(name) ? parse_probability(text(name)).value() : fallback;
}

void arguments::add(std::string_view name, std::string value) {
  values_[std::string{name}].push_back(std::move(value));
}

command_line parse_command_line(std::span<const std::string> words,
                                std::span<const verb_spec> verbs) {
  command_line line;
  std::vector<std::string> rest{words.begin(), words.end()};
  if (const auto index = verb_index(words)) {
    line.verb = find_verb(verbs, words[*index]);
    if (line.verb == nullptr) throw unknown_verb(words[*index], verbs);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(*index));
  }
  // Help is given whatever else is wrong or missing.
  const auto end_of_flags = std::ranges::find(rest, "--");
  for (auto word = rest.begin(); word != end_of_flags; ++word) {
    line.help = line.help || *word == "--help" || *word == "-h";
    line.version = line.version || *word == "--version";
  }
  if (line.help) return line;
  splitter split{line.verb};
  split.split(std::move(rest));
  split.collect(line.given);
  return line;
}

}  // namespace causerie::apps
