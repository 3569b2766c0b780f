// SPDX-License-Identifier: BSL-1.0
#include "journal/gathering_store.hpp"

#include <array>

#include "journal/number_key.hpp"
#include "journal/row_key.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::journal {
namespace {

/// More rows than these are erased in the tables themselves: a mark for each would cost more.
constexpr std::size_t erased_one_by_one_max = 64;
constexpr std::size_t rows_per_commit_max = 1 << 24;

struct gathered_row {
  table in{};
  bool erased = false;
  shared_bytes key, value;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gathered_row& x) {
  return f(protocol::wire::ranged(x.in, table::meta, table::recent), x.erased, x.key, x.value);
}

struct gathered_commit {
  std::vector<gathered_row> rows;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gathered_commit& x) {
  return f(protocol::wire::limited(x.rows, rows_per_commit_max));
}

/// Before every commit's row: the number of the last one that has moved.
row_key moved_key() { return row_key{}.add(std::uint64_t{0}); }
row_key commit_key(std::uint64_t number) { return row_key{}.add(number); }

}  // namespace

result<std::unique_ptr<row_store>> gathering_store::open(std::unique_ptr<row_store> below,
                                                         bounds most) {
  std::unique_ptr<gathering_store> made{new gathering_store{std::move(below), most}};
  auto error = made->read_recent();
  if (!error && made->commits_ > 0) error = made->move_all();
  if (error) return tl::unexpected{error};
  return std::unique_ptr<row_store>{std::move(made)};
}

gathering_store::~gathering_store() {
  gathering_store::rollback();
  if (commits_ > 0) (void)move_all();  // Else they are moved when it is opened again.
}

std::error_code gathering_store::read_recent() {
  std::error_code damage;
  std::uint64_t moved = 0;
  const auto error = below_->scan(table::recent, {}, {}, [&](const row_view& row) {
    const auto number = number_of(row.key);
    next_ = number + 1;
    // Salvage may bring back what had been moved and erased.
    if (number == 0)
      moved = number_of(row.value);
    else if (number > moved)
      damage = take(shared_bytes::copy_of(row.value));
    return !damage;
  });
  next_ = std::max(next_, moved + 1);
  return error ? error : damage;
}

std::error_code gathering_store::take(const shared_bytes& commit) {
  const auto content = protocol::wire::decode<gathered_commit>(commit);
  if (!content) return journal_errc::corrupted;
  for (const auto& row : content->rows)
    change(row.in, row.key.view(), row.erased ? std::nullopt : std::optional{row.value});
  adopt();
  return {};
}

std::error_code gathering_store::begin(durability need) {
  if (below_open_ || !pending_.empty()) return journal_errc::conflict;
  need_ = need;
  return {};
}

const std::optional<shared_bytes>* gathering_store::find(const name_view& name) const {
  if (below_open_) return nullptr;
  for (const auto* rows : {&pending_, &gathered_})
    if (const auto found = rows->find(name); found != rows->end()) return &found->second;
  return nullptr;
}

void gathering_store::change(table in, byte_view key, std::optional<shared_bytes> value) {
  pending_bytes_ += key.size() + (value ? value->size() : 0);
  pending_.insert_or_assign(row_name{in, {key.begin(), key.end()}}, std::move(value));
}

result<bool> gathering_store::insert(table in, byte_view key, byte_view value) {
  if (below_open_) return below_->insert(in, key, value);
  const auto* known = find({in, key});
  const auto there = known ? result<bool>{known->has_value()} : is_below(in, key);
  if (!there) return there;
  if (*there) return false;
  change(in, key, shared_bytes::copy_of(value));
  return true;
}

result<bool> gathering_store::is_below(table in, byte_view key) {
  auto gap = empty_below_.upper_bound(name_view{in, key});
  if (gap != empty_below_.begin()) {
    const auto& [from, to] = *--gap;
    if (from.in == in && (!to || std::ranges::lexicographical_compare(key, *to))) return false;
  }
  std::optional<byte_buffer> next;
  const auto error = below_->scan(in, key, {}, [&](const row_view& row) {
    next.emplace(row.key.begin(), row.key.end());
    return false;
  });
  if (error) return tl::unexpected{error};
  if (next && std::ranges::equal(*next, key)) return true;
  empty_below_.insert_or_assign(row_name{in, {key.begin(), key.end()}}, std::move(next));
  return false;
}

std::error_code gathering_store::put(table in, byte_view key, byte_view value) {
  if (below_open_) return below_->put(in, key, value);
  change(in, key, shared_bytes::copy_of(value));
  return {};
}

result<std::uint64_t> gathering_store::erase(table in, byte_view first, byte_view beyond) {
  if (!below_open_) {
    std::vector<byte_buffer> keys;
    const auto error = scan(in, first, beyond, [&](const row_view& row) {
      keys.emplace_back(row.key.begin(), row.key.end());
      return keys.size() <= erased_one_by_one_max;
    });
    if (error) return tl::unexpected{error};
    if (keys.size() <= erased_one_by_one_max) {
      for (const auto& key : keys) change(in, key, std::nullopt);
      return keys.size();
    }
    if (auto down = go_below()) return tl::unexpected{down};
  }
  return below_->erase(in, first, beyond);
}

