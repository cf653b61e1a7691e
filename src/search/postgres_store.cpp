#include "search/postgres_store.h"

#include "engine/array.h"
#include "journal/directory.h"
#include "journal/varint.h"

#include "search/postgres_delete_documents_sql.h"
#include "search/postgres_delete_entries_sql.h"
#include "search/postgres_delete_postings_sql.h"
#include "search/postgres_delete_search_index_sql.h"
#include "search/postgres_has_search_tables_sql.h"
#include "search/postgres_insert_entries_sql.h"
#include "search/postgres_insert_search_index_sql.h"
#include "search/postgres_search_schema_sql.h"
#include "search/postgres_select_all_postings_sql.h"
#include "search/postgres_select_document_keys_sql.h"
#include "search/postgres_select_documents_sql.h"
#include "search/postgres_select_entries_sql.h"
#include "search/postgres_select_postings_sql.h"
#include "search/postgres_select_prefix_postings_sql.h"
#include "search/postgres_select_search_indexes_sql.h"
#include "search/postgres_update_place_sql.h"

#include <algorithm>
#include <map>

namespace reeve::search {

namespace {

/// places := (column count distance*)*      each a varint; a distance is to the place before, the first from 0
using Places = std::map<std::string, std::map<int, std::vector<std::int64_t>>, std::less<>>;

void add_places(std::string_view terms, int column, Places& places) {
  for (std::int64_t position = 0; !terms.empty(); ++position) {
    const std::size_t end = std::min(terms.find(' '), terms.size());
    places[std::string(terms.substr(0, end))][column].push_back(position);
    terms.remove_prefix(std::min(end + 1, terms.size()));
  }
}

std::string encoded(const std::map<int, std::vector<std::int64_t>>& columns) {
  std::string out;
  for (const auto& [column, positions] : columns) {
    journal::append_varint(static_cast<std::uint64_t>(column), out);
    journal::append_varint(positions.size(), out);
    std::int64_t before = 0;
    for (const std::int64_t position : positions) {
      journal::append_varint(static_cast<std::uint64_t>(position - before), out);
      before = position;
    }
  }
  return out;
}

std::uint64_t take_varint(std::string_view& bytes) {
  const auto value = journal::take_varint(bytes);
  if (!value) {
    throw Error(ErrorCode::corrupt, "a search index has places that are none", "run `reeve search rebuild`");
  }
  return *value;
}

template <typename Take>
void decode(std::int64_t entry, std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const auto column = static_cast<int>(take_varint(bytes));
    const std::uint64_t count = take_varint(bytes);
    std::int64_t position = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      position += static_cast<std::int64_t>(take_varint(bytes));
      take(Occurrence{entry, column, position});
    }
  }
}

void read(engine::Statement& rows, std::vector<Occurrence>& found) {
  while (rows.step()) {
    decode(rows.integer(0), rows.bytes(1), [&](const Occurrence& one) { found.push_back(one); });
  }
}

}  // namespace

engine::Statement& PostgresStore::statement(std::string_view sql) {
  auto known = statements_.find(sql);
  if (known == statements_.end()) {
    known = statements_.emplace(sql, connection_.prepare(sql)).first;
    known->second.bind_text(1, connection_.ledger());
  }
  return known->second;
}

bool PostgresStore::has_tables() {
  engine::Statement row = connection_.prepare(embedded::postgres_has_search_tables_sql, false);
  return row.step() && row.integer(0) > 0;
}

void PostgresStore::create_tables() {
  journal::lock_tables(connection_);
  if (has_tables()) {
    return;
  }
  try {
    connection_.execute(embedded::postgres_search_schema_sql);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied) {
      throw;
    }
    throw Error(ErrorCode::denied, "the schema has no tables for search indexes yet",
                "run `reeve search rebuild URL` once as an administrator");
  }
}

std::vector<StoredIndex> PostgresStore::indexes() {
  std::vector<StoredIndex> found;
  engine::Statement& row = statement(embedded::postgres_select_search_indexes_sql);
  while (row.step()) {
    found.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)), row.integer(3),
                     std::string(row.text(4)), row.integer(5), row.integer(6)});
  }
  row.reset();
  return found;
}

std::int64_t PostgresStore::create(const Definition& definition, std::int64_t number) {
  if (number == 0) {
    number = 1;
    for (const StoredIndex& index : indexes()) {
      number = std::max(number, index.number + 1);
    }
  }
  engine::Statement& insert = statement(embedded::postgres_insert_search_index_sql);
  insert.bind_integer(2, number);
  insert.bind_text(3, definition.name);
  insert.bind_text(4, definition.hash);
  insert.run();
  return number;
}

void PostgresStore::drop(std::int64_t number) {
  for (const std::string_view sql :
       {embedded::postgres_delete_postings_sql, embedded::postgres_delete_documents_sql,
        embedded::postgres_delete_search_index_sql}) {
    engine::Statement& row = statement(sql);
    row.bind_integer(2, number);
    row.run();
  }
}

void PostgresStore::write(const Definition& /*definition*/, std::int64_t number,
                          const std::vector<std::string>& gone, const std::vector<Document>& come) {
  if (!gone.empty()) {
    engine::Array keys(engine::Array::Of::text);
    for (const std::string& key : gone) {
      keys.add(std::string_view(key));
    }
    engine::Statement& remove = statement(embedded::postgres_delete_entries_sql);
    remove.bind_integer(2, number);
    keys.bind(remove, 3);
    remove.post();
  }
  if (!come.empty()) {
    insert(number, come);
  }
}

