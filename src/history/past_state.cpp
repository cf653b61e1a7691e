#include "history/past_state.h"

#include "history/past_rows.h"
#include "history/pinned_rows.h"
#include "journal/appender.h"
#include "journal/group_reader.h"
#include "state/recorder.h"
#include "state/rows.h"

#include "history/create_past_events_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace reeve::history {

namespace {

/// A table that is none.
constexpr const char* none = "";
/// To copy the live rows costs about as much as to fold so many events.
constexpr std::int64_t events_worth_live_rows = 200'000;

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    out += letter;
    if (letter == '\'') {
      out += letter;
    }
  }
  return out + "'";
}

bool has_same_key(const journal::TableLayout& left, const journal::TableLayout& right) {
  return std::equal(left.key.begin(), left.key.end(), right.key.begin(), right.key.end(),
                    [&](int one, int other) { return left.column(one).name == right.column(other).name; });
}

}  // namespace

std::set<std::string> tables_of(const sql::Translation& translation) {
  std::set<std::string> tables = translation.tables_read;
  if (tables.empty()) {
    tables.emplace(none);  // an empty set would ask for all
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

PastState::PastState(const PastSource& source, std::int64_t sequence, std::set<std::string> tables)
    : source_(source),
      timeline_(source.timeline),
      sequence_(timeline_.check(sequence)),
      tables_(std::move(tables)) {
  const int epoch = timeline_.epoch_at(sequence);
  if (epoch < 0) {
    throw Error(ErrorCode::not_found, fmt::format("after event {} there was no table yet", sequence),
                "ask for a later event");
  }
  epoch_ = timeline_.state(epoch);
  if (is_whole()) {
    sums_ = std::make_unique<state::StateSums>(epoch_->layout);
  }
  base_ =
      source_.checkpoints != nullptr ? source_.checkpoints->nearest(timeline_, sequence_, note_) : nullptr;
  const std::int64_t from_start = sequence_;
  const std::int64_t from_live = timeline_.head().sequence - sequence_ + events_worth_live_rows;
  const std::int64_t from_base = base_ != nullptr ? std::abs(sequence_ - base_->sequence) : from_live;
  if (base_ != nullptr && from_base <= std::min(from_start, from_live)) {
    make_from_checkpoint();
  } else {
    base_ = nullptr;
    from_start <= from_live ? make_from_nothing() : make_from_live_rows();
  }
  if (reads_journal()) {
    show_journal();
  }
}

/// The tables are there, with indexes and views.
void PastState::make_from_checkpoint() {
  database_ = source_.checkpoints->load(*base_);
  connection_ = database_->open({.foreign_keys = false});
  if (sums_ && state::load_sums(*connection_, *sums_) != base_->sequence) {
    throw Error(ErrorCode::corrupt, "a checkpoint holds no sums of its state");
  }
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  fold_into(base_->sequence);
  const auto pin = timeline_.pin_at(sequence_);
  const auto pin_of_base = timeline_.pin_at(base_->sequence);
  if ((pin ? pin->sequence : 0) != (pin_of_base ? pin_of_base->sequence : 0)) {
    fill_references(true);
  }
  tx.commit();
}

/// Every row that ever was came by a changeset.
void PastState::make_from_nothing() {
  database_ = std::make_unique<engine::PrivateDatabase>(engine::StoredPages{});
  connection_ = database_->open({.foreign_keys = false});
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  create(true);
  fold_into(0);
  fill_references(false);
  create(false);
  tx.commit();
}

void PastState::make_from_live_rows() {
  database_ = std::make_unique<engine::PrivateDatabase>(engine::StoredPages{});
  connection_ = database_->open({.foreign_keys = false});
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  create(true);
  if (const std::set<std::string> folded_names = folded_tables(); !folded_names.contains(none)) {
    state::ChangeFold fold(folded_names);
    timeline_.fold(sequence_, timeline_.head().sequence, fold);
    const std::vector<state::ChangeFold::Row> folded = fold.rows();
    for (int number = 0; number < static_cast<int>(epoch_->layout.tables.size()); ++number) {
      const journal::TableLayout& table = epoch_->layout.table(number);
      if (is_wanted(table.name) && !table.reference) {
        fill_table(fold, folded, number);
      }
    }
  }
  fill_references(false);
  create(false);
  tx.commit();
  if (sums_) {
    state::sum_rows(*connection_, *sums_);
  }
}

std::set<std::string> PastState::folded_tables() const {
  std::set<std::string> wanted = tables_;
  wanted.erase("reeve_events");
  if (wanted.empty() && !is_whole()) {
    wanted.emplace(none);
  }
  return wanted;
}

void PastState::fold_into(std::int64_t from) {
  const std::set<std::string> folded_names = folded_tables();
  if (folded_names.contains(none)) {
    return;
  }
  state::ChangeFold fold(folded_names);
  timeline_.fold(std::min(from, sequence_), std::max(from, sequence_), fold);
  move_rows(*connection_, *epoch_, fold, from <= sequence_ ? Direction::forward : Direction::backward,
            sums_.get());
}

/// Tables before there are rows; indexes and views after them.
void PastState::create(bool tables) {
  for (const std::string& statement : sql::create_statements_sqlite(epoch_->catalogue)) {
    if (statement.starts_with("CREATE TABLE") == tables) {
      connection_->execute(statement);
    }
  }
}

void PastState::fill_table(const state::ChangeFold& fold,
                           const std::vector<state::ChangeFold::Row>& folded_rows, int number) {
  const journal::TableLayout& table = epoch_->layout.table(number);
  const journal::Layout& live_layout = timeline_.layout(static_cast<int>(timeline_.epochs().size()) - 1);
  const int live_number = live_layout.find(table.name);
  state::RowStore past(*connection_, epoch_->layout);
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

void PastState::fill_references(bool replaces) {
  const auto pin = timeline_.pin_at(sequence_);
  std::unique_ptr<PinnedRows> pinned;
  state::RowStore past(*connection_, epoch_->layout);
  for (int number = 0; number < static_cast<int>(epoch_->layout.tables.size()); ++number) {
    const journal::TableLayout& table = epoch_->layout.table(number);
    if (!table.reference || !is_wanted(table.name)) {
      continue;
    }
    if (replaces) {
      connection_->execute("DELETE FROM " + state::quote_name(table.name));
    }
    if (sums_) {
      sums_->set_sum(number, state::TableSum{});
    }
    if (pin && !pinned) {
      pinned = std::make_unique<PinnedRows>(timeline_, *pin);
    }
    if (pinned) {
      pinned->scan(table, [&](journal::Row row) {
        past.insert(number, row);
        if (sums_) {
          sums_->add(number, row);
        }
        return true;
      });
    }
  }
}

void PastState::show_journal() {
  if (source_.journal.empty()) {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    connection_->execute("DROP TABLE IF EXISTS reeve_sums");
    journal::create_tables(*connection_);
    copy_events();
    tx.commit();
    return;
  }
  connection_->execute(
      fmt::format("ATTACH {} AS ledger", sql_text(std::filesystem::absolute(source_.journal).string())));
  connection_->execute(fmt::format(embedded::create_past_events_sql, sequence_));
  // The views of the blueprint that are there read a table of their own database.
  for (const std::string& statement : sql::create_statements_sqlite(epoch_->catalogue)) {
    constexpr std::string_view create = "CREATE VIEW";
    if (statement.starts_with(create)) {
      connection_->execute("CREATE TEMP VIEW" + statement.substr(create.size()));
    }
  }
}

void PastState::copy_events() {
  journal::Appender appender(*connection_);
  journal::EntryReader entries(timeline_.connection(), 0);
  journal::Entry entry;
  while (entry.event.sequence < sequence_ && entries.next(entry)) {
    appender.append(entry.event);
  }
}

Digest PastState::state_hash() {
  ensure(is_whole(), "a hash is of all tables");
  return sums_->state_hash();
}

bool PastState::is_sealed() {
  ensure(is_whole(), "a hash is of all tables");
  return history::is_sealed(timeline_, *connection_, *epoch_, *sums_, sequence_);
}

bool is_sealed(Timeline& timeline, engine::Connection& rows_connection, const state::EpochState& epoch,
               const state::StateSums& sums_then, std::int64_t at) {
  state::StateSums sums = sums_then;
  journal::GroupReader groups(timeline.connection(), at - 1);
  std::int64_t sequence = 0;
  std::string_view changeset;
  if (!groups.next(sequence, changeset)) {
    return false;
  }
  state::ChangeFold fold;
  while (sequence < groups.last_of_group() && groups.next(sequence, changeset)) {
    timeline.fold(sequence, changeset, fold);
  }
  state::RowStore rows(rows_connection, epoch.layout);
  std::vector<ValueView> before;
  for (const state::ChangeFold::Row& folded : fold.rows()) {
    const int number = epoch.layout.find(folded.table->name);
    if (number < 0 || !folded.changed()) {
      continue;
    }
    const bool is_there = rows.read(number, folded.key, before);
    const journal::TableLayout& table = epoch.layout.table(number);
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
