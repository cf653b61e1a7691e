#include "state/fold.h"

#include "state/row_difference.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

namespace reeve::state {

namespace {

using Operation = journal::StoredChange::Operation;

bool same(const ValueView& left, const ValueView& right) {
  return journal::compare_values(left, right) == std::strong_ordering::equal;
}

}  // namespace

std::size_t Fold::hash_of(int table, std::span<const ValueView> key) const {
  std::size_t hash = static_cast<std::size_t>(table) * 0x9e3779b97f4a7c15U;
  for (const ValueView& value : key) {
    std::size_t part = 0;
    switch (value.kind()) {
      case ValueView::Kind::null: break;
      case ValueView::Kind::integer: part = std::hash<std::int64_t>{}(value.integer()); break;
      case ValueView::Kind::real: part = std::hash<double>{}(value.real()); break;
      default: part = std::hash<std::string_view>{}(value.text());
    }
    hash = std::rotl(hash ^ part, 23) * 0x9e3779b97f4a7c15U;
  }
  return hash ^ (hash >> 29);
}

std::ptrdiff_t Fold::find(int table, std::span<const ValueView> key, std::size_t& free) const {
  const std::vector<int>& columns = layout_->table(table).key;
  for (free = hash_of(table, key) & (places_.size() - 1); places_[free] != 0;
       free = (free + 1) & (places_.size() - 1)) {
    const Slot& slot = slots_[places_[free] - 1];
    bool equal = slot.table == table;
    for (std::size_t i = 0; equal && i < key.size(); ++i) {
      equal = same(slot.key[columns[i]], key[i]);
    }
    if (equal) {
      return static_cast<std::ptrdiff_t>(places_[free]) - 1;
    }
  }
  return -1;
}

void Fold::grow() {
  if ((slots_.size() + 1) * 2 <= places_.size()) {
    return;
  }
  places_.assign(std::max<std::size_t>(1024, places_.size() * 2), 0);
  std::vector<ValueView> key;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    key.clear();
    for (const int place : layout_->table(slots_[slot].table).key) {
      key.push_back(slots_[slot].key[place]);
    }
    std::size_t free = hash_of(slots_[slot].table, key) & (places_.size() - 1);
    while (places_[free] != 0) {
      free = (free + 1) & (places_.size() - 1);
    }
    places_[free] = static_cast<std::uint32_t>(slot) + 1;
  }
}

ValueView* Fold::take_row(int table) {
  const std::size_t bytes = layout_->table(table).columns.size() * sizeof(ValueView);
  bytes_ += bytes;
  return static_cast<ValueView*>(arena_.take(bytes));
}

journal::Row Fold::keep_row(int table, journal::Row row) {
  ValueView* kept = take_row(table);
  for (std::size_t place = 0; place < layout_->table(table).columns.size(); ++place) {
    new (kept + place) ValueView(keep(row[place]));
  }
  return kept;
}

ValueView Fold::keep(const ValueView& value) {
  if (value.kind() != ValueView::Kind::text && value.kind() != ValueView::Kind::bytes) {
    return value;
  }
  const std::string_view text = value.text();
  auto* place = static_cast<char*>(arena_.take(text.size()));
  std::memcpy(place, text.data(), text.size());
  bytes_ += text.size();
  return value.kind() == ValueView::Kind::text ? ValueView::of(std::string_view(place, text.size()))
                                               : ValueView::of_bytes(place, text.size());
}

Fold::Slot& Fold::insert(int table, std::span<const ValueView> key, std::size_t free) {
  const journal::TableLayout& layout = layout_->table(table);
  ValueView* row = take_row(table);
  std::uninitialized_fill_n(row, layout.columns.size(), ValueView());
  for (std::size_t i = 0; i < key.size(); ++i) {
    row[layout.key[i]] = keep(key[i]);
  }
  Slot slot;
  slot.table = table;
  slot.key = row;
  slots_.push_back(slot);
  bytes_ += sizeof(Slot) + 2 * sizeof(std::uint32_t);
  places_[free] = static_cast<std::uint32_t>(slots_.size());
  return slots_.back();
}

void Fold::begin(int table, const TableSum& sum) {
  sums_.set_sum(table, sum);
  is_whole_[static_cast<std::size_t>(table)] = sum == TableSum{};
}

bool Fold::expect(std::span<const std::string_view> changesets) {
  journal::StoredChange change;
  for (const std::string_view changeset : changesets) {
    journal::ChangesetReader reader(*layout_, changeset);
    while (reader.next(change)) {
      grow();
      std::size_t free = 0;
      if (find(change.table, change.key, free) < 0) {
        insert(change.table, change.key, free);
        if (change.operation != Operation::insert && !is_whole_[static_cast<std::size_t>(change.table)]) {
          missing_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
        }
      }
    }
  }
  return !missing_.empty();
}

void Fold::read() {
  std::map<int, std::vector<std::vector<ValueView>>> missing;
  for (const std::uint32_t place : missing_) {
    const Slot& slot = slots_[place];  // one that nobody finds is none
    std::vector<ValueView>& key = missing[slot.table].emplace_back();
    for (const int column : layout_->table(slot.table).key) {
      key.push_back(slot.key[column]);
    }
  }
  missing_.clear();
  std::vector<ValueView> key;
  for (const auto& [table, keys] : missing) {
    const journal::TableLayout& layout = layout_->table(table);
    reader_(table, keys, [&, number = table](journal::Row row) {
      key.clear();
      for (const int place : layout.key) {
        key.push_back(row[place]);
      }
      std::size_t free = 0;
      const std::ptrdiff_t slot = find(number, key, free);
      ensure(slot >= 0, "a row that is read was asked for");
      Slot& entry = slots_[static_cast<std::size_t>(slot)];
      entry.base = entry.summed = entry.now = keep_row(number, row);
    });
  }
}

