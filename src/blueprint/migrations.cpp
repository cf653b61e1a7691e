#include "blueprint/work.h"
#include "sql/large_stack.h"

#include <algorithm>
#include <cctype>

namespace reeve::blueprint {
namespace {

const std::vector<std::string> migration_directives = {"backfill", "breaking",  "irreversible",
                                                       "personal", "reference", "tree"};

void hash_file(Hasher& hasher, const Sources& sources, const std::string& path) {
  const auto found = sources.files.find(path);
  if (found == sources.files.end()) return;
  hasher.text(path.substr(path.find('.') + 1)).text(found->second);
}

/// Of what the files are (`up.sql`, `down.sql`) and contain.
Digest migration_hash(const Sources& sources, const std::string& name) {
  Hasher hasher("reeve.migration.1");
  for (const std::string direction : {"up", "down"}) {
    hash_file(hasher, sources, "migrations/" + name + "." + direction + ".sql");
  }
  return hasher.finish();
}

void read_reasons(Work& work, const std::vector<sql::Statement>& statements, Migration& migration) {
  for (const sql::Statement& statement : statements) {
    for (const sql::Directive& directive : statement.directives) {
      const bool breaking = directive.word == "breaking";
      if (!breaking && directive.word != "irreversible") continue;
      if (directive.text.empty()) {
        work.findings.add(directive.place, "`-- " + directive.word + "` gives no reason",
                          "write -- " + directive.word + ": REASON");
      }
      std::string& reason = breaking ? migration.breaking : migration.irreversible;
      if (!reason.empty()) reason += "; ";
      reason += directive.text.empty() ? "none" : directive.text;
    }
  }
}

/// The names of tables that a migration drops, even where it makes them anew: their rows are gone.
std::vector<std::string> dropped_tables(const std::vector<sql::Statement>& statements) {
  std::vector<std::string> dropped;
  for (const sql::Statement& statement : statements) {
    std::vector<std::string> words(1);
    for (const char c : statement.text) {
      if (c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0) {
        words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      } else if (!words.back().empty()) {
        words.emplace_back();
      }
    }
    if (words.size() < 3 || words[0] != "drop" || words[1] != "table") continue;
    dropped.insert(dropped.end(), words.begin() + 2, words.end());
  }
  return dropped;
}

void demand_breaking(Work& work, const Migration& migration, const std::vector<sql::Statement>& statements,
                     const sql::Catalogue& before, const sql::Catalogue& after) {
  if (!migration.breaking.empty()) return;
  std::optional<std::string> change = breaking_change(before, after);
  for (const std::string& table : dropped_tables(statements)) {
    if (!change && before.tables.contains(table)) change = "the table " + table + " is dropped";
  }
  if (!change) return;
  const Place place = statements.empty() ? Place{migration.up_file, 1, 1} : statements.front().place;
  work.findings.add(place, "this migration breaks readers or writers of the schema: " + *change,
                    "say why that is right in a line before the first statement: -- breaking: REASON");
}

void check_down(Work& work, const Migration& migration, const sql::Catalogue& before,
                const sql::Catalogue& after) {
  const std::string* text = migration.down_file.empty() ? nullptr : work.text_of(migration.down_file);
  if (text == nullptr || !work.split(migration.down_file, {"backfill"})) return;
  try {
    const sql::MigrationTranslation down = sql::translate_migration(migration.down_file, *text, after);
    if (const std::optional<std::string> difference = schema_difference(before, down.after)) {
      work.findings.add({migration.down_file, 1, 1},
                        "down doesn't restore the schema from before " + migration.name + ": " + *difference,
                        "mend it, or delete it and write -- irreversible: REASON in " + migration.up_file);
    }
  } catch (const Error& error) {
    work.findings.add(error, {migration.down_file, 1, 1});
  }
}

}  // namespace

std::vector<Migration> collect_migrations(Work& work) {
  std::map<int, std::vector<std::pair<FileName, std::string>>> by_number;
  for (const auto& [file, path] : work.inventory.migrations) by_number[file.number].emplace_back(file, path);

  std::vector<Migration> migrations;
  int expected = 1;
  for (const auto& [number, files] : by_number) {
    Migration migration;
    migration.number = number;
    for (const auto& [file, path] : files) {
      std::string& target = file.kind == FileKind::migration_up ? migration.up_file : migration.down_file;
      if (migration.name.empty()) migration.name = file.name;
      if (!target.empty() || migration.name != file.name) {
        work.findings.add({path, 0, 0}, "another migration has the same number: " + files.front().second,
                          "give each migration its own number, and its two files the same name");
      } else {
        target = path;
      }
    }
    if (number != expected) {
      work.findings.add({files.front().second, 0, 0},
                        number == 0 ? std::string("migrations are numbered from 0001")
                                    : "migration " + std::to_string(expected) + " is missing before this one",
                        "number migrations without gaps from 0001");
    }
    expected = number + 1;
    if (migration.up_file.empty()) {
      work.findings.add({migration.down_file, 0, 0}, "there is no up file for it",
                        "write migrations/" + migration.name + ".up.sql");
      continue;
    }
    if (const auto statements = work.split(migration.up_file, migration_directives)) {
      read_reasons(work, *statements, migration);
      if (statements->empty()) {
        work.findings.add({migration.up_file, 1, 1}, "the migration has no statement",
                          "write one, or delete it");
      }
      if (migration.irreversible.empty() && migration.down_file.empty()) {
        work.findings.add({migration.up_file, 1, 1}, "there is no down file for this migration",
                          "write migrations/" + migration.name +
                              ".down.sql, or -- irreversible: REASON in a line before the first statement");
      } else if (!migration.irreversible.empty() && !migration.down_file.empty()) {
        work.findings.add({migration.down_file, 0, 0}, "an irreversible migration has a down file",
                          "delete it, or the line -- irreversible in " + migration.up_file);
      }
    }
    migration.up_hash = migration_hash(work.sources, migration.name);
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

void load_migrations(Work& work) {
  work.blueprint.migrations = collect_migrations(work);
  sql::Catalogue& catalogue = work.blueprint.catalogue;
  for (const Migration& migration : work.blueprint.migrations) {
    const std::string* text = work.text_of(migration.up_file);
    if (text == nullptr) return;
    try {
      const sql::Catalogue before = catalogue;
      sql::MigrationTranslation up = sql::translate_migration(migration.up_file, *text, before);
      demand_breaking(work, migration, sql::split(migration.up_file, *text), before, up.after);
      check_down(work, migration, before, up.after);
      catalogue = std::move(up.after);
    } catch (const Error& error) {
      work.findings.add(error, {migration.up_file, 1, 1});
      return;
    }
  }
  // A gap in the numbers or a reason that is missing leaves the catalogue as it will be.
  std::set<int> numbers;
  for (const auto& [file, path] : work.inventory.migrations) numbers.insert(file.number);
  work.catalogue_known = numbers.size() == work.blueprint.migrations.size();
}

std::vector<Migration> read_migrations(const Sources& sources) {
  Work work(sources);
  std::vector<Migration> migrations = collect_migrations(work);
  work.findings.raise();
  return migrations;
}

namespace {

sql::Catalogue catalogue_here(const Sources& sources, int level) {
  Work work(sources);
  const std::vector<Migration> migrations = collect_migrations(work);
  work.findings.raise();
  if (level < 0 || static_cast<std::size_t>(level) > migrations.size()) {
    throw Error(ErrorCode::invalid_input, "there is no migration " + std::to_string(level),
                "the last one is " + std::to_string(migrations.size()));
  }
  sql::Catalogue catalogue;
  catalogue.moment_type = work.blueprint.catalogue.moment_type;
  for (const Migration& migration : migrations) {
    if (migration.number > level) break;
    catalogue =
        sql::translate_migration(migration.up_file, *work.text_of(migration.up_file), catalogue).after;
  }
  return catalogue;
}

}  // namespace

sql::Catalogue catalogue_at(const Sources& sources, int level) {
  sql::Catalogue catalogue;
  sql::on_large_stack([&] { catalogue = catalogue_here(sources, level); });
  return catalogue;
}

}  // namespace reeve::blueprint
