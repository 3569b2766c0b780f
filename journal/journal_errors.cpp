// SPDX-License-Identifier: BSL-1.0
#include "journal/journal_errors.hpp"

namespace causerie::journal {
namespace {

class journal_errors final : public std::error_category {
public:
  const char* name() const noexcept override { return "causerie.journal"; }
  std::string message(int value) const override {
    switch (static_cast<journal_errc>(value)) {
      case journal_errc::ok: return "success";
      case journal_errc::disk_full: return "the disk is full";
      case journal_errc::sync_failed: return "the disk lost what it had taken (fsync failed)";
      case journal_errc::io_failed: return "the disk failed";
      case journal_errc::poisoned: return "the journal is closed since the disk failed";
      case journal_errc::corrupted: return "the journal is damaged";
      case journal_errc::newer_version: return "the journal is of a later version of causerie";
      case journal_errc::not_a_journal: return "not a journal";
      case journal_errc::foreign_node: return "the journal of another node";
      case journal_errc::in_use: return "another process has the journal open";
      case journal_errc::conflict: return "contradicts what the journal keeps";
      case journal_errc::too_large: return "larger than the journal takes";
      case journal_errc::cannot_open: return "the journal cannot be opened";
      case journal_errc::moved:
        return "the journal was moved, restored or copied since its node last ran";
    }
    return "unknown journal error";
  }
};

}  // namespace

const std::error_category& journal_category() noexcept {
  static const journal_errors instance;
  return instance;
}

bool is_final(const std::error_code& error) noexcept {
  if (error.category() != journal_category()) return false;
  switch (static_cast<journal_errc>(error.value())) {
    case journal_errc::sync_failed:
    case journal_errc::io_failed:
    case journal_errc::poisoned:
    case journal_errc::corrupted: return true;
    default: return false;
  }
}

}  // namespace causerie::journal
