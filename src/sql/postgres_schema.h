#pragma once
// The catalogue as PostgreSQL stores it: every table holds the rows of many ledgers. `ledger_id` stands first in
// the table and in each of its keys, so that no key, reference or index reaches over a ledger; row-level
// security stands behind the statements, which name their ledger themselves.

#include "sql/translation.h"

#include <string>
#include <vector>

namespace reeve::sql::postgres {

/// Without its foreign keys if they are to be added once every table is there.
std::string create_table(const Table& table, const Catalogue& catalogue, bool with_foreign_keys);
/// Row-level security, capture, and what the roles may do.
std::vector<std::string> guard_table(const Table& table, const PostgresRoles& roles);
/// A ledger's foreign key to a reference table, whose rows are kept by version: a constraint trigger.
std::string reference_trigger(const ForeignKey& key, const Table& table);
std::string reference_trigger_name(const ForeignKey& key);
/// That the rows of ledger $1 keep such a key, or an error.
std::string reference_check_of_rows(const ForeignKey& key, const Table& table);
/// The value of reeve_version that a ledger has pinned, as a subquery; NULL when it has pinned none.
std::string pinned_version(const std::string& ledger);
std::string column_definition(const Column& column, const Table& table, const Catalogue& catalogue);
std::string type_text(const Column& column);
std::string default_text(const Column& column, const Catalogue& catalogue);

/// Constraints, as CREATE TABLE and ALTER TABLE ADD take them.
std::string primary_key(const Table& table);
std::string unique_key(const UniqueKey& key, const Table& table);
std::string foreign_key(const ForeignKey& key, const Table& table);
std::string check(const Check& check, const Table& table, const Catalogue& catalogue);
/// That a text of varchar(n) has n code points at most; PostgreSQL's own varchar would cut trailing blanks.
std::string length_check(const Column& column);
std::string length_check_name(const std::string& column);
std::string primary_key_name(const std::string& table);

/// What ALTER TABLE has to drop and to add, by name.
std::vector<std::string> constraint_names(const Table& table);

std::string create_index(const Index& index, const Catalogue& catalogue);
std::vector<std::string> create_view(const View& view, const Catalogue& catalogue,
                                     const PostgresRoles& roles);

/// The views in an order in which each finds those that it reads.
std::vector<std::string> views_in_order(const Catalogue& catalogue);

}  // namespace reeve::sql::postgres
