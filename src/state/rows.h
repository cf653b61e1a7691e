#pragma once
// Rows of the state's tables by their layout: read by key, scanned in order of the key, written as a
// changeset says. The SQL is made from the layout's names.

#include "engine/connection.h"
#include "journal/changeset.h"
#include "journal/layout.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace reeve::state {

class RowStore {
 public:
  RowStore(engine::Connection& connection, const journal::Layout& layout);

  /// Reads one row into `row` (views valid until the next call for this table); false if there is none.
  bool read(int table, std::span<const ValueView> key, std::vector<ValueView>& row);
  /// In order of the primary key; stops when `visit` gives false.
  void scan(int table, const std::function<bool(journal::Row)>& visit);
  void insert(int table, journal::Row row);
  /// Writes what a journaled change says. Error corrupt when the row it changes or removes is not there.
  void write(const journal::StoredChange& change);

 private:
  struct Prepared {
    std::optional<engine::Statement> read;
    std::optional<engine::Statement> insert;
    std::vector<int> insert_parameters;  ///< of each column; 0: generated, and so not given
    std::optional<engine::Statement> remove;
    std::map<std::vector<int>, engine::Statement> updates;  ///< by the columns that are set
  };
  Prepared& prepared(int table) { return prepared_[static_cast<std::size_t>(table)]; }
  engine::Statement& insert_statement(int table);
  engine::Statement& update_statement(int table, const std::vector<int>& columns);
  engine::Statement prepare(const std::string& sql, int ledger_parameter);
  std::string marker(int parameter) const;
  /// `"a" = ?N AND "b" = ?N+1`
  std::string conditions(const journal::TableLayout& table, std::span<const int> places, int first,
                         std::string_view separator) const;
  /// ` WHERE ...` of a primary key, whose parameters begin at `first`; on PostgreSQL of this ledger's rows.
  std::string key_condition(const journal::TableLayout& table, int first) const;
  void load_row(const engine::Statement& statement, int table, std::vector<ValueView>& row) const;

  engine::Connection& connection_;
  const journal::Layout& layout_;
  std::vector<Prepared> prepared_;
};

/// A name as SQL writes it.
std::string quote_name(std::string_view name);

}  // namespace reeve::state
