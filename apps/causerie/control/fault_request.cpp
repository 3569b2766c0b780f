// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/fault_request.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocol/address.hpp"

namespace causerie::apps {
namespace {

using net::link_faults;
using nlohmann::json;

constexpr std::size_t paths_max = 4096;
constexpr std::size_t withheld_bytes_max = 4096;
constexpr std::chrono::nanoseconds hold_max = std::chrono::minutes{5};

constexpr std::pair<const char*, double link_faults::*> chances[] = {
    {"loss", &link_faults::loss},
    {"duplicate", &link_faults::duplicate},
    {"reorder", &link_faults::reorder},
    {"corrupt", &link_faults::corrupt},
};
constexpr std::pair<const char*, protocol::duration link_faults::*> times[] = {
    {"delay_ns", &link_faults::delay},
    {"jitter_ns", &link_faults::jitter},
    {"reorder_by_ns", &link_faults::reorder_by},
};

json faults_json(const link_faults& faults) {
  json object{{"blocked", faults.blocked}};
  for (const auto& [name, member] : chances) object[name] = faults.*member;
  for (const auto& [name, member] : times) object[name] = (faults.*member).count();
  return object;
}

link_faults faults_from(const json& object) {
  if (!object.is_object()) throw std::invalid_argument{"faults are no object"};
  link_faults faults;
  for (const auto& [name, member] : chances) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (!found->is_number() || found->get<double>() < 0 || found->get<double>() > 1)
      throw std::invalid_argument{fmt::format("'{}' is no probability", name)};
    faults.*member = found->get<double>();
  }
  for (const auto& [name, member] : times) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 0 ||
        found->get<std::int64_t>() > hold_max.count())
      throw std::invalid_argument{fmt::format("'{}' is out of bounds", name)};
    faults.*member = protocol::duration{found->get<std::int64_t>()};
  }
  const auto blocked = object.find("blocked");
  if (blocked != object.end() && !blocked->is_boolean())
    throw std::invalid_argument{"'blocked' is neither true nor false"};
  faults.blocked = blocked != object.end() && blocked->get<bool>();
  return faults;
}

net::fault_plan plan_from(const json& object) {
  net::fault_plan plan;
  if (const auto found = object.find("everywhere"); found != object.end())
    plan.everywhere = faults_from(*found);
  if (const auto found = object.find("withheld"); found != object.end()) {
    if (!found->is_string() || found->get_ref<const std::string&>().size() > withheld_bytes_max)
      throw std::invalid_argument{
          fmt::format("'withheld' is no text of up to {} bytes", withheld_bytes_max)};
    plan.withheld = found->get<std::string>();
  }
  const auto towards = object.find("towards");
  if (towards == object.end()) return plan;
  if (!towards->is_object() || towards->size() > paths_max)
    throw std::invalid_argument{fmt::format("'towards' is no object of up to {} paths", paths_max)};
  for (const auto& [text, faults] : towards->items()) {
    const auto address = protocol::socket_address::parse(text);
    if (!address) throw std::invalid_argument{fmt::format("'{}' is no address", text)};
    plan.towards[*address] = faults_from(faults);
  }
  return plan;
}

}  // namespace

json fault_plan_json(const net::fault_plan& plan) {
  auto towards = json::object();
  for (const auto& [address, faults] : plan.towards) towards[address.text()] = faults_json(faults);
  return {{"everywhere", faults_json(plan.everywhere)},
          {"towards", std::move(towards)},
          {"withheld", plan.withheld}};
}

tl::expected<net::fault_plan, std::string> fault_plan_from_json(const json& object) {
  try {
    return plan_from(object);
  } catch (const std::invalid_argument& wrong) {
    return tl::unexpected(std::string{wrong.what()});
  }
}

}  // namespace causerie::apps
