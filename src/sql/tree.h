#pragma once
// Tables whose rows form trees (`-- tree: COLUMN`, docs/blueprint.md): what asks whether a row hangs on itself, at the end
// of the event that hung it there. On SQLite Reeve asks (state/tree_guard.h), on PostgreSQL a deferred constraint
// trigger.

#include "sql/catalogue.h"

#include <string>
#include <string_view>

namespace reeve::sql {

/// The column that the link of a tree points to: the table's key.
std::string_view tree_key(const Table& table);

/// What is said of a row that hangs on itself.
std::string tree_message(const Table& table);

/// SQLite's: gives a row if that of the key ?1 hangs on itself. One on which nothing hangs costs one look-up.
std::string tree_question(const Table& table);

/// SQLite's: one boolean, whether any row of the table hangs on itself.
std::string tree_question_of_all(const Table& table);

/// PostgreSQL's.
std::string create_tree_trigger(const Table& table);
std::string drop_tree_trigger(const Table& table);

}  // namespace reeve::sql
