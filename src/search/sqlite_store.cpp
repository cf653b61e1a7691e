#include "search/sqlite_store.h"

#include "search/create_terms_sql.h"
#include "search/delete_document_sql.h"
#include "search/delete_documents_sql.h"
#include "search/delete_search_index_sql.h"
#include "search/delete_terms_sql.h"
#include "search/drop_terms_sql.h"
#include "search/has_search_tables_sql.h"
#include "search/insert_document_sql.h"
#include "search/insert_search_index_sql.h"
#include "search/insert_terms_sql.h"
#include "search/search_schema_sql.h"
#include "search/select_all_places_sql.h"
#include "search/select_document_key_sql.h"
#include "search/select_documents_sql.h"
#include "search/select_entry_sql.h"
#include "search/select_places_sql.h"
#include "search/select_prefix_places_sql.h"
#include "search/select_search_indexes_sql.h"
#include "search/select_serial_sql.h"
#include "search/update_counts_sql.h"
#include "search/update_place_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reeve::search {

namespace {

/// Names of the columns of FTS5's table: c0, c1, ... and f for the filters.
std::string column_names(std::size_t text_columns) {
  std::string names;
  for (std::size_t i = 0; i < text_columns; ++i) {
    names += fmt::format("c{}, ", i);
  }
  return names + "f";
}

int column_of(std::string_view name) {
  if (name == "f") {
    return filter_column;
  }
  int column = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), column);
  return column;
}

void read(engine::Statement& rows, std::vector<Occurrence>& found) {
  while (rows.step()) {
    found.push_back({rows.integer(0), column_of(rows.text(1)), rows.integer(2)});
  }
}

}  // namespace

engine::Statement& SqliteStore::statement(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) {
    return known->second;
  }
  return statements_.emplace(std::string(sql), connection_.prepare(sql)).first->second;
}

engine::Statement& SqliteStore::statement_of(std::string_view sql, std::int64_t number) {
  return statement(fmt::format(fmt::runtime(sql), number));
}

bool SqliteStore::has_tables() {
  engine::Statement row = connection_.prepare(embedded::has_search_tables_sql, false);
  return row.step() && row.integer(0) > 0;
}

void SqliteStore::create_tables() { connection_.execute(embedded::search_schema_sql); }

std::vector<StoredIndex> SqliteStore::indexes() {
  std::vector<StoredIndex> found;
  engine::Statement& row = statement(embedded::select_search_indexes_sql);
  while (row.step()) {
    found.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)), row.integer(3),
                     std::string(row.text(4)), row.integer(5), row.integer(6)});
  }
  row.reset();
  return found;
}

std::int64_t SqliteStore::create(const Definition& definition, std::int64_t number) {
  if (number == 0) {
    number = 1;
    for (const StoredIndex& index : indexes()) {
      number = std::max(number, index.number + 1);
    }
  }
  connection_.execute(fmt::format(fmt::runtime(embedded::drop_terms_sql),
                                  number));  // left of an index whose row somebody took away
  connection_.execute(
      fmt::format(fmt::runtime(embedded::create_terms_sql), number, column_names(definition.text.size())));
  engine::Statement& insert = statement(embedded::insert_search_index_sql);
  insert.bind_integer(1, number);
  insert.bind_text(2, definition.name);
  insert.bind_text(3, definition.hash);
  insert.run();
  engine::Statement& documents = statement(embedded::delete_documents_sql);
  documents.bind_integer(1, number);
  documents.run();
  return number;
}

void SqliteStore::drop(std::int64_t number) {
  statements_.clear();  // a statement that was prepared keeps its table from being dropped
  connection_.execute(fmt::format(fmt::runtime(embedded::drop_terms_sql), number));
  for (const std::string_view sql : {embedded::delete_documents_sql, embedded::delete_search_index_sql}) {
    engine::Statement row = connection_.prepare(sql, false);
    row.bind_integer(1, number);
    row.run();
  }
}

void SqliteStore::remove(std::int64_t number, const std::string& key, Written& written) {
  engine::Statement& select = statement(embedded::select_entry_sql);
  select.bind_integer(1, number);
  select.bind_text(2, key);
  if (!select.step()) {
    select.reset();
    return;
  }
  const std::int64_t entry = select.integer(0);
  select.reset();
  engine::Statement& terms = statement_of(embedded::delete_terms_sql, number);
  terms.bind_integer(1, entry);
  terms.run();
  engine::Statement& document = statement(embedded::delete_document_sql);
  document.bind_integer(1, number);
  document.bind_text(2, key);
  document.run();
  --written.documents;
  written.words -= length_of(entry);
}

