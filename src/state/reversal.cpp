#include "state/reversal.h"

#include "journal/group_reader.h"
#include "journal/own_statement.h"
#include "sql/identity.h"
#include "state/change_fold.h"
#include "state/own_payload.h"
#include "state/row_difference.h"

#include "state/postgres_select_irreversible_sql.h"
#include "state/select_irreversible_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

constexpr journal::OwnStatement select_irreversible{embedded::select_irreversible_sql,
                                                    embedded::postgres_select_irreversible_sql, 3};

Rejection refusal(std::string reason) { return {std::move(reason), ErrorCode::constraint_violation}; }

bool has_value(const std::vector<ValueView>& values) {
  return std::none_of(values.begin(), values.end(), [](const ValueView& value) { return value.is_null(); });
}

}  // namespace

std::string Reversal::request() const {
  return is_rewind ? fmt::format(R"({{"sequence":{}}})", first - 1)
                   : fmt::format(R"({{"first":{},"last":{}}})", first, last);
}

bool takes_back(const journal::Event& event) {
  return event.type == type_undone || event.type == type_rewound;
}

std::string reversal_payload(const Reversal& reversal, const Digest& state_hash) {
  return reversal.is_rewind
             ? fmt::format(R"({{"sequence":{},"state_hash":"{}"}})", reversal.first - 1, to_hex(state_hash))
             : reversal.request();
}

SaidReversal reversal_of(const journal::Event& event) {
  const nlohmann::json payload = payload_of(event);
  SaidReversal said;
  said.reversal.is_rewind = event.type == type_rewound;
  if (said.reversal.is_rewind) {
    const std::int64_t to = integer_member(event, payload, "sequence");
    if (to < 0 || to >= event.sequence) {
      corrupt(event, "goes back to no event before it");
    }
    said.reversal.first = to + 1;
    said.reversal.last = event.sequence - 1;
    said.state_hash = hash_member(event, payload, "state_hash");
  } else {
    said.reversal.first = integer_member(event, payload, "first");
    said.reversal.last = integer_member(event, payload, "last");
  }
  if (said.reversal.first < 1 || said.reversal.last < said.reversal.first ||
      said.reversal.last >= event.sequence) {
    corrupt(event, "takes back events that are not before it");
  }
  return said;
}

Reverser::Reverser(engine::Connection& journal, engine::Connection& rows, const EpochState& epoch)
    : journal_(journal), rows_(rows), epoch_(epoch) {}

std::optional<Rejection> Reverser::check(const Reversal& reversal, std::int64_t head) {
  const std::int64_t to = std::max<std::int64_t>(reversal.first, 1) - 1;
  if (reversal.first < 1 || reversal.last > head || reversal.last < to ||
      (!reversal.is_rewind && to == head)) {
    throw Error(ErrorCode::not_found,
                fmt::format("there is no event {}",
                            reversal.is_rewind ? to : std::max(reversal.first, reversal.last)),
                fmt::format("the journal holds events 1 to {}", head));
  }
  if (reversal.is_rewind && to == head) {
    return refusal(fmt::format("the ledger is at event {} already", head));
  }
  if (reversal.first <= epoch_.epoch.first_sequence) {
    return refusal(
        fmt::format("the schema or the blueprint changed at event {}: {} {} is not taken back across that; "
                    "`reeve migrate` goes "
                    "back a migration, and a command that compensates does the rest",
                    epoch_.epoch.first_sequence, reversal.is_rewind ? "what came after event" : "event",
                    reversal.is_rewind ? to : reversal.first));
  }
  engine::Statement row = journal::prepare(journal_, select_irreversible, false);
  row.bind_integer(1, reversal.first);
  row.bind_integer(2, reversal.last);
  if (!row.step()) {
    return std::nullopt;
  }
  const std::int64_t sequence = row.integer(0);
  if (row.text(1) == journal::type_reference_pinned) {
    return refusal(fmt::format(
        "event {} pinned reference rows, and is not taken back: `reeve reference pin` pins another version",
        sequence));
  }
  return refusal(
      fmt::format("event {} filled rows of a migration that is under way: `reeve migrate up` ends it, and "
                  "what it filled is not "
                  "taken back",
                  sequence));
}

