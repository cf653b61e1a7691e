#pragma once
// A SQLite database in memory as Reeve opens it, in which no statement runs for long.

#include "engine/connection.h"
#include "sql/catalogue.h"

#include <memory>
#include <string_view>

namespace reeve::fuzz {

/// A scratch connection. Once its statements took some 200,000 steps since the last grant they are interrupted
/// (retryable), and no value is longer than a megabyte.
std::unique_ptr<engine::Connection> open_bounded();
void grant_steps();

/// Tables with columns of every type, keys of every kind, sealed values, indexes and views.
const sql::Catalogue& catalogue();
/// Makes them.
void create_tables(engine::Connection& connection);
/// A few rows in each table: NULL, the greatest and the least, text that is no ASCII.
void insert_rows(engine::Connection& connection);

/// Whether PostgreSQL's parser takes the text. Call it on a large stack.
bool parses(std::string_view postgres);

}  // namespace reeve::fuzz
