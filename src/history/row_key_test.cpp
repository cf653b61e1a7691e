#include "history/row_key.h"

#include "state/vault_test.h"

#include <fmt/format.h>

namespace reeve::history {
namespace {

TEST(row_key, is_numbered_as_the_worked_example_of_the_document_says) {
  const std::string document = testing::read_text(testing::project_file("docs/history.md"));
  const std::string row = fmt::format("row {}\n", row_number("players", R"({"player_id":"curie"})"));
  const std::string bit = fmt::format("bit {}\n", column_bit("reputation"));
  EXPECT_NE(document.find(row), std::string::npos) << row;
  EXPECT_NE(document.find(bit), std::string::npos) << bit;
}

TEST(row_key, is_read_as_an_object_in_any_order_or_as_the_value_of_its_one_column) {
  journal::TableLayout one;
  one.name = "players";
  one.columns = {{"player", sql::Type::text}};
  one.key = {0};
  EXPECT_EQ(read_key(one, "ada"), R"({"player":"ada"})");
  EXPECT_EQ(read_key(one, "\"ada\""), R"({"player":"ada"})");
  EXPECT_EQ(read_key(one, R"({ "player" : "ada" })"), R"({"player":"ada"})");
  EXPECT_EQ(read_key(one, "17"), R"({"player":"17"})");
  journal::TableLayout two;
  two.name = "badges";
  two.columns = {{"owner", sql::Type::text}, {"number", sql::Type::bigint}};
  two.key = {0, 1};
  EXPECT_EQ(read_key(two, R"({"owner":"a","number":3})"), R"({"number":3,"owner":"a"})");
  EXPECT_EQ(read_key(two, R"({"number":"9007199254740993","owner":"a"})"),
            R"({"number":"9007199254740993","owner":"a"})");
  EXPECT_EQ(testing::error_of([&] { read_key(two, "a"); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(testing::error_of([&] { read_key(two, R"({"owner":"a"})"); }).code(), ErrorCode::invalid_input);
}

}  // namespace
}  // namespace reeve::history
