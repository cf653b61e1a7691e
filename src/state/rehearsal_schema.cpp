#include "state/rehearsal.h"

#include "journal/directory.h"
#include "state/drift.h"
#include "state/live_schema.h"
#include "state/rows.h"
#include "state/schema_copy.h"
#include "state/shared_schema.h"
#include "state/state_hash.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::state {

namespace {

/// What the copy looks like at a moment of a rehearsal.
struct Scene {
  LiveSchema schema;
  std::map<std::string, TableSum> sums;
};

/// The state of all ledgers of a schema in temporary tables, which stand before the schema in the search_path.
class SchemaCopy {
 public:
  SchemaCopy(engine::Connection& connection, const sql::Catalogue& catalogue, bool with_rows)
      : connection_(connection), ledgers_(journal::list_ledgers(connection)) {
    const Value name =
        connection.value("SELECT quote_ident(current_schema())").value_or(Value(std::string()));
    schema_ = std::get<std::string>(name);
    connection.execute("SET LOCAL search_path = pg_temp, " + schema_);
    for (const std::string& statement : sql::create_statements_postgres(catalogue)) {
      connection.execute(statement);
    }
    // Nobody asks the copy what changed.
    for (const auto& [table, declared] : catalogue.tables) {
      if (!declared.reference) {
        connection.execute(
            fmt::format("ALTER TABLE {} DISABLE TRIGGER \"0_reeve_capture\"", quote_name(table)));
      }
    }
    if (with_rows) {
      copy_rows(catalogue);
    }
  }

  Scene scene(const journal::Layout& layout) {
    Scene scene{read_live_schema(connection_), {}};
    StateSums sums(layout);
    for (const journal::LedgerEntry& ledger : ledgers_) {
      connection_.switch_ledger(ledger.ledger_id);
      RowStore rows(connection_, layout);
      for (int table = 0; table < static_cast<int>(layout.tables.size()); ++table) {
        rows.scan(table, [&](journal::Row row) {
          sums.add(table, row);
          return true;
        });
      }
    }
    for (std::size_t table = 0; table < layout.tables.size(); ++table) {
      scene.sums.emplace(layout.tables[table].name, sums.sum(static_cast<int>(table)));
    }
    return scene;
  }

  void run(const sql::MigrationTranslation& translation) {
    run_statements(connection_, translation, ledgers_, [&](std::size_t) { connection_.drain_changes(); });
  }

 private:
  void copy_rows(const sql::Catalogue& catalogue) {
    for (const journal::LedgerEntry& ledger : ledgers_) {
      connection_.switch_ledger(ledger.ledger_id);
      for (const std::string& name : parents_first(catalogue)) {
        const bool reference = catalogue.tables.at(name).reference;
        std::string columns = reference ? "reeve_version" : "ledger_id";
        for (const sql::Column& column : catalogue.tables.at(name).columns) {
          if (!column.generated_sql) columns += ", " + quote_name(column.name);
        }
        connection_.execute(fmt::format(
            "INSERT INTO {0} ({1}) SELECT {1} FROM {2}.{0}{3}", quote_name(name), columns, schema_,
            reference ? " ON CONFLICT DO NOTHING"  // of another ledger that pinned the same version
                      : fmt::format(" WHERE ledger_id = '{}'", ledger.ledger_id)));
      }
    }
    connection_.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
  }

  engine::Connection& connection_;
  std::vector<journal::LedgerEntry> ledgers_;
  std::string schema_;
};

void compare(const Scene& before, const Scene& after, bool with_rows, std::string_view when,
             std::vector<std::string>& differences) {
  for (const DriftFinding& finding : compare_schemas(engine::Engine::postgres, before.schema, after.schema)) {
    if (finding.kind == DriftFinding::Kind::difference) {
      differences.push_back(fmt::format("{}: {}", when, finding.message));
    }
  }
  for (const auto& [name, sum] : before.sums) {
    const auto found = after.sums.find(name);
    if (with_rows && found != after.sums.end() && found->second != sum) {
      differences.push_back(fmt::format("{}: rows of {} differ", when, name));
    }
  }
}

MigrationCheck rehearse(SchemaCopy& copy, const blueprint::Sources& sources,
                        const blueprint::Migration& migration) {
  MigrationCheck check;
  check.name = migration.name;
  const sql::Catalogue before = blueprint::catalogue_at(sources, migration.number - 1);
  const auto up = sql::translate_migration(migration.up_file, sources.files.at(migration.up_file), before);
  const Scene scene_before = copy.scene(journal::Layout::of(before));
  copy.run(up);
  if (migration.down_file.empty()) {
    return check;  // it says itself that it can't go back
  }
  const journal::Layout layout_up = journal::Layout::of(up.after);
  const Scene scene_up = copy.scene(layout_up);
  const auto down =
      sql::translate_migration(migration.down_file, sources.files.at(migration.down_file), up.after);
  copy.run(down);
  if (down.after != before) {
    check.differences.push_back("after down: the schema is declared otherwise than before up");
  }
  compare(scene_before, copy.scene(journal::Layout::of(down.after)), true, "after down", check.differences);
  if (check.differences.empty()) {
    copy.run(sql::translate_migration(migration.up_file, sources.files.at(migration.up_file), before));
    // Rows that down lost are a finding of their own, above.
    compare(scene_up, copy.scene(layout_up), false, "after the second up", check.differences);
  }
  check.equal = check.differences.empty();
  return check;
}

}  // namespace

std::vector<MigrationCheck> rehearse_in_schema(engine::Connection& owner, const blueprint::Sources& folder,
                                               const Progress& progress) {
  const engine::Transaction tx(owner, engine::Transaction::Mode::write);
  journal::read_schema_format(owner);  // nobody migrates meanwhile
  const auto epoch = load_last_epoch(owner);
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(folder);
  const bool pending = static_cast<std::int64_t>(migrations.size()) > epoch->epoch.level;
  SchemaCopy copy(owner, pending ? epoch->catalogue : blueprint::catalogue_at(folder, 0), pending);
  std::vector<MigrationCheck> checks;
  for (const blueprint::Migration& migration : migrations) {
    progress.step(static_cast<std::int64_t>(checks.size()), static_cast<std::int64_t>(migrations.size()));
    if (!pending || migration.number > epoch->epoch.level) {
      checks.push_back(rehearse(copy, folder, migration));
      if (!checks.back().equal) {
        break;  // the copy is no longer what the next one expects
      }
    }
  }
  return checks;
}

}  // namespace reeve::state
