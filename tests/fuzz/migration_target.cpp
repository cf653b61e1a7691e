// Input: migrations, one after the other, with `%%` between them, on this target's tables.
//   What the translation takes, SQLite prepares and PostgreSQL's parser parses.
//   Changes of empty tables succeed, and the file's schema is then the one that is declared.
//   What is declared can be made at once, for both engines.

#include "fuzz/database.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "sql/large_stack.h"
#include "sql/translation.h"
#include "state/drift.h"

#include <algorithm>

namespace reeve::fuzz {
namespace {

/// False when rows that it writes are refused.
bool run(engine::Connection& connection, const sql::MigrationTranslation& translation) {
  const bool writes = std::ranges::any_of(translation.postgres, [](const sql::MigrationStatement& statement) {
    return statement.part == sql::MigrationPart::rows;
  });
  for (const std::string& sql : translation.sqlite) {
    try {
      connection.execute(sql);
    } catch (const Error& error) {
      const bool is_of_rows =
          error.code() != ErrorCode::bad_statement || error.message().find("near \"") == std::string::npos;
      require(writes && is_of_rows, "SQLite takes it", std::string(error.what()) + " in: " + sql);
      return false;
    }
  }
  return true;
}

void check_postgres(const sql::MigrationTranslation& translation) {
  for (const sql::MigrationStatement& statement : translation.postgres)
    require(parses(statement.sql), "PostgreSQL's parser takes it", statement.sql);
  for (const std::string& statement : sql::create_statements_postgres(translation.after))
    require(parses(statement), "PostgreSQL's parser takes what makes it at once", statement);
}

void check_schema(engine::Connection& connection, const sql::Catalogue& declared) {
  for (const auto& finding : state::find_drift(connection, declared)) {
    require(finding.kind != state::DriftFinding::Kind::difference, "the schema is the one that is declared",
            finding.message);
  }
}

}  // namespace

void migration(std::string_view input) {
  static const auto connection = [] {
    auto opened = open_bounded();
    opened->set_foreign_keys(false);
    create_tables(*opened);
    return opened;
  }();
  grant_steps();
  engine::Transaction tx(*connection, engine::Transaction::Mode::write);
  sql::Catalogue now = catalogue();
  for (const std::string_view part : parts_of(input, 3)) {
    const auto translation = unless_refused([&] { return sql::translate_migration("m.up.sql", part, now); });
    if (!translation) return;
    sql::on_large_stack([&] { check_postgres(*translation); });
    if (!run(*connection, *translation)) return;
    check_schema(*connection, translation->after);
    now = translation->after;
  }
}

}  // namespace reeve::fuzz
