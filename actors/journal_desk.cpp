// SPDX-License-Identifier: BSL-1.0
#include "actors/journal_desk.hpp"

#include <iterator>
#include <utility>

#include "protocol/errors.hpp"

namespace causerie::actors {
namespace {

auto closed() { return tl::unexpected{make_error_code(protocol::protocol_errc::closed)}; }

}  // namespace

journal_desk::ticket journal_desk::leave(journal::batch work) {
  std::lock_guard lock{mutex_};
  waiting_.push_back(std::move(work));
  return ++last_;
}

std::error_code journal_desk::trouble() const {
  std::lock_guard lock{mutex_};
  return trouble_;
}

std::optional<std::error_code> journal_desk::change_of_trouble() {
  std::lock_guard lock{mutex_};
  if (told_ == trouble_) return std::nullopt;
  return told_ = trouble_;
}

bool journal_desk::kept_more() {
  std::lock_guard lock{mutex_};
  const ticket kept = kept_;
  return std::exchange(told_kept_, kept) != kept;
}

bool journal_desk::keep_at_once() {
  const std::unique_lock disk{disk_, std::try_to_lock};
  return disk && !trouble() && keep_waiting();
}

bool journal_desk::keep_all() {
  const std::lock_guard disk{disk_};
  return keep_waiting();
}

/// Whoever calls it has the disk.
bool journal_desk::keep_waiting() {
  if (!journal_) return false;
  std::vector<journal::batch> batches;
  ticket last = 0;
  {
    std::lock_guard lock{mutex_};
    batches.swap(waiting_);
    last = last_;
  }
  if (batches.empty()) return true;
  const auto error = keep(batches);
  std::lock_guard lock{mutex_};
  trouble_ = error;
  if (error) {  // Before whatever came meanwhile.
    batches.insert(batches.end(), std::make_move_iterator(waiting_.begin()),
                   std::make_move_iterator(waiting_.end()));
    waiting_ = std::move(batches);
    return false;
  }
  kept_ = last;
  return true;
}

journal::result<protocol::boot_epoch> journal_desk::begin_life(protocol::boot_epoch epoch,
                                                               protocol::wall_time now) {
  keep_all();
  {
    std::lock_guard lock{mutex_};
    waiting_.clear();
    if (!journal::is_final(trouble_)) trouble_ = told_ = {};
  }
  std::lock_guard disk{disk_};
  if (!journal_) return closed();
  return journal_->raise_epoch(protocol::boot_epoch{protocol::number(epoch) - 1}, now);
}

/// Keeps the batches in their order; those that are kept are taken out, so that what is left can be
/// tried again.
std::error_code journal_desk::keep(std::vector<journal::batch>& batches) {
  std::size_t kept = 0;
  std::error_code error;
  for (const auto& outcome : journal_->commit(batches)) {
    if (!outcome) {
      error = outcome.error();
      break;
    }
    ++kept;
  }
  batches.erase(batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(kept));
  return error;
}

journal::result<std::optional<protocol::group_image>> journal_desk::load(
    const protocol::group_id& group) {
  std::lock_guard disk{disk_};
  if (!journal_) return closed();
  return journal::load_group(*journal_, group);
}

journal::result<protocol::channels_image> journal_desk::load_channels() {
  std::lock_guard disk{disk_};
  if (!journal_) return closed();
  return journal::load_channels(*journal_);
}

journal::result<std::vector<std::string>> journal_desk::groups() {
  std::lock_guard disk{disk_};
  if (!journal_) return closed();
  const auto kept = journal_->groups();
  if (!kept) return tl::unexpected{kept.error()};
  std::vector<std::string> names;
  for (const auto& id : *kept) {
    const auto image = journal_->group(id);
    if (!image) return tl::unexpected{image.error()};
    if (*image) names.push_back((*image)->name);
  }
  return names;
}

journal::result<std::optional<protocol::shared_bytes>> journal_desk::note(const std::string& owner,
                                                                          const std::string& key) {
  std::lock_guard disk{disk_};
  if (!journal_) return closed();
  return journal_->note(owner, key);
}

void journal_desk::close() {
  if (!trouble()) keep_all();
  std::lock_guard disk{disk_};
  journal_.reset();
}

}  // namespace causerie::actors
