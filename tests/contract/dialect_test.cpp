// dialect.txt, line by line: as it stands on PostgreSQL, translated on SQLite, and rewritten for one ledger of
// two on PostgreSQL: the same rows, or an error on each.

#include "answers.h"
#include "postgres.h"
#include "sqlite.h"
#include "tenants.h"

#include "sql/translation.h"

#include <gtest/gtest.h>

#include <fstream>

namespace reeve::test {
namespace {

using sql::Type;

class Dialect : public testing::Test {
 protected:
  static std::string first_word(const std::string& line) { return line.substr(0, line.find(' ')); }

  void schema(const std::string& text) {
    auto migration = sql::translate_migration(file_, text, catalogue_, Tenants::roles());
    // As a migration is run: with the keys off where a table is made anew, and everything whole afterwards.
    if (migration.rebuilds) sqlite_.run("PRAGMA foreign_keys = OFF");
    for (const std::string& statement : migration.sqlite) {
      const auto answer = sqlite_.run(statement);
      ASSERT_FALSE(answer.error) << *answer.error;
    }
    EXPECT_TRUE(sqlite_.run("PRAGMA foreign_key_check").rows.empty());
    if (migration.rebuilds) sqlite_.run("PRAGMA foreign_keys = ON");
    catalogue_ = migration.after;
    if (beside_plain_) {
      const Answer answer = postgres_.run(for_postgres(text));
      ASSERT_FALSE(answer.error) << *answer.error << text;
    }
    ASSERT_NO_THROW(tenants_.migrate(migration)) << text;
  }

  /// What the rewritten statement does for one ledger is what the statement does where there is no other.
  void compare_rewritten(const sql::Translation& translation, const Answer& expected, bool writes) {
    const std::string before = writes ? tenants_.decoys(catalogue_) : "";
    check_answer(tenants_.run(translation), translation, expected);
    if (writes) {
      EXPECT_EQ(tenants_.decoys(catalogue_), before) << translation.postgres;
      tenants_.add_decoys(catalogue_);
    } else {
      check_answer(tenants_.run_as_writer(translation), translation, expected);
    }
  }

  static void check_answer(const Answer& answer, const sql::Translation& translation,
                           const Answer& expected) {
    ASSERT_EQ(answer.error.has_value(), expected.error.has_value())
        << answer.error.value_or("the rewritten statement has no error") << "\n"
        << translation.postgres;
    if (answer.error) return;
    ASSERT_EQ(answer.rows.size(), expected.rows.size()) << translation.postgres;
    for (std::size_t r = 0; r < answer.rows.size(); ++r) {
      ASSERT_EQ(answer.rows[r].size(), translation.columns.size()) << translation.postgres;
      for (std::size_t c = 0; c < answer.rows[r].size(); ++c) {
        const auto& value = answer.rows[r][c];
        const auto& wanted = expected.rows[r].at(c);
        ASSERT_EQ(value.has_value(), wanted.has_value()) << translation.postgres;
        const Type type = translation.columns[c].type;
        if (value) {
          EXPECT_EQ(normal(*value, type), normal(*wanted, type)) << translation.postgres;
        }
      }
    }
  }

  /// Gives the number of cases.
  int run_file(const std::string& name) {
    file_ = name;
    std::ifstream file(std::string(DIALECT_FOLDER) + "/" + name);
    EXPECT_TRUE(file);
    std::string line;
    int count = 0;
    for (int number = 1; std::getline(file, line); ++number) {
      if (line.empty() || line.starts_with("#")) continue;
      if (line.starts_with("schema ")) {
        schema(line.substr(7));
        continue;
      }
      ++count;
      compare(line, number);
    }
    EXPECT_NE(tenants_.decoys(catalogue_), "");
    expect_same_schema();
    return count;
  }

  /// Step by step or at once, the schema is the same.
  void expect_same_schema() {
    Postgres& tenants = tenants_.connection();
    const char* fresh =
        "CREATE SCHEMA fresh; GRANT ALL ON SCHEMA fresh TO reeve_owner; SET search_path = fresh, public";
    ASSERT_FALSE(tenants.run(fresh).error);
    for (const std::string& statement : sql::create_statements_postgres(catalogue_, Tenants::roles())) {
      const Answer answer = tenants.run(statement);
      ASSERT_FALSE(answer.error) << *answer.error << statement;
    }
    const std::string at_once = described(tenants, "fresh");
    ASSERT_FALSE(tenants.run("SET search_path = public").error);
    EXPECT_EQ(described(tenants, "public"), at_once);
  }

  void compare(std::string line, int number) {
    const bool fails = line.starts_with("! ");
    if (fails) line = line.substr(2);
    const std::string word = first_word(line);
    const bool writes = word == "INSERT" || word == "UPDATE" || word == "DELETE";
    if (!writes && word != "SELECT" && word != "WITH") line = "SELECT " + line + " AS v";
    SCOPED_TRACE(file_ + ":" + std::to_string(number) + ": " + line);
    SqliteAnswer answer;
    sql::Translation translation;
    try {
      const sql::Statement statement{line, {file_, number, 1}, {}, {}};
      translation = sql::translate(statement, catalogue_, writes ? sql::Use::migration : sql::Use::query);
      answer = sqlite_.run(translation.sqlite);
    } catch (const Error& error) {
      answer.error = error.what();
    }
    const Answer expected = beside_plain_ ? postgres_.run(for_postgres(line)) : as_text(answer);
    EXPECT_EQ(expected.error.has_value(), fails) << expected.error.value_or("PostgreSQL has no error");
    if (!translation.postgres.empty()) compare_rewritten(translation, expected, writes);
    ASSERT_EQ(answer.error.has_value(), fails) << answer.error.value_or("SQLite has no error") << "\n"
                                               << translation.sqlite;
    if (fails || expected.error) return;
    ASSERT_EQ(answer.rows.size(), expected.rows.size()) << translation.sqlite;
    for (std::size_t r = 0; r < answer.rows.size(); ++r)
      for (std::size_t c = 0; c < answer.rows[r].size(); ++c) {
        const Type type = translation.columns.at(c).type;
        const Value& value = answer.rows[r][c];
        EXPECT_TRUE(fits(value, type)) << written(value) << " is no " << sql::name_of(type) << "\n"
                                       << translation.sqlite;
        const auto& text = expected.rows[r].at(c);
        ASSERT_EQ(std::holds_alternative<Null>(value), !text.has_value()) << translation.sqlite;
        if (text) {
          EXPECT_EQ(written(value), normal(*text, type)) << "row " << r << ", " << translation.sqlite;
        }
      }
  }

  Postgres postgres_;
  Tenants tenants_;
  Sqlite sqlite_{true};
  sql::Catalogue catalogue_;
  std::string file_;
  bool beside_plain_ = true;
};

TEST_F(Dialect, answers_as_postgresql_does) { EXPECT_GT(run_file("dialect.txt"), 300); }

/// What the dialect settles otherwise than PostgreSQL by itself: both engines are asked so that they agree.
TEST_F(Dialect, answers_alike_on_both_engines_where_postgresql_alone_would_not) {
  beside_plain_ = false;
  EXPECT_GT(run_file("settled.txt"), 40);
}

}  // namespace
}  // namespace reeve::test
