#include "state/row_difference.h"

#include "base/json.h"
#include "state/epochs.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

std::vector<ValueView> key_of(const journal::TableLayout& table, journal::Row row) {
  std::vector<ValueView> key;
  for (const int place : table.key) {
    key.push_back(row[place]);
  }
  return key;
}

RowDifference difference(const journal::TableLayout& table, journal::Row row, std::string message) {
  RowDifference found{key_json(table, row), std::move(message), {}};
  for (const ValueView& value : key_of(table, row)) {
    found.key_values.push_back(value.to_value());
  }
  return found;
}

}  // namespace

std::string key_json(const journal::TableLayout& table, journal::Row row) {
  std::string out = "{";
  for (const int place : table.key) {
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(table.column(place).name, out);
    out += ':';
    journal::append_value_json(table.column(place).type, row[place], out);
  }
  return out + "}";
}

std::string value_text(sql::Type type, const ValueView& value) {
  std::string out;
  journal::append_value_json(type, value, out);
  constexpr std::size_t bytes_max = 80;
  return out.size() <= bytes_max ? out : out.substr(0, bytes_max) + "...";
}

void compare_rows(RowStore& expected, RowStore& found, const journal::Layout& layout, int number,
                  const std::function<bool(const RowDifference&)>& differs) {
  const journal::TableLayout& table = layout.table(number);
  bool goes_on = true;
  expected.scan(number, [&](journal::Row row) {
    std::vector<ValueView> live;
    if (!found.read(number, key_of(table, row), live)) {
      goes_on = differs(difference(table, row, "the row is missing"));
    } else if (!journal::equal_rows(table, row, live.data())) {
      std::string message;
      for (std::size_t place = 0; place < live.size(); ++place) {
        if (!(live[place] == row[place])) {
          const journal::ColumnLayout& column = table.columns[place];
          message += fmt::format("{}{} is {}, the journal says {}", message.empty() ? "" : "; ", column.name,
                                 value_text(column.type, live[place]), value_text(column.type, row[place]));
        }
      }
      goes_on = differs(difference(table, row, std::move(message)));
    }
    return goes_on;
  });
  if (!goes_on) {
    return;
  }
  found.scan(number, [&](journal::Row row) {
    std::vector<ValueView> unused;
    return expected.read(number, key_of(table, row), unused) ||
           differs(difference(table, row, "no event made this row"));
  });
}

namespace {

/// Which changed a row last; 0: none.
std::int64_t last_event_of(engine::Connection& source, const EpochState& epoch, int table,
                           const std::vector<Value>& key) {
  std::int64_t found = 0;
  journal::EntryReader entries(source, epoch.epoch.first_sequence);
  journal::Entry entry;
  while (entries.next(entry)) {
    journal::ChangesetReader reader(epoch.layout, entry.changeset);
    journal::StoredChange change;
    while (!opens_epoch(entry.event) && reader.next(change)) {
      const bool is_it =
          change.table == table &&
          std::equal(change.key.begin(), change.key.end(), key.begin(), key.end(),
                     [](const ValueView& one, const Value& other) { return one == ValueView::of(other); });
      found = is_it ? entry.event.sequence : found;
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> name_differences(engine::Connection& source, engine::Connection& target,
                                          const EpochState& epoch, const std::vector<bool>& is_target) {
  constexpr std::size_t differences_max = 3;
  std::vector<std::string> differences;
  RowStore source_rows(source, epoch.layout);
  RowStore target_rows(target, epoch.layout);
  for (int table = 0; table < static_cast<int>(epoch.layout.tables.size()); ++table) {
    const bool on_target = is_target[static_cast<std::size_t>(table)];
    compare_rows(on_target ? source_rows : target_rows, on_target ? target_rows : source_rows, epoch.layout,
                 table, [&](const RowDifference& one) {
                   const std::int64_t event = last_event_of(source, epoch, table, one.key_values);
                   differences.push_back(
                       fmt::format("on the {}: table {}, row {}: {}{}", on_target ? "target" : "source",
                                   epoch.layout.table(table).name, one.key, one.message,
                                   event > 0 ? fmt::format(" (event {})", event) : std::string()));
                   return differences.size() < differences_max;
                 });
    if (differences.size() >= differences_max) {
      break;
    }
  }
  return differences;
}

}  // namespace reeve::state
