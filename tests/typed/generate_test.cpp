// `reeve generate`: what it writes, and that a stale header is noticed.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace reeve::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(generate, leaves_an_equal_header_alone_and_refuses_a_stale_one) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  ASSERT_EQ(reeve(folder, {"generate", "book", "-o", "made/book.h"}).exit_code, 0);
  const std::filesystem::path header = folder.path() / "made" / "book.h";
  const auto made = std::filesystem::last_write_time(header);
  EXPECT_EQ(reeve(folder, {"generate", "book", "-o", "made/book.h"}).exit_code, 0);
  EXPECT_EQ(std::filesystem::last_write_time(header), made);
  EXPECT_EQ(reeve(folder, {"generate", "book", "-o", "made/book.h", "--check"}).exit_code, 0);
  EXPECT_EQ(reeve(folder, {"generate", "book"}).out, read_file(header));
  write_file(folder.path() / "book" / "queries" / "more.sql",
             "-- name: more :many\nSELECT 1::bigint AS one;\n");
  const Result stale = reeve(folder, {"generate", "book", "-o", "made/book.h", "--check"});
  EXPECT_EQ(stale.exit_code, 10);
  EXPECT_THAT(stale.out,
              HasSubstr("made/book.h is not what the blueprint gives: `reeve generate book -o made/book.h`"));
  EXPECT_EQ(reeve(folder, {"generate", "book", "--check"}).exit_code, 2);
}

TEST(generate, gives_types_by_schema_and_statement) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  write_file(folder.path() / "book" / "queries" / "odd.sql",
             "-- name: odd :one\n-- Names that C++ can't have, and a comment that would go on: \\\\\nSELECT "
             "1::bigint AS class, NULL::bytea AS \"2nd\", 0.5::double precision AS "
             "\"a b\",\n"
             "  '{}'::jsonb AS reeve, true AS yes WHERE :given::text = COALESCE(:left_out::text, 'x')\n"
             "  AND now() > '2026-01-01T00:00:00Z'::timestamptz;\n");
  const Result result = reeve(folder, {"generate", "book"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* line :
       {"  std::string given;\n", "  std::optional<std::string> left_out = {};\n",
        "    std::int64_t class_{};\n", "    std::optional<reeve::Bytes> n2nd = {};\n", "    double a_b{};\n",
        "    reeve::Json reeve_;\n", "    bool yes{};\n", "using all = std::tuple<"})
    EXPECT_THAT(result.out, HasSubstr(line));
  EXPECT_THAT(result.out, HasSubstr("a comment that would go on:\n"));
  EXPECT_THAT(result.out, Not(HasSubstr(" at;")));  // nobody is asked what time it is
  write_file(folder.path() / "book" / "queries" / "twice.sql",
             "-- name: twice :one\nSELECT 1 AS \"a b\", 2 AS \"a-b\";\n");
  const Result twice = reeve(folder, {"generate", "book"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("two names of the rows of twice come to a_b in C++"));
}

}  // namespace
}  // namespace reeve::tests
