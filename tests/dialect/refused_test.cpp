// What the dialect refuses of PostgreSQL's SQL: PostgreSQL takes it, both writers refuse it with the place and what to
// write instead. docs/refused.md lists it; REEVE_WRITE_DOCS=1 writes that file.

#include "answers.h"
#include "document.h"

#include "sql/translation.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace reeve::test {
namespace {

struct Refused {
  std::string topic;
  std::string text;
  int line = 0;
};

bool is_schema(const std::string& text) {
  const std::string word = text.substr(0, text.find(' '));
  return word == "CREATE" || word == "ALTER" || word == "DROP" || word == "TRUNCATE" || word == "GRANT";
}

bool is_statement(const std::string& text) {
  const std::string word = text.substr(0, text.find(' '));
  return word == "SELECT" || word == "WITH" || word == "INSERT" || word == "UPDATE" || word == "DELETE" ||
         word == "MERGE";
}

class RefusedList {
 public:
  RefusedList() {
    const std::string folder = DIALECT_FOLDER;
    std::ifstream file(folder + "/refused.txt");
    std::string line;
    std::string topic;
    for (int number = 1; std::getline(file, line); ++number) {
      if (line.starts_with("# ")) topic = line.substr(2);
      if (line.starts_with("schema ")) schema_ += line.substr(7) + ";\n";
      if (!line.empty() && !line.starts_with("#") && !line.starts_with("schema "))
        all_.push_back({topic, line, number});
    }
  }

  const std::vector<Refused>& all() const { return all_; }
  const std::string& schema() const { return schema_; }

 private:
  std::vector<Refused> all_;
  std::string schema_;
};

/// What the translation says of a case; an Error without a place when it does not refuse it.
Error refusal(const Refused& refused, const sql::Catalogue& catalogue) {
  try {
    if (is_schema(refused.text)) {
      sql::translate_migration("refused", refused.text, catalogue);
    } else {
      const bool writes = refused.text.starts_with("INSERT") || refused.text.starts_with("UPDATE") ||
                          refused.text.starts_with("DELETE") || refused.text.starts_with("MERGE");
      const std::string text =
          is_statement(refused.text) ? refused.text : "SELECT " + refused.text + " AS v FROM t";
      sql::translate({text, {"refused", 1, 1}, {}, {}}, catalogue, writes ? sql::Use::apply : sql::Use::query,
                     {{"n", sql::Type::integer}});
    }
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::internal, "it is not refused");
}

TEST(dialect_refuses, with_place_and_remedy_what_it_does_not_answer_as_postgresql_does) {
  const RefusedList list;
  ASSERT_GT(list.all().size(), 100U);
  sql::Catalogue catalogue = sql::translate_migration("refused", list.schema(), {}).after;
  Postgres postgres;
  ASSERT_FALSE(postgres.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + list.schema()).error);
  std::ostringstream document;
  document << "# What the dialect refuses\n\nOf what PostgreSQL takes, and what to write instead. A test "
              "runs each "
              "case and writes this list\n(`REEVE_WRITE_DOCS=1 build/tests_dialect`).\n";
  std::string topic;
  for (const Refused& refused : list.all()) {
    SCOPED_TRACE("refused.txt:" + std::to_string(refused.line) + ": " + refused.text);
    const bool whole = is_schema(refused.text) || is_statement(refused.text);
    postgres.run("BEGIN");
    const Answer answer = postgres.run(whole ? refused.text : "SELECT " + refused.text + " AS v FROM t");
    postgres.run("ROLLBACK");
    EXPECT_FALSE(answer.error) << *answer.error;
    const Error error = refusal(refused, catalogue);
    EXPECT_EQ(error.code(), ErrorCode::bad_statement) << error.what();
    EXPECT_EQ(error.place().file, "refused");
    EXPECT_GT(error.place().line, 0);
    EXPECT_GT(error.place().column, 0);
    EXPECT_FALSE(error.message().empty());
    EXPECT_FALSE(error.remedy().empty()) << error.what();
    if (topic != refused.topic)
      document << "\n## " << refused.topic << "\n\n| refused | because | write |\n| --- | --- | --- |\n";
    topic = refused.topic;
    document << "| `" << cell(refused.text) << "` | " << cell(error.message()) << " | "
             << cell(error.remedy()) << " |\n";
  }
  expect_current("docs/refused.md", document.str());
}

}  // namespace
}  // namespace reeve::test