void PostgresStore::insert(std::int64_t number, const std::vector<Document>& come) {
  using Of = engine::Array::Of;
  engine::Array keys(Of::text);
  engine::Array lengths(Of::bigint);
  engine::Array terms(Of::text);
  engine::Array posting_terms(Of::text);
  engine::Array posting_documents(Of::bigint);
  engine::Array posting_lengths(Of::bigint);
  engine::Array posting_places(Of::bytea);
  std::int64_t words = 0;
  for (std::size_t place = 0; place < come.size(); ++place) {
    const Document& document = come[place];
    Places places;
    for (std::size_t column = 0; column < document.columns.size(); ++column) {
      add_places(document.columns[column], static_cast<int>(column), places);
    }
    add_places(document.filters, filter_column, places);
    std::string distinct;
    for (const auto& [term, columns] : places) {
      distinct += distinct.empty() ? "" : " ";
      distinct += term;
      posting_terms.add(std::string_view(term));
      posting_documents.add(static_cast<std::int64_t>(place));
      posting_lengths.add(document.length);
      posting_places.add(std::string_view(encoded(columns)));
    }
    keys.add(std::string_view(document.key));
    lengths.add(document.length);
    terms.add(std::string_view(distinct));
    words += document.length;
  }
  engine::Statement& statement_of_all = statement(embedded::postgres_insert_entries_sql);
  statement_of_all.bind_integer(2, number);
  statement_of_all.bind_integer(3, static_cast<std::int64_t>(come.size()));
  statement_of_all.bind_integer(4, words);
  keys.bind(statement_of_all, 5);
  lengths.bind(statement_of_all, 6);
  terms.bind(statement_of_all, 7);
  posting_terms.bind(statement_of_all, 8);
  posting_documents.bind(statement_of_all, 9);
  posting_lengths.bind(statement_of_all, 10);
  posting_places.bind(statement_of_all, 11);
  statement_of_all.post();
}

void PostgresStore::set_place(std::int64_t sequence, const Digest& chain_hash) {
  const std::string hash = to_hex(chain_hash);
  engine::Statement& update = statement(embedded::postgres_update_place_sql);
  update.bind_integer(2, sequence);
  update.bind_text(3, hash);
  update.post();
}

void PostgresStore::read_term(std::int64_t number, std::string_view term, std::vector<Occurrence>& found) {
  engine::Statement& rows = statement(embedded::postgres_select_postings_sql);
  rows.bind_integer(2, number);
  rows.bind_text(3, term);
  read(rows, found);
  rows.reset();
}

void PostgresStore::read_prefix(std::int64_t number, std::string_view prefix,
                                std::vector<Occurrence>& found) {
  const std::string end = end_of_prefix(prefix);
  engine::Statement& rows = statement(embedded::postgres_select_prefix_postings_sql);
  rows.bind_integer(2, number);
  rows.bind_text(3, prefix);
  rows.bind_text(4, end);
  read(rows, found);
  rows.reset();
}

std::vector<std::optional<std::string>> PostgresStore::keys_of(std::int64_t number,
                                                               const std::vector<std::int64_t>& entries) {
  engine::Array wanted(engine::Array::Of::bigint);
  for (const std::int64_t entry : entries) {
    wanted.add(entry);
  }
  engine::Statement& rows = statement(embedded::postgres_select_document_keys_sql);
  rows.bind_integer(2, number);
  wanted.bind(rows, 3);
  std::map<std::int64_t, std::string> known;
  while (rows.step()) {
    known.emplace(rows.integer(0), rows.text(1));
  }
  rows.reset();
  std::vector<std::optional<std::string>> keys;
  for (const std::int64_t entry : entries) {
    const auto found = known.find(entry);
    keys.push_back(found == known.end() ? std::nullopt : std::optional(found->second));
  }
  return keys;
}

std::vector<std::int64_t> PostgresStore::entries_of(std::int64_t number,
                                                    const std::vector<std::string>& keys) {
  engine::Array wanted(engine::Array::Of::text);
  for (const std::string& key : keys) {
    wanted.add(std::string_view(key));
  }
  engine::Statement& rows = statement(embedded::postgres_select_entries_sql);
  rows.bind_integer(2, number);
  wanted.bind(rows, 3);
  std::vector<std::int64_t> entries;
  while (rows.step()) {
    entries.push_back(rows.integer(0));
  }
  rows.reset();
  return entries;
}

void PostgresStore::each_document(std::int64_t number, const TakeDocument& take) {
  engine::Statement& row = statement(embedded::postgres_select_documents_sql);
  row.bind_integer(2, number);
  while (row.step()) {
    take(row.text(0), row.integer(1));
  }
  row.reset();
}

void PostgresStore::each_occurrence(std::int64_t number, const TakeOccurrence& take) {
  engine::Statement& row = statement(embedded::postgres_select_all_postings_sql);
  row.bind_integer(2, number);
  while (row.step()) {
    decode(row.integer(0), row.bytes(1), [&](const Occurrence& one) { take(row.text(2), one); });
  }
  row.reset();
}

}  // namespace reeve::search