void Fold::differs(const journal::StoredChange& change, std::string_view what) const {
  const journal::TableLayout& layout = layout_->table(change.table);
  std::vector<ValueView> row(layout.columns.size());
  for (std::size_t i = 0; i < change.key.size(); ++i) {
    row[static_cast<std::size_t>(layout.key[i])] = change.key[i];
  }
  throw Error(ErrorCode::corrupt,
              fmt::format("table {}, row {}: {}", layout.name, key_json(layout, row.data()), what));
}

void Fold::change(Slot& slot, const journal::StoredChange& change) {
  const journal::TableLayout& layout = layout_->table(change.table);
  if (change.operation == Operation::insert ? slot.now != nullptr : slot.now == nullptr) {
    differs(change, change.operation == Operation::insert ? "it is inserted, and is there already"
                                                          : "it is changed, and is not there");
  }
  for (std::size_t i = 0; i < change.before.size(); ++i) {
    const int place = change.columns[i];
    if (!same(slot.now[place], change.before[i])) {
      const sql::Type type = layout.column(place).type;
      differs(change, fmt::format("{} is {}, the journal says {}", layout.column(place).name,
                                  value_text(type, slot.now[place]), value_text(type, change.before[i])));
    }
  }
  if (change.operation == Operation::remove) {
    slot.now = nullptr;
    return;
  }
  ValueView* row = take_row(change.table);
  std::uninitialized_copy_n(slot.now != nullptr ? slot.now : slot.key, layout.columns.size(), row);
  for (std::size_t i = 0; i < change.after.size(); ++i) {
    row[change.columns[i]] = keep(change.after[i]);
  }
  slot.now = row;
}

void Fold::add(std::string_view changeset) {
  journal::ChangesetReader reader(*layout_, changeset);
  journal::StoredChange one;
  while (reader.next(one)) {
    std::size_t free = 0;
    grow();
    const std::ptrdiff_t place = find(one.table, one.key, free);
    ensure(place >= 0, "what is folded was prepared");
    Slot& slot = slots_[static_cast<std::size_t>(place)];
    change(slot, one);
    if (!slot.is_touched) {
      slot.is_touched = true;
      touched_.push_back(static_cast<std::uint32_t>(place));
    }
    if (!slot.is_moved) {
      slot.is_moved = true;
      moved_.push_back(static_cast<std::uint32_t>(place));
    }
  }
}

Digest Fold::state_hash() {
  for (const std::uint32_t place : moved_) {
    Slot& slot = slots_[place];
    const bool unchanged =
        slot.summed == slot.now || (slot.summed != nullptr && slot.now != nullptr &&
                                    journal::equal_rows(layout_->table(slot.table), slot.summed, slot.now));
    if (!unchanged) {
      sums_.change(slot.table, slot.summed, slot.now);
    }
    slot.summed = slot.now;
    slot.is_moved = false;
  }
  moved_.clear();
  return sums_.state_hash();
}

void Fold::net(std::vector<journal::Change>& changes) const {
  changes.clear();
  for (const std::uint32_t place : touched_) {
    const Slot& slot = slots_[place];
    const bool unchanged =
        slot.base == slot.now || (slot.base != nullptr && slot.now != nullptr &&
                                  journal::equal_rows(layout_->table(slot.table), slot.base, slot.now));
    if (!unchanged) {
      changes.push_back({slot.table, slot.base, slot.now});
    }
  }
  std::sort(
      changes.begin(), changes.end(), [this](const journal::Change& left, const journal::Change& right) {
        return left.table != right.table ? left.table < right.table
                                         : journal::compare_keys(layout_->table(left.table), left.any(),
                                                                 right.any()) == std::strong_ordering::less;
      });
}

void Fold::landed() {
  for (const std::uint32_t place : touched_) {
    Slot& slot = slots_[place];
    slot.base = slot.now;
    slot.is_touched = false;
  }
  touched_.clear();
}

void Fold::take_back() {
  for (const std::uint32_t place : touched_) {
    Slot& slot = slots_[place];
    slot.now = slot.base;
    slot.is_touched = false;
  }
  touched_.clear();
}

void Fold::compact() {
  ensure(touched_.empty() && moved_.empty() && missing_.empty(), "what is given back has landed");
  const Arena before = std::exchange(arena_, Arena());
  const std::vector<Slot> slots = std::exchange(slots_, {});
  std::fill(places_.begin(), places_.end(), 0U);
  bytes_ = 0;
  std::vector<ValueView> key;
  for (const Slot& old : slots) {
    if (old.now != nullptr) {
      key.clear();
      for (const int place : layout_->table(old.table).key) {
        key.push_back(old.now[place]);
      }
      std::size_t free = 0;
      find(old.table, key, free);
      Slot& slot = insert(old.table, key, free);
      slot.base = slot.summed = slot.now = keep_row(old.table, old.now);
    }
  }
}

void Fold::forget() {
  ensure(touched_.empty() && moved_.empty() && missing_.empty(), "what is forgotten has landed");
  slots_.clear();
  std::fill(places_.begin(), places_.end(), 0U);
  arena_.clear();
  bytes_ = 0;
  for (std::size_t table = 0; table < is_whole_.size(); ++table) {
    is_whole_[table] = sums_.sum(static_cast<int>(table)) == TableSum{};
  }
}

}  // namespace reeve::state
