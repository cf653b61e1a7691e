#include "comparison.h"

#include "sql/identity.h"

#include <reeve/error.h>

#include <algorithm>
#include <stdexcept>

namespace reeve::test {
namespace {

bool writes(const std::string& statement) {
  const std::string word = statement.substr(0, statement.find(' '));
  if (word != "WITH") return word == "INSERT" || word == "UPDATE" || word == "DELETE";
  for (const char* verb : {") INSERT INTO ", ") UPDATE ", ") DELETE FROM "})
    if (statement.find(verb) != std::string::npos) return true;
  return false;
}

/// What RETURNING gives has no order.
void sort_rows(Answer& answer) { std::sort(answer.rows.begin(), answer.rows.end()); }

std::string shown(const std::optional<std::string>& value) { return value ? "'" + *value + "'" : "NULL"; }

/// Empty when the answers are the same; `columns` says how values of each are written.
std::string difference(const Answer& answer, const Answer& wanted,
                       const std::vector<sql::ResultColumn>& columns, bool canonical) {
  if (answer.error.has_value() != wanted.error.has_value())
    return answer.error ? "it fails: " + *answer.error : "it does not fail, but: " + *wanted.error;
  if (answer.error) return {};
  if (answer.rows.size() != wanted.rows.size())
    return std::to_string(answer.rows.size()) + " rows instead of " + std::to_string(wanted.rows.size());
  for (std::size_t r = 0; r < wanted.rows.size(); ++r) {
    if (answer.rows[r].size() != wanted.rows[r].size() || wanted.rows[r].size() != columns.size())
      return "another number of columns";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::optional<std::string> value = answer.rows[r][c];
      std::optional<std::string> other = wanted.rows[r][c];
      if (value && !canonical) value = normal(*value, columns[c].type);
      if (other) other = normal(*other, columns[c].type);
      if (value != other)
        return "row " + std::to_string(r + 1) + ", " + columns[c].name + ": " + shown(value) +
               " instead of " + shown(other);
    }
  }
  return {};
}

/// A value of SQLite's that is not stored as its type says.
std::string misfit(const SqliteAnswer& answer, const std::vector<sql::ResultColumn>& columns) {
  for (const auto& row : answer.rows)
    for (std::size_t c = 0; c < row.size() && c < columns.size(); ++c)
      if (!fits(row[c], columns[c].type))
        return written(row[c]) + " is no " + std::string(sql::name_of(columns[c].type));
  return {};
}

}  // namespace

Comparison::Comparison() {
  if (const Answer answer =
          postgres_.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; SET timezone = 'UTC'");
      answer.error)
    throw std::runtime_error(*answer.error);
}

void Comparison::schema(const std::string& text, const std::string& file) {
  const auto migration = sql::translate_migration(file, text, catalogue_, Tenants::roles());
  if (migration.rebuilds) sqlite_.run("PRAGMA foreign_keys = OFF");
  for (const std::string& statement : migration.sqlite)
    if (const auto answer = sqlite_.run(statement); answer.error) throw std::runtime_error(*answer.error);
  if (migration.rebuilds) sqlite_.run("PRAGMA foreign_keys = ON");
  if (const Answer answer = postgres_.run(for_postgres(text)); answer.error)
    throw std::runtime_error(*answer.error + text);
  tenants_.migrate(migration);
  catalogue_ = migration.after;
}

std::string Comparison::rewritten_difference(const sql::Translation& translation, const Answer& expected,
                                             bool writing) {
  const std::string before = writing ? tenants_.decoys(catalogue_) : "";
  Answer answer = tenants_.run(translation);
  if (writing) sort_rows(answer);
  std::string found = difference(answer, expected, translation.columns, false);
  if (found.empty() && writing && tenants_.decoys(catalogue_) != before)
    found = "rows of another ledger are changed";
  if (writing) {
    tenants_.add_decoys(catalogue_);
  } else if (found.empty() && !translation.tables_read.empty()) {
    found = difference(tenants_.run_as_writer(translation), expected, translation.columns, false);
  }
  return found.empty() ? found : "rewritten, " + found + "\n  " + translation.postgres;
}

/// What Reeve runs behind an INSERT into a table with an identity column.
void Comparison::count(const sql::Translation& counter) {
  const Answer in_file = as_text(sqlite_.run(counter.sqlite));
  const Answer for_tenant = tenants_.run(counter);
  for (const Answer* answer : {&in_file, &for_tenant})
    if (answer->error) throw std::runtime_error(*answer->error);
  tenants_.add_decoys(catalogue_);
}

Compared Comparison::run_one(const std::string& statement, const Place& place, bool plain, bool writing) {
  Answer own = plain ? postgres_.run(for_postgres(statement)) : Answer{};
  sql::Translation translation;
  try {
    translation = sql::translate({statement, place, {}, {}}, catalogue_,
                                 writing ? sql::Use::migration : sql::Use::query);
  } catch (const Error& error) {
    const bool alike = plain ? own.error.has_value() : true;
    return {alike ? Verdict::both_failed : Verdict::refused, error.what()};
  }
  const SqliteAnswer answer = sqlite_.run(translation.sqlite);
  Answer translated = as_text(answer);
  if (writing) {
    sort_rows(own);
    sort_rows(translated);
  }
  written_ = translation.tables_written;
  std::string found = plain ? difference(translated, own, translation.columns, true) : "";
  if (found.empty()) found = misfit(answer, translation.columns);
  if (!found.empty()) found = "on SQLite, " + found + "\n  " + translation.sqlite;
  const std::string rewritten = rewritten_difference(translation, plain ? own : translated, writing);
  if (found.empty()) found = rewritten;
  if (!found.empty()) return {Verdict::different, found};
  if (translated.error) return {Verdict::both_failed, *translated.error};
  if (const auto counter = sql::counter_after(translation, catalogue_)) count(*counter);
  return {};
}

Compared Comparison::run(const std::string& statement, const Place& place, bool plain) {
  const bool writing = writes(statement);
  written_.clear();
  try {
    Compared compared = run_one(statement, place, plain, writing);
    if (!writing || compared.verdict == Verdict::different) return compared;
    for (const std::string& name : std::set<std::string>(written_)) {
      std::string order;
      for (const std::string& column : catalogue_.tables.at(name).primary_key)
        order += (order.empty() ? "" : ", ") + column;
      Compared left = run_one("SELECT * FROM " + name + " ORDER BY " + order, place, plain, false);
      if (left.verdict != Verdict::equal) return {Verdict::different, "table " + name + ": " + left.what};
    }
    return compared;
  } catch (const Error& error) {
    return {Verdict::different, error.what()};
  }
}

}  // namespace reeve::test