std::optional<Rejection> Reverser::plan(const Reversal& reversal, Capture& memory,
                                        std::vector<journal::Change>& changes) {
  ChangeFold fold;
  journal::GroupReader changesets(journal_, reversal.first - 1);
  std::int64_t sequence = reversal.first - 1;
  std::string_view changeset;
  while (sequence < reversal.last && changesets.next(sequence, changeset)) {
    fold.add(epoch_.layout, changeset);
  }
  ensure(sequence == reversal.last, "the events that are taken back are in the journal");
  changes.clear();
  RowStore rows(rows_, epoch_.layout);
  std::vector<ValueView> now;
  for (const ChangeFold::Row& folded : fold.rows()) {
    // As in PostgreSQL a number that was given is not given again because its row is taken back; a rewind brings back
    // the whole state of then.
    if (!folded.changed() || (!reversal.is_rewind && folded.table->name == sql::identity_counters)) {
      continue;
    }
    Conflict conflict{epoch_.layout.find(folded.table->name), {folded.key.begin(), folded.key.end()}};
    const journal::TableLayout& table = epoch_.layout.table(conflict.table);
    const bool found = rows.read(conflict.table, folded.key, now);
    if (found != folded.exists) {
      return refuse(reversal, conflict,
                    found ? "is there again, otherwise" : "is not there any more, otherwise");
    }
    const auto place_in = [&](std::size_t folded_place) {
      return static_cast<std::size_t>(std::find_if(table.columns.begin(), table.columns.end(),
                                                   [&](const journal::ColumnLayout& column) {
                                                     return column.name ==
                                                            folded.table->columns[folded_place].name;
                                                   }) -
                                      table.columns.begin());
    };
    std::vector<ValueView> target = found ? now : std::vector<ValueView>();
    target.resize(table.columns.size());
    for (std::size_t i = 0; i < table.key.size(); ++i) {
      target[static_cast<std::size_t>(table.key[i])] = folded.key[i];
    }
    for (std::size_t place = folded.table->key_size; place < folded.width; ++place) {
      if (folded.known[place] == 0 || (folded.existed && folded.exists && !folded.changed(place))) {
        continue;
      }
      const std::size_t column = place_in(place);
      if (folded.exists && !(now[column] == folded.after[place])) {
        conflict.column = static_cast<int>(column);
        return refuse(reversal, conflict, fmt::format("has another {}", table.columns[column].name));
      }
      target[column] = folded.before[place];
    }
    changes.push_back({conflict.table, found ? memory.keep(conflict.table, now) : nullptr,
                       folded.existed ? memory.keep(conflict.table, target) : nullptr});
  }
  if (changes.empty() && !reversal.is_rewind) {
    return refusal(reversal.first == reversal.last ? fmt::format("event {} changed no row", reversal.first)
                                                   : fmt::format("events {} to {} changed no row on balance",
                                                                 reversal.first, reversal.last));
  }
  return std::nullopt;
}

Rejection Reverser::refuse(const Reversal& reversal, const Conflict& conflict, std::string_view what) {
  const journal::TableLayout& table = epoch_.layout.table(conflict.table);
  std::vector<ValueView> row(table.columns.size());
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    row[static_cast<std::size_t>(table.key[i])] = conflict.key[i];
  }
  const std::int64_t later = later_event(reversal.last, conflict);
  if (later == 0) {
    throw Error(ErrorCode::corrupt,
                fmt::format("table {}, row {} {}, and no event says so", table.name,
                            key_json(table, row.data()), what),
                "run `reeve verify`");
  }
  return refusal(
      fmt::format("table {}, row {} {} than {} {} left: event {} changed it; undo that first, or rewind",
                  table.name, key_json(table, row.data()), what,
                  reversal.first == reversal.last ? "event" : "the events up to", reversal.last, later));
}

std::int64_t Reverser::later_event(std::int64_t after, const Conflict& conflict) {
  journal::GroupReader changesets(journal_, after);
  std::int64_t sequence = 0;
  std::string_view changeset;
  journal::StoredChange change;
  while (changesets.next(sequence, changeset)) {
    journal::ChangesetReader reader(epoch_.layout, changeset);
    while (reader.next(change)) {
      const bool is_it =
          change.table == conflict.table && change.key == conflict.key &&
          (conflict.column < 0 || change.operation != journal::StoredChange::Operation::update ||
           std::find(change.columns.begin(), change.columns.end(), conflict.column) != change.columns.end());
      if (is_it) {
        return sequence;
      }
    }
  }
  return 0;
}

void Reverser::write(const std::vector<journal::Change>& changes) {
  BulkRows(rows_, epoch_.layout, epoch_.catalogue).write(changes);
}

bool Reverser::is_there(const std::string& table, const std::vector<std::string>& columns,
                        const std::vector<ValueView>& values) {
  std::string sql = fmt::format("SELECT 1 FROM {} WHERE ", quote_name(table));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql += fmt::format("{}{} = ?{}", i == 0 ? "" : " AND ", quote_name(columns[i]), i + 1);
  }
  return rows_.value(sql + " LIMIT 1", values).has_value();
}

std::optional<std::string> Reverser::broken_key(const std::vector<journal::Change>& changes) {
  const auto values_of = [&](const std::string& table, const std::vector<std::string>& columns,
                             journal::Row row) {
    const journal::TableLayout& layout = epoch_.layout.table(epoch_.layout.find(table));
    std::vector<ValueView> values;
    for (const std::string& name : columns) {
      const auto column = std::find_if(layout.columns.begin(), layout.columns.end(),
                                       [&](const journal::ColumnLayout& one) { return one.name == name; });
      values.push_back(row[column - layout.columns.begin()]);
    }
    return values;
  };
  for (const journal::Change& change : changes) {
    const std::string& changed = epoch_.layout.table(change.table).name;
    for (const auto& [name, table] : epoch_.catalogue.tables) {
      for (const sql::ForeignKey& key : table.foreign_keys) {
        const auto stays = [&](const std::vector<std::string>& columns) {
          return change.before != nullptr && change.after != nullptr &&
                 values_of(changed, columns, change.before) == values_of(changed, columns, change.after);
        };
        if (name == changed && change.after != nullptr && !stays(key.columns)) {
          const std::vector<ValueView> values = values_of(name, key.columns, change.after);
          if (has_value(values) && !is_there(key.target, key.target_columns, values)) {
            return fmt::format("a row of {} would point to a row of {} that is not there any more", name,
                               key.target);
          }
        }
        if (key.target == changed && change.before != nullptr && !stays(key.target_columns)) {
          const std::vector<ValueView> values = values_of(changed, key.target_columns, change.before);
          if (has_value(values) && is_there(name, key.columns, values) &&
              !is_there(changed, key.target_columns, values)) {
            return fmt::format("a row of {} points to a row of {} that would go", name, changed);
          }
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace reeve::state
