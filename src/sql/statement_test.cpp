#include "sql/statement.h"

#include "sql/translation.h"

#include <gtest/gtest.h>

#include <functional>

namespace reeve::sql {
namespace {

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(statement, cuts_at_semicolons_outside_of_text_and_comments) {
  const auto statements = split("a.sql", "SELECT ';' -- ; here\n, $$;$$ /* ; */;\n\nSELECT 2;;\n-- end\n");
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].text, "SELECT ';' -- ; here\n, $$;$$");
  EXPECT_EQ(statements[1].text, "SELECT 2");
  EXPECT_EQ(statements[1].place, (Place{"a.sql", 4, 1}));
}

TEST(statement, reads_the_directives_before_it) {
  const auto statements =
      split("e.sql",
            "-- A fact.\n-- expect 1..3: unknown player :player_id\n"
            "UPDATE players SET name = :name;  -- expect 1: not this one\nDELETE FROM x;");
  ASSERT_EQ(statements.size(), 2U);
  ASSERT_EQ(statements[0].directives.size(), 1U);
  EXPECT_EQ(statements[0].directives[0].word, "expect");
  EXPECT_EQ(statements[0].directives[0].argument, "1..3");
  EXPECT_EQ(statements[0].directives[0].text, "unknown player :player_id");
  EXPECT_EQ(statements[0].directives[0].place, (Place{"e.sql", 2, 1}));
  EXPECT_EQ(statements[0].comments, std::vector<std::string>{"A fact."});
  EXPECT_TRUE(statements[1].directives.empty());
}

TEST(statement, refuses_a_misspelt_directive) {
  EXPECT_EQ(error_of([] { split("e.sql", "-- expct 1: no\nSELECT 1"); }),
            "e.sql:1:1: unknown directive 'expct' (did you mean 'expect'?)");
}

TEST(statement, names_the_place_of_an_unterminated_text) {
  EXPECT_EQ(error_of([] { split("e.sql", "SELECT 1;\nSELECT 'x"); }).substr(0, 9), "e.sql:2:8");
}

TEST(statement, refuses_bytes_that_are_not_utf8_and_u0000) {
  EXPECT_EQ(error_of([] { split("e.sql", "SELECT 1;\n'\xff'"); }).substr(0, 9), "e.sql:2:1");
  EXPECT_NE(error_of([] { split("e.sql", std::string_view("SELECT\0 1", 9)); }).find("U+0000"),
            std::string::npos);
}

ErrorCode code_of(const std::string& text) {
  try {
    for (const Statement& statement : split("big.sql", text)) translate(statement, {}, Use::query);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(statement, bounds_a_chain_of_a_hundred_thousand_terms_before_it_is_parsed) {
  std::string text = "SELECT 1";
  for (int i = 1; i < 100000; ++i) text += "+1";
  EXPECT_EQ(code_of(text + " AS x"), ErrorCode::limit_exceeded);
  // The same statement handed over without split().
  const Statement statement{text, {"big.sql", 1, 1}, {}, {}};
  EXPECT_THROW(translate(statement, {}, Use::query), Error);
}

TEST(statement, bounds_deeply_nested_parentheses) {
  for (const int depth : {350, 2400, 60000}) {
    const std::string text = "SELECT " + std::string(static_cast<std::size_t>(depth), '(') + "SELECT 1" +
                             std::string(static_cast<std::size_t>(depth), ')') + " AS x";
    if (depth > 2400) {
      EXPECT_EQ(code_of(text), ErrorCode::limit_exceeded) << depth;
    } else {
      code_of(text);  // Whatever the answer: it is one.
    }
    std::string sums = "SELECT ";
    for (int i = 0; i < depth; ++i) sums += "(1+";
    sums += "1" + std::string(static_cast<std::size_t>(depth), ')') + " AS x";
    EXPECT_EQ(code_of(sums), ErrorCode::limit_exceeded) << depth;
  }
}

TEST(statement, bounds_comments_within_comments_and_what_is_quoted_of_them) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "/*";
  EXPECT_EQ(code_of(text), ErrorCode::limit_exceeded);
  try {
    split("open.sql", "SELECT 1 /* " + std::string(50'000, 'x'));
    ADD_FAILURE() << "a comment without an end was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_statement);
    EXPECT_LT(error.message().size(), 300U);
  }
}

TEST(statement, bounds_the_file) {
  EXPECT_EQ(code_of(std::string(file_bytes_max + 1, ' ')), ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace reeve::sql
