#include <reeve/error.h>

#include <gtest/gtest.h>

#include <set>

namespace reeve {
namespace {

constexpr ErrorCode all_codes[] = {
    ErrorCode::invalid_input,
    ErrorCode::denied,
    ErrorCode::not_found,
    ErrorCode::unique_violation,
    ErrorCode::constraint_violation,
    ErrorCode::conflict,
    ErrorCode::retryable,
    ErrorCode::unavailable,
    ErrorCode::commit_unknown,
    ErrorCode::bad_statement,
    ErrorCode::type_mismatch,
    ErrorCode::corrupt,
    ErrorCode::limit_exceeded,
    ErrorCode::internal,
};

TEST(error, every_code_has_a_name_and_an_exit_code_of_its_own) {
  std::set<std::string_view> names;
  std::set<int> exit_codes;
  for (const ErrorCode code : all_codes) {
    EXPECT_TRUE(names.insert(name_of(code)).second) << name_of(code);
    EXPECT_TRUE(exit_codes.insert(exit_code_of(code)).second) << name_of(code);
    EXPECT_GE(http_status_of(code), 400) << name_of(code);
    EXPECT_LE(http_status_of(code), 599) << name_of(code);
  }
  EXPECT_EQ(names.size(), 14U);
  EXPECT_EQ(*exit_codes.begin(), 1);
  EXPECT_EQ(*exit_codes.rbegin(), 14);
}

TEST(error, exit_codes_never_change) {
  EXPECT_EQ(exit_code_of(ErrorCode::internal), 1);
  EXPECT_EQ(exit_code_of(ErrorCode::invalid_input), 2);
  EXPECT_EQ(exit_code_of(ErrorCode::conflict), 7);
  EXPECT_EQ(exit_code_of(ErrorCode::corrupt), 10);
  EXPECT_EQ(exit_code_of(ErrorCode::commit_unknown), 11);
  EXPECT_EQ(exit_code_of(ErrorCode::limit_exceeded), 14);
}

TEST(error, an_unknown_commit_has_no_status_that_is_retried_blindly) {
  EXPECT_EQ(http_status_of(ErrorCode::commit_unknown), 500);
  EXPECT_EQ(http_status_of(ErrorCode::retryable), 503);
}

TEST(error, what_is_place_message_and_remedy) {
  const Error full(ErrorCode::bad_statement, "no such table", "create it", {"a.sql", 3, 7});
  EXPECT_STREQ(full.what(), "a.sql:3:7: no such table (create it)");
  EXPECT_EQ(full.message(), "no such table");
  EXPECT_EQ(full.remedy(), "create it");
  EXPECT_EQ(full.place(), (Place{"a.sql", 3, 7}));
  EXPECT_STREQ(Error(ErrorCode::internal, "broken").what(), "broken");
}

TEST(error, a_place_says_what_of_it_is_known) {
  EXPECT_EQ((Place{"a.sql", 3, 7}).to_string(), "a.sql:3:7");
  EXPECT_EQ((Place{"a.sql", 3, 0}).to_string(), "a.sql:3");
  EXPECT_EQ((Place{"a.sql", 0, 7}).to_string(), "a.sql");
  EXPECT_EQ((Place{"", 3, 7}).to_string(), "3:7");
  EXPECT_EQ(Place{}.to_string(), "");
}

TEST(error, ensure_throws_internal) {
  EXPECT_NO_THROW(ensure(true, "fine"));
  try {
    ensure(false, "one is two");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::internal);
    EXPECT_EQ(error.message(), "one is two");
  }
}

}  // namespace
}  // namespace reeve
