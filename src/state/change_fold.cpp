#include "state/change_fold.h"

#include "base/json.h"
#include "journal/varint.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

namespace reeve::state {

namespace {

using Operation = journal::StoredChange::Operation;

void append_key(const ValueView& value, std::string& out) {
  out.push_back(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case ValueView::Kind::null: return;
    case ValueView::Kind::integer: {
      const std::int64_t number = value.integer();
      out.append(reinterpret_cast<const char*>(&number), sizeof number);
      return;
    }
    case ValueView::Kind::real: {
      const double number = value.real() + 0.0;
      out.append(reinterpret_cast<const char*>(&number), sizeof number);
      return;
    }
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: {
      const std::size_t size = value.text().size();
      out.append(reinterpret_cast<const char*>(&size), sizeof size);
      out.append(value.text());
      return;
    }
  }
}

}  // namespace

bool ChangeFold::Row::changed() const {
  if (existed != exists) {
    return true;
  }
  for (std::size_t place = table->key_size; existed && place < width; ++place) {
    if (changed(place)) {
      return true;
    }
  }
  return false;
}

template <typename T>
T* ChangeFold::take(std::size_t count) {
  T* place = static_cast<T*>(arena_.take(count * sizeof(T)));
  std::uninitialized_value_construct_n(place, count);
  return place;
}

ValueView ChangeFold::keep(const ValueView& value) {
  if (value.kind() != ValueView::Kind::text && value.kind() != ValueView::Kind::bytes) {
    return value;
  }
  const std::string_view text = value.text();
  auto* place = static_cast<char*>(arena_.take(text.size()));
  std::memcpy(place, text.data(), text.size());
  return value.kind() == ValueView::Kind::text ? ValueView::of(std::string_view(place, text.size()))
                                               : ValueView::of_bytes(place, text.size());
}

int ChangeFold::table_of(const journal::TableLayout& layout) {
  if (!wanted_.empty() && !wanted_.contains(layout.name)) {
    return -1;
  }
  std::vector<std::string> key;
  for (const int place : layout.key) {
    key.push_back(layout.column(place).name);
  }
  const auto [found, fresh] =
      table_numbers_.try_emplace({layout.name, key}, static_cast<int>(tables_.size()));
  if (fresh) {
    auto table = std::make_unique<Table>();
    table->name = layout.name;
    table->key_size = key.size();
    for (const int place : layout.key) {
      table->columns.push_back(layout.column(place));
    }
    tables_.push_back(std::move(table));
  }
  return found->second;
}

const ChangeFold::Mapping& ChangeFold::mapping(const journal::Layout& layout) {
  const auto [found, fresh] = mappings_.try_emplace(&layout);
  Mapping& mapping = found->second;
  if (!fresh) {
    return mapping;
  }
  for (const journal::TableLayout& declared : layout.tables) {
    const int number = table_of(declared);
    mapping.tables.push_back(number);
    std::vector<std::size_t>& places = mapping.columns.emplace_back(declared.columns.size());
    if (number < 0) {
      continue;
    }
    std::vector<journal::ColumnLayout>& columns = tables_[static_cast<std::size_t>(number)]->columns;
    for (std::size_t place = 0; place < declared.columns.size(); ++place) {
      const auto known = std::find_if(
          columns.begin(), columns.end(),
          [&](const journal::ColumnLayout& column) { return column.name == declared.columns[place].name; });
      places[place] = static_cast<std::size_t>(known - columns.begin());
      if (known == columns.end()) {
        columns.push_back(declared.columns[place]);
      } else {
        known->type = declared.columns[place].type;
      }
    }
  }
  return mapping;
}

ChangeFold::Slot& ChangeFold::slot(int table, const journal::StoredChange& change) {
  key_bytes_.assign(reinterpret_cast<const char*>(&table), sizeof table);
  for (const ValueView& value : change.key) {
    append_key(value, key_bytes_);
  }
  const auto [found, fresh] = places_.try_emplace(key_bytes_, static_cast<std::uint32_t>(slots_.size()));
  if (fresh) {
    Slot& slot = slots_.emplace_back();
    slot.table = table;
    slot.existed = slot.exists = change.operation != Operation::insert;
    slot.is_whole = change.operation == Operation::insert;
    slot.key = take<ValueView>(change.key.size());
    std::transform(change.key.begin(), change.key.end(), slot.key,
                   [this](const ValueView& value) { return keep(value); });
  }
  Slot& slot = slots_[found->second];
  if (slot.width < tables_[static_cast<std::size_t>(table)]->columns.size()) {
    widen(slot);
  }
  return slot;
}

void ChangeFold::widen(Slot& slot) {
  const std::size_t width = tables_[static_cast<std::size_t>(slot.table)]->columns.size();
  auto* before = take<ValueView>(width);
  auto* after = take<ValueView>(width);
  auto* known = take<std::uint8_t>(width);
  std::copy_n(slot.before, slot.width, before);
  std::copy_n(slot.after, slot.width, after);
  std::copy_n(slot.known, slot.width, known);
  std::fill(known + slot.width, known + width, static_cast<std::uint8_t>(slot.is_whole));
  slot.before = before;
  slot.after = after;
  slot.known = known;
  slot.width = width;
}

void ChangeFold::differs(const Slot& slot, std::string_view what) const {
  const Table& table = *tables_[static_cast<std::size_t>(slot.table)];
  std::string key = "{";
  for (std::size_t place = 0; place < table.key_size; ++place) {
    key += place == 0 ? "" : ",";
    json::append_canonical_string(table.columns[place].name, key);
    key += ':';
    journal::append_value_json(table.columns[place].type, slot.key[place], key);
  }
  throw Error(ErrorCode::corrupt, fmt::format("table {}, row {}}}: {}", table.name, key, what),
              "run `reeve verify`");
}

void ChangeFold::fold(Slot& slot, const journal::StoredChange& change,
                      const std::vector<std::size_t>& columns) {
  if (slot.exists == (change.operation == Operation::insert)) {
    differs(slot, slot.exists ? "it is inserted, and is there already" : "it is changed, and is not there");
  }
  const std::size_t key_size = tables_[static_cast<std::size_t>(slot.table)]->key_size;
  if (change.operation == Operation::insert) {
    std::fill(slot.after + key_size, slot.after + slot.width, ValueView());
  }
  for (std::size_t i = 0; i < change.columns.size(); ++i) {
    const std::size_t place = columns[static_cast<std::size_t>(change.columns[i])];
    if (change.operation != Operation::insert) {
      if (slot.known[place] == 0) {
        slot.before[place] = keep(change.before[i]);
        slot.known[place] = 1;
      } else if (!(slot.after[place] == change.before[i])) {
        differs(slot, fmt::format("{} was another before the change",
                                  tables_[static_cast<std::size_t>(slot.table)]->columns[place].name));
      }
    }
    slot.after[place] = change.operation == Operation::remove ? ValueView() : keep(change.after[i]);
  }
  slot.exists = change.operation != Operation::remove;
  if (change.operation != Operation::update) {
    slot.is_whole = true;
    std::fill(slot.known, slot.known + slot.width, std::uint8_t{1});
  }
}

void ChangeFold::add(const journal::Layout& layout, std::string_view changeset) {
  if (changeset.empty()) {
    return;
  }
  const Mapping& places = mapping(layout);
  journal::ChangesetReader reader(layout, changeset);
  journal::StoredChange change;
  while (reader.next(change)) {
    const auto number = static_cast<std::size_t>(change.table);
    if (places.tables[number] >= 0) {
      fold(slot(places.tables[number], change), change, places.columns[number]);
    }
  }
}

void ChangeFold::add_migration(const journal::Layout& before, const journal::Layout& after,
                               std::string_view changeset) {
  const auto removals = journal::take_sized(changeset);
  if (!removals) {
    throw Error(ErrorCode::corrupt, "the changeset of a migration is damaged", "run `reeve verify`");
  }
  add(before, *removals);
  add(after, changeset);
}

ChangeFold::Row ChangeFold::row_of(const Slot& slot) const {
  const Table& table = *tables_[static_cast<std::size_t>(slot.table)];
  return {&table,       std::span<const ValueView>(slot.key, table.key_size),
          slot.existed, slot.exists,
          slot.width,   slot.before,
          slot.after,   slot.known};
}

std::optional<ChangeFold::Row> ChangeFold::find(const journal::TableLayout& table, journal::Row row) const {
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    const Table& candidate = *tables_[number];
    const bool is_it = candidate.name == table.name && candidate.key_size == table.key.size() &&
                       std::equal(table.key.begin(), table.key.end(), candidate.columns.begin(),
                                  [&](int place, const journal::ColumnLayout& column) {
                                    return table.column(place).name == column.name;
                                  });
    if (!is_it) {
      continue;
    }
    const int place_of_table = static_cast<int>(number);
    std::string key(reinterpret_cast<const char*>(&place_of_table), sizeof place_of_table);
    for (const int place : table.key) {
      append_key(row[place], key);
    }
    const auto found = places_.find(key);
    return found == places_.end() ? std::nullopt : std::optional(row_of(slots_[found->second]));
  }
  return std::nullopt;
}

std::vector<ChangeFold::Row> ChangeFold::rows() const {
  std::vector<Row> rows;
  rows.reserve(slots_.size());
  std::transform(slots_.begin(), slots_.end(), std::back_inserter(rows),
                 [this](const Slot& slot) { return row_of(slot); });
  std::sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) {
    if (left.table != right.table) {
      const auto names = left.table->name <=> right.table->name;
      return names != std::strong_ordering::equal ? names == std::strong_ordering::less
                                                  : left.key.size() < right.key.size();
    }
    return std::lexicographical_compare_three_way(left.key.begin(), left.key.end(), right.key.begin(),
                                                  right.key.end(),
                                                  journal::compare_values) == std::strong_ordering::less;
  });
  return rows;
}

}  // namespace reeve::state