void SqliteStore::insert(std::int64_t number, const Document& document, std::int64_t entry) {
  const std::size_t columns = document.columns.size();
  std::string markers = "?1";
  for (std::size_t i = 0; i <= columns; ++i) {
    markers += fmt::format(", ?{}", i + 2);
  }
  engine::Statement& terms = statement(
      fmt::format(fmt::runtime(embedded::insert_terms_sql), number, column_names(columns), markers));
  terms.bind_integer(1, entry);
  for (std::size_t i = 0; i < columns; ++i) {
    terms.bind_text(static_cast<int>(i) + 2, document.columns[i]);
  }
  terms.bind_text(static_cast<int>(columns) + 2, document.filters);
  terms.run();
  engine::Statement& row = statement(embedded::insert_document_sql);
  row.bind_integer(1, number);
  row.bind_text(2, document.key);
  row.bind_integer(3, entry);
  row.run();
}

void SqliteStore::write(const Definition& /*definition*/, std::int64_t number,
                        const std::vector<std::string>& gone, const std::vector<Document>& come) {
  engine::Statement& serials = statement(embedded::select_serial_sql);
  serials.bind_integer(1, number);
  ensure(serials.step(), "an index that is written has a row");
  std::int64_t serial = serials.integer(0);
  serials.reset();
  Written written;
  for (const std::string& key : gone) {
    remove(number, key, written);
  }
  for (const Document& document : come) {
    insert(number, document, serial << length_bits | document.length);
    ++serial;
    ++written.documents;
    written.words += document.length;
  }
  engine::Statement& counts = statement(embedded::update_counts_sql);
  counts.bind_integer(1, number);
  counts.bind_integer(2, written.documents);
  counts.bind_integer(3, written.words);
  counts.bind_integer(4, serial);
  counts.run();
}

void SqliteStore::set_place(std::int64_t sequence, const Digest& chain_hash) {
  const std::string hash = to_hex(chain_hash);
  engine::Statement& update = statement(embedded::update_place_sql);
  update.bind_integer(1, sequence);
  update.bind_text(2, hash);
  update.run();
}

void SqliteStore::read_term(std::int64_t number, std::string_view term, std::vector<Occurrence>& found) {
  engine::Statement& rows = statement_of(embedded::select_places_sql, number);
  rows.bind_text(1, term);
  read(rows, found);
  rows.reset();
}

void SqliteStore::read_prefix(std::int64_t number, std::string_view prefix, std::vector<Occurrence>& found) {
  const std::string end = end_of_prefix(prefix);
  engine::Statement& rows = statement_of(embedded::select_prefix_places_sql, number);
  rows.bind_text(1, prefix);
  rows.bind_text(2, end);
  read(rows, found);
  rows.reset();
}

std::vector<std::optional<std::string>> SqliteStore::keys_of(std::int64_t number,
                                                             const std::vector<std::int64_t>& entries) {
  std::vector<std::optional<std::string>> keys;
  engine::Statement& row = statement(embedded::select_document_key_sql);
  for (const std::int64_t entry : entries) {
    row.bind_integer(1, number);
    row.bind_integer(2, entry);
    keys.push_back(row.step() ? std::optional(std::string(row.text(0))) : std::nullopt);
    row.reset();
  }
  return keys;
}

std::vector<std::int64_t> SqliteStore::entries_of(std::int64_t number, const std::vector<std::string>& keys) {
  std::vector<std::int64_t> entries;
  engine::Statement& row = statement(embedded::select_entry_sql);
  for (const std::string& key : keys) {
    row.bind_integer(1, number);
    row.bind_text(2, key);
    if (row.step()) entries.push_back(row.integer(0));
    row.reset();
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void SqliteStore::each_document(std::int64_t number, const TakeDocument& take) {
  engine::Statement row = connection_.prepare(embedded::select_documents_sql, false);
  row.bind_integer(1, number);
  while (row.step()) {
    take(row.text(0), row.integer(1));
  }
}

void SqliteStore::each_occurrence(std::int64_t number, const TakeOccurrence& take) {
  engine::Statement row =
      connection_.prepare(fmt::format(fmt::runtime(embedded::select_all_places_sql), number), false);
  while (row.step()) {
    take(row.text(3), {row.integer(0), column_of(row.text(1)), row.integer(2)});
  }
}

}  // namespace reeve::search
