// Every statement of the blueprints that are shipped is one that a real PostgreSQL takes.

#include "tenants.h"

#include "blueprint/blueprint.h"

#include <gtest/gtest.h>

namespace reeve::test {
namespace {

void prepare(Tenants& tenants, const sql::Translation& statement) {
  std::string types;
  for (const sql::Parameter& parameter : statement.parameters)
    types += (types.empty() ? "" : ", ") + std::string(sql::name_of(parameter.type));
  for (const sql::Hidden hidden : statement.hidden)
    types += (types.empty() ? "" : ", ") + std::string(hidden == sql::Hidden::ledger ? "uuid"
                                                       : hidden == sql::Hidden::seed ? "bytea"
                                                                                     : "bigint");
  const std::string named = types.empty() ? "" : " (" + types + ")";
  const Answer answer = tenants.connection().run("PREPARE statement" + named + " AS " + statement.postgres);
  EXPECT_FALSE(answer.error) << *answer.error << statement.place.file << ":" << statement.place.line << "\n"
                             << statement.postgres;
  tenants.connection().run("DEALLOCATE ALL");
}

void prepare_all(Tenants& tenants, const blueprint::Blueprint& loaded) {
  for (const auto& [type, versions] : loaded.events)
    for (const auto& [version, event] : versions) {
      for (const auto& apply : event.apply) prepare(tenants, apply.sql);
      if (event.upcast) prepare(tenants, *event.upcast);
    }
  for (const auto& [name, command] : loaded.commands) {
    for (const auto& check : command.checks) prepare(tenants, check.sql);
    for (const auto& emit : command.emits) prepare(tenants, emit.sql);
  }
  for (const auto& [name, query] : loaded.queries) prepare(tenants, query.sql);
  if (loaded.moment) prepare(tenants, loaded.moment->query);
}

void prepare_blueprint(const std::string& folder) {
  Tenants tenants;
  const auto loaded = blueprint::load(blueprint::Sources::read(folder));
  sql::Catalogue catalogue;
  catalogue.moment_type = loaded->catalogue.moment_type;
  if (catalogue.moment_type == sql::Type::integer) {
    const Answer answer =
        tenants.connection().run("ALTER TABLE reeve_events ALTER COLUMN moment TYPE bigint USING NULL");
    ASSERT_FALSE(answer.error) << *answer.error;
  }
  for (const blueprint::Migration& migration : loaded->migrations) {
    const auto translated = sql::translate_migration(
        migration.up_file, loaded->sources.files.at(migration.up_file), catalogue, Tenants::roles());
    ASSERT_NO_THROW(tenants.migrate(translated)) << migration.up_file;
    catalogue = translated.after;
  }
  EXPECT_EQ(catalogue, loaded->catalogue);
  prepare_all(tenants, *loaded);
}

TEST(blueprints, every_statement_of_great_work_prepares_on_postgresql) {
  prepare_blueprint("blueprints/great_work");
}

TEST(blueprints, every_statement_of_dark_tower_prepares_on_postgresql) {
  prepare_blueprint("blueprints/dark_tower");
}

TEST(blueprints, every_statement_of_storyforge_prepares_on_postgresql) {
  prepare_blueprint("blueprints/storyforge");
}

TEST(blueprints, every_statement_of_sp404mk2_prepares_on_postgresql) {
  prepare_blueprint("blueprints/sp404mk2");
}

TEST(blueprints, every_statement_of_whispyrkeep_prepares_on_postgresql) {
  prepare_blueprint("blueprints/whispyrkeep");
}

}  // namespace
}  // namespace reeve::test
