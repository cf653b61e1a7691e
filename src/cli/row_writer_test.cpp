#include "cli/row_writer.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <limits>

namespace reeve::cli {
namespace {

std::string written(Format format, const std::vector<std::string>& columns,
                    const std::vector<std::vector<Cell>>& rows) {
  StringOutput out;
  const auto writer = make_row_writer(format, out, columns);
  for (const auto& row : rows) writer->row(row);
  writer->finish();
  return out.text;
}

TEST(row_writer, table_aligns_numbers_to_the_right_and_text_to_the_left) {
  EXPECT_EQ(written(Format::table, {"name", "entries"},
                    {{Cell::of("Ada"), Cell::number(7)}, {Cell::of("Grace"), Cell::number(1234)}}),
            "name   entries\n"
            "-----  -------\n"
            "Ada          7\n"
            "Grace     1234\n"
            "(2 rows)\n");
}

TEST(row_writer, table_counts_a_wide_character_as_two_columns_and_a_combining_mark_as_none) {
  EXPECT_EQ(written(Format::table, {"name", "x"},
                    {{Cell::of("沈括"), Cell::of("a")}, {Cell::of("Poincare\u0301"), Cell::of("b")}}),
            "name      x\n"
            "--------  -\n"
            "沈括      a\n"
            "Poincare\u0301  b\n"
            "(2 rows)\n");
}

TEST(row_writer, table_tells_null_from_a_text_that_reads_so) {
  EXPECT_EQ(written(Format::table, {"x"}, {{Cell::null()}, {Cell::of("NULL")}}),
            "x\n"
            "------\n"
            "NULL\n"
            "\"NULL\"\n"
            "(2 rows)\n");
}

TEST(row_writer, table_lets_no_control_character_reach_the_terminal) {
  EXPECT_EQ(written(Format::table, {"x"}, {{Cell::of("a\x1b[31m\nb\x7f\u0085")}}),
            "x\n"
            "--------------------------\n"
            "a\\u001b[31m\\nb\\u007f\\u0085\n"
            "(1 row)\n");
}

TEST(row_writer, table_streams_what_comes_after_the_measured_rows) {
  StringOutput out;
  const auto writer = make_row_writer(Format::table, out, {"n"});
  for (std::size_t i = 0; i < table_rows_measured; ++i) writer->row({{Cell::number(1)}});
  const std::size_t before = out.text.size();
  EXPECT_GT(before, 0u);
  writer->row({{Cell::number(123456)}});
  EXPECT_EQ(out.text.substr(before), "123456\n");
}

TEST(row_writer, table_without_rows_still_names_its_columns) {
  EXPECT_EQ(written(Format::table, {"a", "bc"}, {}), "a  bc\n-  --\n(0 rows)\n");
}

TEST(row_writer, csv_quotes_as_rfc_4180_says_and_tells_null_from_empty) {
  EXPECT_EQ(written(Format::csv, {"a", "b,c", "d"},
                    {{Cell::of("x\"y"), Cell::of("line\nbreak"), Cell::null()},
                     {Cell::of(""), Cell::number(-3), Cell::json("{\"k\":1}")}}),
            "a,\"b,c\",d\r\n"
            "\"x\"\"y\",\"line\nbreak\",\r\n"
            "\"\",-3,\"{\"\"k\"\":1}\"\r\n");
}

TEST(row_writer, json_writes_one_object_per_line_with_nested_json_and_null) {
  EXPECT_EQ(written(Format::json, {"a", "b", "c", "d"},
                    {{Cell::of("q\"\n"), Cell::null(), Cell::json("[1,2]"), Cell::boolean(true)}}),
            "{\"a\":\"q\\\"\\n\",\"b\":null,\"c\":[1,2],\"d\":true}\n");
}

TEST(row_writer, json_writes_integers_that_doubles_cannot_hold_as_text) {
  constexpr std::int64_t exact_max = std::int64_t{1} << 53;
  EXPECT_EQ(written(Format::json, {"a", "b", "c"},
                    {{Cell::number(exact_max), Cell::number(exact_max + 1),
                      Cell::number(std::numeric_limits<std::int64_t>::min())}}),
            "{\"a\":9007199254740992,\"b\":\"9007199254740993\",\"c\":\"-9223372036854775808\"}\n");
}

TEST(row_writer, refuses_a_row_of_another_width) {
  StringOutput out;
  for (const Format format : {Format::table, Format::json}) {
    const auto writer = make_row_writer(format, out, {"a", "b"});
    EXPECT_THROW(writer->row({{Cell::number(1)}}), Error);
  }
}

}  // namespace
}  // namespace reeve::cli
