#include "history/past_state.h"

#include "journal/appender.h"
#include "journal/group_reader.h"
#include "state/recorder.h"
#include "state/reference.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::history {

namespace {

/// For each column of a table its place among others, by name; -1: it is not there.
template <typename Columns>
std::vector<int> places_in(const journal::TableLayout& table, const Columns& columns) {
  std::vector<int> places;
  for (const journal::ColumnLayout& column : table.columns) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const journal::ColumnLayout& one) {
      return one.name == column.name;
    });
    places.push_back(found == columns.end() ? -1 : static_cast<int>(found - columns.begin()));
  }
  return places;
}

bool has_same_key(const journal::TableLayout& left, const journal::TableLayout& right) {
  return std::equal(left.key.begin(), left.key.end(), right.key.begin(), right.key.end(),
                    [&](int one, int other) { return left.column(one).name == right.column(other).name; });
}

}  // namespace

std::set<std::string> tables_of(const sql::Translation& translation) {
  std::set<std::string> tables = translation.tables_read;
  if (tables.empty()) {
    tables.insert("");  // an empty set would ask for all
  }
  return tables;
}

simdjson::dom::element read_parameters(json::Reader& reader, std::string_view parameters,
                                       const blueprint::Query& query) {
  const simdjson::dom::element tree = reader.read(parameters);
  simdjson::dom::object members;
  if (tree.get(members) != simdjson::SUCCESS) {
    throw Error(ErrorCode::invalid_input, "the parameters of a query are a JSON object");
  }
  for (const auto member : members) {
    const bool is_known =
        std::any_of(query.sql.parameters.begin(), query.sql.parameters.end(),
                    [&](const sql::Parameter& parameter) { return parameter.name == member.key; });
    if (!is_known) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("the query {} has no parameter {}", query.name, member.key),
                  "`reeve query FILE` lists those there are");
    }
  }
  return tree;
}

PastState::PastState(Timeline& timeline, std::int64_t sequence, std::set<std::string> tables)
    : timeline_(timeline), sequence_(timeline.check(sequence)), tables_(std::move(tables)) {
  const int epoch = timeline.epoch_at(sequence);
  if (epoch < 0) {
    throw Error(ErrorCode::not_found, fmt::format("after event {} there was no table yet", sequence),
                "ask for a later event");
  }
  epoch_ = timeline.state(epoch);
  scratch_ = engine::Connection::open_scratch({.foreign_keys = false});
  engine::Transaction tx(*scratch_, engine::Transaction::Mode::write);
  create(true);
  fill();
  create(false);
  if (tables_.contains("reeve_events")) {
    copy_events();
  }
  tx.commit();
}

/// Tables before there are rows; indexes and views after them.
void PastState::create(bool tables) {
  if (tables && tables_.contains("reeve_events")) {
    journal::create_tables(*scratch_);
  }
  for (const std::string& statement : sql::create_statements_sqlite(epoch_->catalogue)) {
    if (statement.starts_with("CREATE TABLE") == tables) {
      scratch_->execute(statement);
    }
  }
}

void PastState::fill() {
  std::set<std::string> wanted = tables_;
  wanted.erase("reeve_events");
  if (wanted.empty() && !tables_.empty()) {
    return;
  }
  state::ChangeFold fold(std::move(wanted));
  timeline_.fold(sequence_, timeline_.head().sequence, fold);
  const std::vector<state::ChangeFold::Row> folded = fold.rows();
  for (int number = 0; number < static_cast<int>(epoch_->layout.tables.size()); ++number) {
    const journal::TableLayout& table = epoch_->layout.table(number);
    if (is_wanted(table.name)) {
      table.reference ? fill_reference(number) : fill_table(fold, folded, number);
    }
  }
}

