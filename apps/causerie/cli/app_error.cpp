// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/app_error.hpp"

#include <nlohmann/json.hpp>

namespace causerie::apps {

std::string error_text(const app_error& error) {
  auto text = "error: " + error.message + '\n';
  if (!error.because.empty()) text += "  " + error.because + '\n';
  if (!error.hint.empty()) text += "  hint: " + error.hint + '\n';
  return text;
}

nlohmann::json error_json(const app_error& error) {
  auto details = nlohmann::json::object();
  for (const auto& [key, value] : error.details) details[key] = value;
  if (!error.because.empty()) details["because"] = error.because;
  return {
      {"schema", "causerie.error/1"}, {"code", error.code}, {"exit", static_cast<int>(error.exit)},
      {"message", error.message},     {"hint", error.hint}, {"details", std::move(details)}};
}

app_error error_from_json(const nlohmann::json& object) {
  const auto text = [&](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  const auto exit = object.find("exit");
  app_error error{text("code"), exit_code::internal, text("message"), text("hint")};
  if (error.code.empty() || exit == object.end() || !exit->is_number_integer())
    return {"internal", exit_code::internal, "the node's answer makes no sense"};
  error.exit = static_cast<exit_code>(exit->get<int>());
  if (const auto details = object.find("details"); details != object.end())
    for (const auto& [key, value] : details->items())
      if (value.is_string()) error.details[key] = value.get<std::string>();
  if (const auto because = error.details.extract("because"); !because.empty())
    error.because = because.mapped();
  return error;
}

app_error usage_error(std::string message, std::string hint) {
  return {"usage", exit_code::usage, std::move(message), std::move(hint)};
}

}  // namespace causerie::apps
