#include "state/recorder.h"

#include "journal/own_statement.h"
#include "journal/varint.h"
#include "state/rows.h"

#include "state/delete_old_sums_sql.h"
#include "state/postgres_delete_old_sums_sql.h"
#include "state/postgres_select_sums_sql.h"
#include "state/postgres_upsert_sum_sql.h"
#include "state/select_sums_sql.h"
#include "state/upsert_sum_sql.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace reeve::state {

namespace {

using journal::OwnStatement;

constexpr OwnStatement select_sums{embedded::select_sums_sql, embedded::postgres_select_sums_sql, 1};
constexpr OwnStatement upsert_sum{embedded::upsert_sum_sql, embedded::postgres_upsert_sum_sql, 4};
constexpr OwnStatement delete_old_sums{embedded::delete_old_sums_sql, embedded::postgres_delete_old_sums_sql,
                                       2};

}  // namespace

Recorder::Recorder(engine::Connection& connection, const journal::Layout& layout, int group_events_max)
    : appender_(connection),
      layout_(&layout),
      sums_(layout),
      net_(layout),
      group_events_max_(group_events_max) {}

void Recorder::record(const journal::Event& event, std::string_view changeset, const Digest& chain_hash) {
  ensure(event.sequence == head_.sequence + 1, "an event follows the head");
  head_.chain_hash = chain_hash;
  appender_.append(event);
  head_.sequence = event.sequence;
  if (enqueuer_ != nullptr) {
    enqueuer_->note(event);
  }
  chain_.append(reinterpret_cast<const char*>(head_.chain_hash.data()), head_.chain_hash.size());
  journal::append_varint(changeset.size(), changesets_);
  changesets_.append(changeset);
}

void Recorder::record(const journal::Event& event, const std::vector<journal::Change>& changes) {
  changeset_.clear();
  journal::append_changeset(*layout_, changes, changeset_);
  record(event, changeset_);
  net_.merge(changes);
}

void Recorder::record(const journal::Event& event, std::string_view changeset) {
  record(event, changeset, journal::chain_hash(head_.chain_hash, event, changeset, scratch_));
}

void Recorder::seal() {
  if (!has_open_group()) {
    return;
  }
  ++seals_;  // first of all: what throws from here on leaves sums that have moved
  net_.apply_to(sums_);
  if (keeper_ != nullptr) {
    net_.each([this](int table, journal::Row before, journal::Row after) {
      keeper_->change(table, before, after);
    });
  }
  net_.clear();
  seal(sums_.state_hash());
  if (keeper_ != nullptr && !keeper_->is_empty()) {
    appender_.flush();  // a copy of vectors is brought up by what the journal says
    keeper_->seal(head_);
  }
}

void Recorder::seal(const Digest& state_hash) {
  head_.state_hash = state_hash;
  appender_.seal(sealed_ + 1, head_.sequence, head_.chain_hash, head_.state_hash, chain_, changesets_);
  if (enqueuer_ != nullptr) {
    enqueuer_->write();
  }
  sealed_ = head_.sequence;
  chain_.clear();
  changesets_.clear();
}

Digest Recorder::state_hash_now() {
  net_.apply_to(sums_);
  net_.clear();
  return sums_.state_hash();
}

void Recorder::reset(const journal::Head& head) {
  head_ = head;
  sealed_ = head.sequence;
  appender_.drop();
  net_.clear();
  if (keeper_ != nullptr) {
    keeper_->forget();
  }
  if (enqueuer_ != nullptr) {
    enqueuer_->forget();
  }
  chain_.clear();
  changesets_.clear();
}

void Recorder::set_layout(const journal::Layout& layout) {
  StateSums fresh(layout);
  for (std::size_t table = 0; table < layout.tables.size(); ++table) {
    const int before = layout_->find(layout.tables[table].name);
    if (before >= 0) {
      fresh.set_sum(static_cast<int>(table), sums_.sum(before));
    }
  }
  sums_ = std::move(fresh);
  net_ = NetChanges(layout);
  layout_ = &layout;
}

std::optional<std::int64_t> load_sums(engine::Connection& connection, StateSums& sums) {
  engine::Statement row = prepare(connection, select_sums, false);
  std::optional<std::int64_t> sequence;
  sums.clear();
  std::size_t known = 0;
  while (row.step()) {
    const int table = sums.layout().find(row.text(0));
    const std::string_view bytes = row.bytes(2);
    TableSum sum;
    if (table < 0 || bytes.size() != sizeof sum || (sequence && *sequence != row.integer(1))) {
      return std::nullopt;
    }
    std::memcpy(sum.data(), bytes.data(), sizeof sum);
    sums.set_sum(table, sum);
    sequence = row.integer(1);
    ++known;
  }
  return known == sums.layout().tables.size() ? sequence : std::nullopt;
}

std::vector<std::tuple<std::string, std::int64_t, std::string>> read_stored_sums(
    engine::Connection& connection) {
  std::vector<std::tuple<std::string, std::int64_t, std::string>> stored;
  engine::Statement row = prepare(connection, select_sums, false);
  while (row.step()) {
    stored.emplace_back(row.text(0), row.integer(1), row.bytes(2));
  }
  return stored;
}

