// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace causerie::protocol {

using byte_view = std::span<const std::byte>;
using byte_buffer = std::vector<std::byte>;

/// Immutable bytes with shared ownership: a view plus whatever keeps it alive. Copying one copies
/// no byte, so a payload travels between machines, actors and queues without ever being copied.
/// Thread rule: like `std::shared_ptr<const T>`.
class shared_bytes {
public:
  shared_bytes() noexcept = default;

  /// `view` must stay valid as long as `owner` lives.
  shared_bytes(std::shared_ptr<const void> owner, byte_view view) noexcept
      : owner_{std::move(owner)}, view_{view} {}

  /// Takes over `buffer` without copying its bytes. One allocation.
  explicit shared_bytes(byte_buffer&& buffer) {
    auto owned = std::make_shared<const byte_buffer>(std::move(buffer));
    view_ = *owned;
    owner_ = std::move(owned);
  }

  [[nodiscard]] static shared_bytes copy_of(byte_view source) {
    return shared_bytes{byte_buffer{source.begin(), source.end()}};
  }
  [[nodiscard]] static shared_bytes copy_of(std::string_view text) {
    return copy_of(std::as_bytes(std::span{text.data(), text.size()}));
  }

  [[nodiscard]] byte_view view() const noexcept { return view_; }
  [[nodiscard]] const std::byte* data() const noexcept { return view_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(view_.data()), view_.size()};
  }

  /// A part that shares the same owner. Precondition: `offset + count <= size()`.
  [[nodiscard]] shared_bytes slice(std::size_t offset, std::size_t count) const noexcept {
    return {owner_, view_.subspan(offset, count)};
  }

private:
  std::shared_ptr<const void> owner_;
  byte_view view_;
};

}  // namespace causerie::protocol
