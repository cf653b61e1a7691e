// The verb sql: what a file's statements become for each engine.

#include "blueprint/blueprint.h"
#include "cli/session.h"
#include "sql/statement.h"
#include "sql/translation.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace reeve::cli {

namespace {

namespace fs = std::filesystem;

struct Shown {
  Place place;
  std::string sqlite;
  std::string postgres;
};

std::string joined(const std::vector<std::string>& statements) {
  std::string out;
  for (const std::string& statement : statements) out += statement + ";\n";
  return out;
}

Shown of_migration(const Place& place, const sql::MigrationTranslation& migration) {
  Shown out{place, joined(migration.sqlite), {}};
  for (const sql::MigrationStatement& statement : migration.postgres) {
    if (statement.part == sql::MigrationPart::rows) out.postgres += "-- for each ledger\n";
    out.postgres += statement.sql + ";\n";
  }
  return out;
}

void add(const sql::Translation& translation, const std::string& file, std::vector<Shown>& out) {
  if (translation.place.file == file)
    out.push_back({translation.place, translation.sqlite + ";\n", translation.postgres + ";\n"});
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw Error(ErrorCode::not_found, path.string() + " can't be read", "name a file of SQL");
  }
  return text.str();
}

/// The blueprint that a file lies in; empty for none.
fs::path folder_around(const fs::path& file) {
  for (fs::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / "blueprint.toml")) return folder;
    if (folder == folder.parent_path()) return {};
  }
  return {};
}

std::vector<Shown> in_blueprint(const fs::path& folder, const std::string& file) {
  const blueprint::Sources sources = blueprint::Sources::read(folder);
  const auto found = blueprint::load(sources);
  std::vector<Shown> out;
  for (const blueprint::Migration& migration : found->migrations) {
    const bool up = migration.up_file == file;
    if (!up && migration.down_file != file) continue;
    const sql::Catalogue before =
        blueprint::catalogue_at(sources, up ? migration.number - 1 : migration.number);
    out.push_back(of_migration({file, 1, 1}, sql::translate_migration(file, sources.files.at(file), before)));
  }
  for (const auto& [type, versions] : found->events) {
    for (const auto& [version, event] : versions) {
      for (const blueprint::ApplyStatement& statement : event.apply) add(statement.sql, file, out);
      if (event.upcast) add(*event.upcast, file, out);
    }
  }
  for (const auto& [name, command] : found->commands) {
    for (const blueprint::Check& check : command.checks) add(check.sql, file, out);
    for (const blueprint::Emit& emit : command.emits) add(emit.sql, file, out);
  }
  for (const auto& [name, query] : found->queries) add(query.sql, file, out);
  return out;
}

/// Statements one behind the other: what changes the schema is what the next ones see.
std::vector<Shown> by_itself(const std::string& file) {
  std::vector<Shown> out;
  sql::Catalogue catalogue;
  for (const sql::Statement& statement : sql::split(file, text_of(file))) {
    std::string word = statement.text.substr(0, statement.text.find_first_of(" \t\n("));
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool reads = word == "select" || word == "with" || word == "values";
    if (reads) {
      add(sql::translate(statement, catalogue, sql::Use::query), file, out);
      continue;
    }
    // The lines before it are kept, so that what is wrong is named by its place in the file.
    const std::string lines(static_cast<std::size_t>(std::max(statement.place.line - 1, 0)), '\n');
    const auto migration = sql::translate_migration(file, lines + statement.text, catalogue);
    catalogue = migration.after;
    out.push_back(of_migration(statement.place, migration));
  }
  return out;
}

int show_sql(Session& session, const std::string& file) {
  if (fs::is_directory(file)) {
    throw Error(ErrorCode::invalid_input, file + " is a folder", "name a file of SQL in it");
  }
  const fs::path path = fs::absolute(file).lexically_normal();
  const fs::path folder = folder_around(path);
  const auto shown = folder.empty() ? by_itself(file)
                                    : in_blueprint(folder, path.lexically_relative(folder).generic_string());
  if (shown.empty()) {
    throw Error(ErrorCode::invalid_input, file + " holds no statement",
                "name a file of SQL: a migration, an event's, a command's or a query's");
  }
  if (session.format != Format::table) {
    const auto rows =
        make_row_writer(session.format, session.out, {"file", "line", "column", "sqlite", "postgres"});
    for (const Shown& one : shown) {
      rows->row({{Cell::of(file), Cell::number(one.place.line), Cell::number(one.place.column),
                  Cell::of(one.sqlite), Cell::of(one.postgres)}});
    }
    rows->finish();
    return exit_ok;
  }
  for (const Shown& one : shown) {
    session.out.write(fmt::format("-- {}:{}:{}, SQLite\n{}-- PostgreSQL\n{}\n", file, one.place.line,
                                  one.place.column, one.sqlite, one.postgres));
  }
  return exit_ok;
}

}  // namespace

void add_sql_verb(CLI::App& app, Session& session) {
  const auto file = std::make_shared<std::string>();
  CLI::App* verb =
      add_verb(app, session, "sql", "Shows what the statements of a file become for each engine.");
  verb->add_option("FILE", *file, "SQL; of a blueprint, if it lies in one")->required();
  verb->callback([&session, file] { session.work = [&session, file] { return show_sql(session, *file); }; });
}

}  // namespace reeve::cli