void store_sums(engine::Connection& connection, StateSums& sums, std::int64_t sequence) {
  engine::Statement upsert = prepare(connection, upsert_sum, false);
  for (std::size_t table = 0; table < sums.layout().tables.size(); ++table) {
    const TableSum& sum = sums.sum(static_cast<int>(table));
    upsert.bind_text(1, sums.layout().tables[table].name);
    upsert.bind_integer(2, sequence);
    upsert.bind_bytes(3, sum.data(), sizeof sum);
    upsert.post();
  }
  engine::Statement remove = prepare(connection, delete_old_sums, false);
  remove.bind_integer(1, sequence);
  remove.post();
}

void sum_rows(engine::Connection& connection, StateSums& sums) {
  sums.clear();
  RowStore rows(connection, sums.layout());
  for (int table = 0; table < static_cast<int>(sums.layout().tables.size()); ++table) {
    rows.scan(table, [&](journal::Row row) {
      sums.add(table, row);
      return true;
    });
  }
}

namespace {

/// A row of which only what the journal says is known.
using OwnedRow = std::optional<std::vector<Value>>;

struct Touched {
  OwnedRow now;     ///< as the table has it
  OwnedRow before;  ///< as it was; taken back step by step
};

std::vector<ValueView> views_of(const std::vector<Value>& row) {
  std::vector<ValueView> views;
  views.reserve(row.size());
  for (const Value& value : row) {
    views.push_back(ValueView::of(value));
  }
  return views;
}

/// The key in the changeset's own bytes: equal keys have equal bytes.
std::string key_of(const journal::StoredChange& change) {
  std::string key;
  journal::append_varint(static_cast<std::uint64_t>(change.table), key);
  for (const ValueView& value : change.key) {
    const Value owned = value.to_value();
    key += std::to_string(owned.index()) + ':';
    if (const auto* integer = std::get_if<std::int64_t>(&owned)) {
      key += std::to_string(*integer);
    } else if (value.kind() == ValueView::Kind::real) {
      const double real = value.real();
      key.append(reinterpret_cast<const char*>(&real), sizeof real);
    } else {
      key += std::to_string(value.text().size()) + ':';
      key += value.text();
    }
  }
  return key;
}

void take_back(const journal::TableLayout& table, const journal::StoredChange& change, OwnedRow& row) {
  using Operation = journal::StoredChange::Operation;
  if (change.operation == Operation::insert) {
    row.reset();
    return;
  }
  if (change.operation == Operation::remove) {
    row.emplace(table.columns.size());
    for (std::size_t i = 0; i < change.key.size(); ++i) {
      (*row)[static_cast<std::size_t>(table.key[i])] = change.key[i].to_value();
    }
  }
  if (!row) {
    throw Error(ErrorCode::corrupt, "the journal changes a row of " + table.name + " that is not there",
                "run `reeve verify`");
  }
  for (std::size_t i = 0; i < change.columns.size(); ++i) {
    (*row)[static_cast<std::size_t>(change.columns[i])] = change.before[i].to_value();
  }
}

}  // namespace

void catch_up(engine::Connection& connection, StateSums& sums, std::int64_t sequence) {
  const journal::Layout& layout = sums.layout();
  std::vector<std::string> changesets;
  journal::EntryReader entries(connection, sequence);
  journal::Entry entry;
  while (entries.next(entry)) {
    changesets.emplace_back(entry.changeset);
  }
  RowStore rows(connection, layout);
  std::map<std::string, std::pair<int, Touched>> touched;
  for (auto changeset = changesets.rbegin(); changeset != changesets.rend(); ++changeset) {
    journal::ChangesetReader reader(layout, *changeset);
    journal::StoredChange change;
    while (reader.next(change)) {
      auto [place, fresh] = touched.try_emplace(key_of(change), change.table, Touched{});
      Touched& row = place->second.second;
      if (fresh) {
        std::vector<ValueView> values;
        if (rows.read(change.table, change.key, values)) {
          row.now.emplace();
          std::transform(values.begin(), values.end(), std::back_inserter(*row.now),
                         [](const ValueView& value) { return value.to_value(); });
        }
        row.before = row.now;
      }
      take_back(layout.table(change.table), change, row.before);
    }
  }
  for (const auto& [key, entry_of_key] : touched) {
    const auto& [table, row] = entry_of_key;
    const std::vector<ValueView> before = row.before ? views_of(*row.before) : std::vector<ValueView>();
    const std::vector<ValueView> now = row.now ? views_of(*row.now) : std::vector<ValueView>();
    sums.change(table, row.before ? before.data() : nullptr, row.now ? now.data() : nullptr);
  }
}

StateSums sums_at(engine::Connection& connection, const journal::Layout& layout, const journal::Head& head,
                  std::int64_t epoch_began) {
  StateSums sums(layout);
  const auto stored = load_sums(connection, sums);
  if (stored && *stored <= head.sequence && *stored >= epoch_began) {
    catch_up(connection, sums, *stored);
    return sums;
  }
  StateSums all(layout);
  sum_rows(connection, all);
  return all;
}

}  // namespace reeve::state