void PastState::fill_table(const state::ChangeFold& fold,
                           const std::vector<state::ChangeFold::Row>& folded_rows, int number) {
  const journal::TableLayout& table = epoch_->layout.table(number);
  const journal::Layout& live_layout = timeline_.layout(static_cast<int>(timeline_.epochs().size()) - 1);
  const int live_number = live_layout.find(table.name);
  state::RowStore past(*scratch_, epoch_->layout);
  std::vector<ValueView> row(table.columns.size());
  if (live_number >= 0) {
    const journal::TableLayout& live = live_layout.table(live_number);
    const std::vector<int> places = places_in(table, live.columns);
    const bool same_key = has_same_key(table, live);
    state::RowStore rows(timeline_.connection(), live_layout);
    rows.scan(live_number, [&](journal::Row now) {
      const auto folded = fold.find(live, now);
      if ((folded && !folded->existed) || !same_key) {
        return true;
      }
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = places[i] < 0 ? ValueView() : now[places[i]];
      }
      if (folded) {
        const std::vector<int> before = places_in(table, folded->table->columns);
        for (std::size_t i = 0; i < row.size(); ++i) {
          const auto place = static_cast<std::size_t>(before[i]);
          if (before[i] >= static_cast<int>(folded->table->key_size) && place < folded->width &&
              folded->known[place] != 0) {
            row[i] = folded->before[place];
          }
        }
      }
      past.insert(number, row.data());
      return true;
    });
  }
  for (const state::ChangeFold::Row& folded : folded_rows) {
    if (folded.table->name != table.name || !folded.existed || (folded.exists && live_number >= 0)) {
      continue;
    }
    const std::vector<int> before = places_in(table, folded.table->columns);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto place = static_cast<std::size_t>(before[i]);
      row[i] = before[i] < 0                    ? ValueView()
               : place < folded.table->key_size ? folded.key[place]
               : place < folded.width           ? folded.before[place]
                                                : ValueView();
    }
    past.insert(number, row.data());
  }
}

void PastState::fill_reference(int number) {
  const auto pin = timeline_.pin_at(sequence_);
  if (!pin) {
    return;
  }
  const state::ReferenceSet set =
      state::ReferenceSet::of(blueprint::Sources{journal::load_sources(
                                  timeline_.connection(), state::reference_of(*pin).sources_hash)},
                              epoch_->catalogue);
  state::RowStore from(set.rows(), set.layout());
  state::RowStore past(*scratch_, epoch_->layout);
  from.scan(set.layout().find(epoch_->layout.table(number).name), [&](journal::Row row) {
    past.insert(number, row);
    return true;
  });
}

void PastState::copy_events() {
  journal::Appender appender(*scratch_);
  journal::EntryReader entries(timeline_.connection(), 0);
  journal::Entry entry;
  while (entry.event.sequence < sequence_ && entries.next(entry)) {
    appender.append(entry.event);
  }
}

Digest PastState::state_hash() {
  ensure(tables_.empty(), "a hash is of all tables");
  state::StateSums sums(epoch_->layout);
  state::sum_rows(*scratch_, sums);
  return sums.state_hash();
}

bool PastState::is_sealed() {
  ensure(tables_.empty(), "a hash is of all tables");
  state::StateSums sums(epoch_->layout);
  state::sum_rows(*scratch_, sums);
  journal::GroupReader groups(timeline_.connection(), sequence_ - 1);
  std::int64_t sequence = 0;
  std::string_view changeset;
  if (!groups.next(sequence, changeset)) {
    return false;
  }
  state::ChangeFold fold;
  while (sequence < groups.last_of_group() && groups.next(sequence, changeset)) {
    timeline_.fold(sequence, changeset, fold);
  }
  state::RowStore rows(*scratch_, epoch_->layout);
  std::vector<ValueView> before;
  for (const state::ChangeFold::Row& folded : fold.rows()) {
    const int number = epoch_->layout.find(folded.table->name);
    if (number < 0 || !folded.changed()) {
      continue;
    }
    const bool is_there = rows.read(number, folded.key, before);
    const journal::TableLayout& table = epoch_->layout.table(number);
    const std::vector<int> places = places_in(table, folded.table->columns);
    std::vector<ValueView> after = is_there ? before : std::vector<ValueView>(table.columns.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
      const auto place = static_cast<std::size_t>(places[i]);
      if (places[i] >= 0 && place < folded.table->key_size) {
        after[i] = folded.key[place];
      } else if (places[i] >= 0 && place < folded.width && folded.known[place] != 0) {
        after[i] = folded.after[place];
      }
    }
    sums.change(number, is_there ? before.data() : nullptr, folded.exists ? after.data() : nullptr);
  }
  return sums.state_hash() == groups.state_hash();
}

}  // namespace reeve::history