result<std::optional<shared_bytes>> gathering_store::get(table in, byte_view key) {
  if (const auto* known = find({in, key})) return *known;
  return below_->get(in, key);
}

/// What stands above the tables in `[first, beyond)`.
gathering_store::row_map gathering_store::overlay(table in, byte_view first,
                                                  byte_view beyond) const {
  row_map above;
  if (below_open_) return above;
  for (const auto* rows : {&gathered_, &pending_})
    for (auto row = rows->lower_bound(name_view{in, first}); row != rows->end(); ++row) {
      if (row->first.in != in) break;
      if (!beyond.empty() && !std::ranges::lexicographical_compare(row->first.key, beyond)) break;
      above.insert_or_assign(row->first, row->second);
    }
  return above;
}

std::error_code gathering_store::scan(table in, byte_view first, byte_view beyond,
                                      const row_visitor& visit) {
  const auto above = overlay(in, first, beyond);
  auto next = above.begin();
  bool wanted = true;
  const auto show_before = [&](const byte_view* key) {
    for (; wanted && next != above.end(); ++next) {
      if (key && !std::ranges::lexicographical_compare(next->first.key, *key)) return;
      if (next->second) wanted = visit({next->first.key, next->second->view()});
    }
  };
  const auto error = below_->scan(in, first, beyond, [&](const row_view& row) {
    show_before(&row.key);
    if (!wanted) return false;
    if (next == above.end() || !std::ranges::equal(next->first.key, row.key))
      return wanted = visit(row);
    if (next->second) wanted = visit({row.key, next->second->view()});
    ++next;
    return wanted;
  });
  if (!error) show_before(nullptr);
  return error;
}

std::error_code gathering_store::write_recent() {
  gathered_commit content;
  content.rows.reserve(pending_.size());
  for (const auto& [name, value] : pending_)
    content.rows.push_back(
        {name.in, !value, shared_bytes{nullptr, name.key}, value.value_or(shared_bytes{})});
  return below_->put(table::recent, commit_key(next_), protocol::wire::encode(content).view());
}

result<commit_mark> gathering_store::commit() {
  // What is large is not worth writing twice.
  const bool large = !below_open_ && pending_bytes_ >= most_.bytes / 4;
  if (large)
    if (auto error = go_below()) return tl::unexpected{error};
  if (!below_open_) {
    auto error = below_->begin(need_);
    if (!error && !pending_.empty()) error = write_recent();
    if (error) {
      below_->rollback();
      return tl::unexpected{error};
    }
  }
  auto done = below_->commit();
  if (!done) {
    if (!below_open_) below_->rollback();
    return done;
  }
  if (std::exchange(below_open_, false)) {
    empty_below_.clear();
    gathered_.clear();
    pending_.clear();
    commits_ = bytes_ = pending_bytes_ = 0;
    return done;
  }
  if (pending_.empty()) return done;
  ++next_;
  adopt();
  // It is kept, whatever becomes of moving it: a failure there shows at the next call.
  if (commits_ >= most_.commits || bytes_ >= most_.bytes) (void)move_all();
  return done;
}

void gathering_store::adopt() {
  for (auto& [name, value] : pending_) gathered_.insert_or_assign(name, std::move(value));
  pending_.clear();
  bytes_ += std::exchange(pending_bytes_, 0);
  ++commits_;
}

void gathering_store::rollback() {
  pending_.clear();
  pending_bytes_ = 0;
  if (std::exchange(below_open_, false)) below_->rollback();
}

/// From here on the open transaction is one of the store below: with all that has not moved before
/// it, and what it has done so far.
std::error_code gathering_store::go_below() {
  if (auto error = below_->begin(need_)) return error;
  below_open_ = true;
  if (commits_ > 0) {
    if (auto error = write_rows(gathered_)) return error;
    const auto erased = below_->erase(table::recent, {}, {});
    if (!erased) return erased.error();
    if (auto error = below_->put(table::recent, moved_key(), commit_key(next_ - 1))) return error;
  }
  return write_rows(pending_);
}

std::error_code gathering_store::write_rows(const row_map& rows) {
  for (const auto& [name, value] : rows) {
    if (value) {
      if (auto error = below_->put(name.in, name.key, value->view())) return error;
      continue;
    }
    const auto beyond = [&] {
      auto after = name.key;
      after.push_back(std::byte{0});
      return after;
    }();
    if (const auto erased = below_->erase(name.in, name.key, beyond); !erased)
      return erased.error();
  }
  return {};
}

/// Outside transactions.
std::error_code gathering_store::move_all() {
  need_ = durability::process;
  auto error = go_below();
  if (!error) {
    const auto done = commit();
    if (done) return {};
    error = done.error();
  }
  rollback();
  return error;
}

std::error_code gathering_store::maintain() {
  if (below_open_ || !pending_.empty()) return journal_errc::conflict;
  if (commits_ > 0)
    if (auto error = move_all()) return error;
  return below_->maintain();
}

}  // namespace causerie::journal
