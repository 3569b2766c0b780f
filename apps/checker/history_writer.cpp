// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/history_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "apps/checker/history_line.hpp"
#include "apps/checker/payload_hash.hpp"

namespace causerie::checker {
namespace {

std::int64_t wall_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

entry make(entry_kind kind, std::string_view where, std::string_view id) {
  entry made{.kind = kind};
  made.where = where;
  made.message = id;
  return made;
}

}  // namespace

history_writer::history_writer(const std::filesystem::path& file, std::string node,
                               std::uint64_t life, std::string_view id)
    : node_{std::move(node)}, life_{life} {
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) throw std::system_error{errno, std::generic_category(), file.string()};
  entry first{.kind = entry_kind::start};
  first.peer = id;
  write(std::move(first));
}

history_writer::~history_writer() { ::close(file_); }

void history_writer::write(entry what) {
  if (what.at_ns == 0) what.at_ns = wall_ns();
  const auto line = to_line(node_, life_, what);
  ssize_t written = 0;
  do written = ::write(file_, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written < 0) throw std::system_error{errno, std::generic_category(), "history"};
  if (static_cast<std::size_t>(written) != line.size())
    throw std::system_error{ENOSPC, std::generic_category(), "history"};
}

void history_writer::joined(std::string_view group) { write(make(entry_kind::joined, group, {})); }

void history_writer::send(std::string_view group, std::string_view message,
                          protocol::byte_view payload) {
  auto what = make(entry_kind::send, group, message);
  what.hash = payload_hash(payload);
  write(std::move(what));
}

void history_writer::refused(std::string_view group, std::string_view message) {
  write(make(entry_kind::refused, group, message));
}

void history_writer::deliver(std::string_view group, std::string_view message,
                             protocol::byte_view payload, std::string_view author,
                             std::uint64_t life, std::uint64_t number, protocol::duration held) {
  auto what = make(entry_kind::deliver, group, message);
  what.hash = payload_hash(payload);
  what.peer = author;
  what.peer_life = life;
  what.number = number;
  what.held_ns = held.count();
  write(std::move(what));
}

void history_writer::gap(std::string_view group, std::vector<lost_range> ranges,
                         std::string_view cause) {
  auto what = make(entry_kind::gap, group, {});
  what.ranges = std::move(ranges);
  what.text = cause;
  write(std::move(what));
}

void history_writer::ended(std::string_view group, std::string_view reason) {
  auto what = make(entry_kind::ended, group, {});
  what.text = reason;
  write(std::move(what));
}

void history_writer::private_send(std::string_view peer, std::string_view channel,
                                  std::string_view message, protocol::byte_view payload) {
  auto what = make(entry_kind::private_send, channel, message);
  what.peer = peer;
  what.hash = payload_hash(payload);
  write(std::move(what));
}

void history_writer::private_refused(std::string_view peer, std::string_view channel,
                                     std::string_view message) {
  auto what = make(entry_kind::private_refused, channel, message);
  what.peer = peer;
  write(std::move(what));
}

void history_writer::private_deliver(std::string_view peer, std::string_view channel,
                                     std::string_view message, protocol::byte_view payload) {
  auto what = make(entry_kind::private_deliver, channel, message);
  what.peer = peer;
  what.hash = payload_hash(payload);
  write(std::move(what));
}

void history_writer::outcome(std::string_view peer, std::string_view channel,
                             std::string_view message, std::string_view result) {
  auto what = make(entry_kind::outcome, channel, message);
  what.peer = peer;
  what.text = result;
  write(std::move(what));
}

void history_writer::restart(std::string_view actor) {
  entry what{.kind = entry_kind::restart};
  what.text = actor;
  write(std::move(what));
}

void history_writer::finish() { write(entry{.kind = entry_kind::finish}); }

}  // namespace causerie::checker
