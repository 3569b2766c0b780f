// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/caf_error.hpp"

#include <cstdint>
#include <string>

#include "caf/atom.hpp"
#include "caf/exit_reason.hpp"
#include "caf/message.hpp"
#include "protocol/errors.hpp"

namespace causerie::actors {
namespace {

constexpr int first_exit_reason = 1000;
constexpr auto protocol_atom = caf::atom("causerie");
constexpr auto errno_atom = caf::atom("errno");

struct caf_error_category final : std::error_category {
  const char* name() const noexcept override { return "caf"; }
  std::string message(int value) const override {
    if (value >= first_exit_reason)
      return to_string(static_cast<caf::exit_reason>(value - first_exit_reason));
    return to_string(static_cast<caf::sec>(value));
  }
};

bool fits(int value) { return value >= 0 && value <= UINT8_MAX; }  // CAF keeps codes in a byte.

}  // namespace

const std::error_category& caf_category() noexcept {
  static const caf_error_category category;
  return category;
}

std::error_code to_error_code(caf::sec code) noexcept {
  if (code == caf::sec::request_timeout) return protocol::protocol_errc::timed_out;
  return {static_cast<int>(code), caf_category()};
}

std::error_code to_error_code(const caf::error& error) noexcept {
  if (!error) return {};
  if (error.category() == caf::atom("system"))
    return to_error_code(static_cast<caf::sec>(error.code()));
  if (error.category() == caf::atom("exit"))
    return {first_exit_reason + error.code(), caf_category()};
  if (error.category() == protocol_atom) return {error.code(), protocol::protocol_category()};
  if (error.category() == errno_atom) return {error.code(), std::system_category()};
  return to_error_code(caf::sec::runtime_error);
}

caf::error to_caf_error(std::error_code code) {
  if (!code) return {};
  if (fits(code.value())) {
    const auto value = static_cast<std::uint8_t>(code.value());
    if (code.category() == protocol::protocol_category()) return {value, protocol_atom};
    if (code.category() == std::system_category() || code.category() == std::generic_category())
      return {value, errno_atom};
    if (code.category() == caf_category()) return static_cast<caf::sec>(value);
  }
  return caf::make_error(caf::sec::runtime_error, code.message());
}

}  // namespace causerie::actors
