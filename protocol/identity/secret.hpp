// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <type_traits>
#include <utility>

#include <sodium/utils.h>

namespace causerie::protocol {

/// A value that must not be seen: it has no formatter, no comparison and no `inspect`, and its
/// bytes are overwritten when it dies or is moved from. Reading it takes a visible `reveal`.
template <class Value>
class secret {
  static_assert(std::is_trivially_copyable_v<Value>, "its bytes must be all there is of it");

public:
  secret() noexcept = default;
  explicit secret(const Value& value) noexcept : value_{value} {}
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  secret(secret&& other) noexcept : value_{other.value_} { other.wipe(); }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      value_ = other.value_;
      other.wipe();
    }
    return *this;
  }
  ~secret() { wipe(); }

  /// A copy has to be wanted.
  [[nodiscard]] secret copy() const noexcept { return secret{value_}; }
  [[nodiscard]] const Value& reveal() const noexcept { return value_; }
  [[nodiscard]] Value& reveal() noexcept { return value_; }

private:
  void wipe() noexcept { sodium_memzero(&value_, sizeof value_); }

  Value value_{};
};

}  // namespace causerie::protocol
