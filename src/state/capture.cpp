#include "state/capture.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

namespace reeve::state {

void* Arena::take(std::size_t size) {
  size = (size + alignof(ValueView) - 1) / alignof(ValueView) * alignof(ValueView);
  if (blocks_.empty() || used_ + size > size_) {
    const std::size_t fresh = std::max(size, block_bytes);
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(fresh));
    used_ = 0;
    size_ = fresh;
  }
  void* place = blocks_.back().get() + used_;
  used_ += size;
  return place;
}

void Arena::clear() {
  if (blocks_.size() > 1) {
    blocks_.clear();
    size_ = 0;
  }
  used_ = 0;
}

int Capture::table_number(const char* name) {
  for (const Known& known : known_) {
    // A pointer may be taken up by another table when the schema was read again: the name decides.
    if (known.pointer == name && known.name == name) {
      return known.number;
    }
  }
  std::erase_if(known_, [name](const Known& known) { return known.pointer == name; });
  known_.push_back({name, name, layout_->find(name)});
  return known_.back().number;
}

ValueView Capture::copy_value(const ValueView& value, sql::Type type) {
  switch (value.kind()) {
    case ValueView::Kind::integer:
      // SQLite keeps an integral value of a REAL column as an integer; to the state it is a double.
      return type == sql::Type::double_precision ? ValueView::of(static_cast<double>(value.integer()))
                                                 : value;
    case ValueView::Kind::text: {
      const std::string_view text = value.text();
      auto* place = static_cast<char*>(arena_.take(text.size()));
      std::memcpy(place, text.data(), text.size());
      return ValueView::of(std::string_view(place, text.size()));
    }
    case ValueView::Kind::bytes: {
      const std::string_view bytes = value.text();
      void* place = arena_.take(bytes.size());
      std::memcpy(place, bytes.data(), bytes.size());
      return ValueView::of_bytes(place, bytes.size());
    }
    default: return value;
  }
}

journal::Row Capture::copy(int table, const engine::RowChange& change, bool after) {
  const journal::TableLayout& layout = layout_->table(table);
  auto* row = static_cast<ValueView*>(arena_.take(layout.columns.size() * sizeof(ValueView)));
  for (int place = 0; place < static_cast<int>(layout.columns.size()); ++place) {
    const ValueView value = after ? change.after(place) : change.before(place);
    new (row + place) ValueView(copy_value(value, layout.column(place).type));
  }
  return row;
}

journal::Row Capture::keep(int table, std::span<const ValueView> values) {
  const journal::TableLayout& layout = layout_->table(table);
  auto* row = static_cast<ValueView*>(arena_.take(layout.columns.size() * sizeof(ValueView)));
  for (std::size_t place = 0; place < layout.columns.size(); ++place) {
    new (row + place) ValueView(copy_value(values[place], layout.columns[place].type));
  }
  return row;
}

void Capture::on_change(const engine::RowChange& change) noexcept {
  using Operation = engine::RowChange::Operation;
  const int table = table_number(change.table);
  if (table < 0) {
    return;
  }
  const journal::Row before = change.operation == Operation::insert ? nullptr : copy(table, change, false);
  const journal::Row after = change.operation == Operation::remove ? nullptr : copy(table, change, true);
  if (before != nullptr && after != nullptr &&
      journal::compare_keys(layout_->table(table), before, after) != std::strong_ordering::equal) {
    changes_.push_back({table, before, nullptr});
    changes_.push_back({table, nullptr, after});
    return;
  }
  changes_.push_back({table, before, after});
}

void Capture::take(std::vector<journal::Change>& net) {
  net.clear();
  const auto order = [this](const journal::Change& left, const journal::Change& right) {
    if (left.table != right.table) {
      return left.table <=> right.table;
    }
    return journal::compare_keys(layout_->table(left.table), left.any(), right.any());
  };
  std::stable_sort(changes_.begin(), changes_.end(), [&](const auto& left, const auto& right) {
    return order(left, right) == std::strong_ordering::less;
  });
  for (std::size_t first = 0; first < changes_.size();) {
    std::size_t last = first;
    while (last + 1 < changes_.size() &&
           order(changes_[first], changes_[last + 1]) == std::strong_ordering::equal) {
      ++last;
    }
    const journal::Change change{changes_[first].table, changes_[first].before, changes_[last].after};
    const bool unchanged = (change.before == nullptr && change.after == nullptr) ||
                           (change.before != nullptr && change.after != nullptr &&
                            journal::equal_rows(layout_->table(change.table), change.before, change.after));
    if (!unchanged) {
      net.push_back(change);
    }
    first = last + 1;
  }
  changes_.clear();
}

void Capture::clear() {
  changes_.clear();
  arena_.clear();
}

void Capture::set_layout(const journal::Layout& layout) {
  layout_ = &layout;
  known_.clear();
  clear();
}

std::size_t NetChanges::hash_of(int table, journal::Row row) const {
  std::size_t hash = static_cast<std::size_t>(table) * 0x9e3779b97f4a7c15U;
  for (const int place : layout_->table(table).key) {
    const ValueView& value = row[place];
    std::size_t part = 0;
    switch (value.kind()) {
      case ValueView::Kind::integer: part = std::hash<std::int64_t>{}(value.integer()); break;
      case ValueView::Kind::real: part = std::hash<double>{}(value.real()); break;
      default: part = std::hash<std::string_view>{}(value.text());
    }
    hash = std::rotl(hash ^ part, 23) * 0x9e3779b97f4a7c15U;
  }
  return hash ^ (hash >> 29);
}

void NetChanges::merge(std::span<const journal::Change> changes) {
  for (const journal::Change& change : changes) {
    if ((changes_.size() + 1) * 2 > slots_.size()) {
      slots_.assign(std::max<std::size_t>(256, slots_.size() * 2), 0);
      for (std::size_t place = 0; place < changes_.size(); ++place) {
        std::size_t slot = hash_of(changes_[place].table, changes_[place].key) & (slots_.size() - 1);
        while (slots_[slot] != 0) {
          slot = (slot + 1) & (slots_.size() - 1);
        }
        slots_[slot] = static_cast<std::uint32_t>(place) + 1;
      }
    }
    std::size_t slot = hash_of(change.table, change.any()) & (slots_.size() - 1);
    for (;; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == 0) {
        changes_.push_back({change.table, change.before, change.after, change.any()});
        slots_[slot] = static_cast<std::uint32_t>(changes_.size());
        break;
      }
      Net& known = changes_[slots_[slot] - 1];
      if (known.table == change.table && journal::compare_keys(layout_->table(change.table), known.key,
                                                               change.any()) == std::strong_ordering::equal) {
        known.after = change.after;
        break;
      }
    }
  }
}

void NetChanges::apply_to(StateSums& sums) const {
  for (const Net& net : changes_) {
    const bool unchanged = net.before != nullptr && net.after != nullptr &&
                           journal::equal_rows(layout_->table(net.table), net.before, net.after);
    if (!unchanged && (net.before != nullptr || net.after != nullptr)) {
      sums.change(net.table, net.before, net.after);
    }
  }
}

void NetChanges::clear() {
  changes_.clear();
  std::fill(slots_.begin(), slots_.end(), 0U);
}

}  // namespace reeve::state
