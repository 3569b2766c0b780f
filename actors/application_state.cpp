// SPDX-License-Identifier: BSL-1.0
#include "actors/application_state.hpp"

#include <algorithm>

namespace causerie::actors {
namespace {

std::size_t bytes_of(const std::string& key, const application_state::value& what) {
  return key.size() + (what ? what->size() : 0);
}

}  // namespace

protocol::result<application_state::value> application_state::read(const std::string& key) const {
  for (;;) {
    std::uint64_t written_then = 0, drops_then = 0;
    {
      std::lock_guard lock{mutex_};
      if (const auto found = entries_.find(key); found != entries_.end()) return found->second.what;
      if (!journal_) return value{};
      written_then = written_;
      drops_then = drops_;
    }
    auto on_disk = journal_->note(owner_, key);
    if (!on_disk) return tl::unexpected{on_disk.error()};
    std::lock_guard lock{mutex_};
    // What was written, and perhaps dropped again, meanwhile may be newer than what was read.
    if (written_ != written_then || drops_ != drops_then) continue;
    remember(key, *on_disk, 0);
    make_room();
    return std::move(*on_disk);
  }
}

bool application_state::fits(const writes& what) const {
  if (journal_) return true;
  std::lock_guard lock{mutex_};
  std::size_t after = bytes_, gone = 0;
  for (const auto& [key, text] : what) {
    if (text) after += bytes_of(key, text);
    const auto found = entries_.find(key);
    if (found != entries_.end()) gone += bytes_of(key, found->second.what);
  }
  return after <= bytes_max_ + gone;
}

std::uint64_t application_state::write(const writes& what) {
  std::lock_guard lock{mutex_};
  ++written_;
  for (const auto& [key, text] : what) remember(key, text, written_);
  return written_;
}

void application_state::remember(const std::string& key, const value& what,
                                 std::uint64_t written) const {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    bytes_ -= bytes_of(key, found->second.what);
    entries_.erase(found);
  }
  if (!what && !journal_) return;
  bytes_ += bytes_of(key, what);
  entries_.emplace(key, entry{what, written});
}

void application_state::kept(std::uint64_t number) {
  std::lock_guard lock{mutex_};
  kept_ = std::max(kept_, number);
  make_room();
}

void application_state::make_room() const {
  if (!journal_ || bytes_ <= bytes_max_) return;
  ++drops_;
  std::erase_if(entries_, [this](const auto& each) {
    if (each.second.written > kept_) return false;
    bytes_ -= bytes_of(each.first, each.second.what);
    return true;
  });
}

std::size_t application_state::bytes_in_memory() const {
  std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace causerie::actors
