#include "cli/value_cell.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(value_cell, shows_a_value_by_its_type) {
  EXPECT_EQ(value_cell("boolean", ValueView::of(std::int64_t{1})).text, "true");
  EXPECT_EQ(value_cell("bigint", ValueView::of(std::int64_t{1})).text, "1");
  EXPECT_EQ(value_cell("double precision", ValueView::of(0.1)).text, "0.1");
  EXPECT_EQ(value_cell("text", ValueView::of(std::string_view("{}"))).kind, Cell::Kind::text);
  EXPECT_EQ(value_cell("jsonb", ValueView::of(std::string_view("{}"))).kind, Cell::Kind::json);
  EXPECT_EQ(value_cell("bytea", ValueView::of_bytes("\x01\x02", 2)).text, "AQI=");
  EXPECT_EQ(value_cell("text", ValueView()).kind, Cell::Kind::null);
}

}  // namespace
}  // namespace reeve::cli
