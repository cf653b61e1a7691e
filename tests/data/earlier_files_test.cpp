// Files that earlier versions wrote are read, proven, written and migrated by this one.

#include "state/migrate.h"
#include "state/vault_test.h"

namespace reeve::testing {
namespace {

/// A guest book of two schemas and seven events, as it was written before changesets had layouts beside them.
class file_without_layouts : public ::testing::Test {
 protected:
  file_without_layouts() : file_(workshop_.path("early.db")) {
    std::filesystem::copy_file(project_file("tests/data/format_1_without_layouts.db"), file_);
  }
  std::int64_t number(const std::string& sql) {
    return std::get<std::int64_t>(*engine::Connection::open(file_, engine::OpenMode::read_only)->value(sql));
  }
  std::int64_t tables_of_layouts() {
    return number("SELECT count(*) FROM sqlite_schema WHERE name = 'reeve_layouts'");
  }

  Workshop workshop_;
  std::string file_;
};

TEST_F(file_without_layouts, is_equal_to_its_journal_and_left_as_it_is_by_who_only_looks) {
  expect_equal(file_);
  EXPECT_EQ(tables_of_layouts(), 0);
}

TEST_F(file_without_layouts, gets_those_of_all_its_schemas_when_it_is_opened_and_stays_equal) {
  {
    Ledger ledger = Ledger::open(file_);
    ASSERT_EQ(reason_of(ledger.command("sign", R"({"guest":"Edith","message":"Once more."})")), "");
    EXPECT_EQ(ledger.head().sequence.value, 9);
  }
  EXPECT_EQ(number("SELECT count(*) FROM reeve_layouts"), 2);
  expect_equal(file_);
}

TEST_F(file_without_layouts, is_migrated) {
  ASSERT_EQ(state::migrate_down(file_, 1).names, std::vector<std::string>{"0002_visits"});
  expect_equal(file_);
  Ledger ledger = Ledger::open(file_);
  EXPECT_EQ(ledger.head().sequence.value, 8);
}

TEST_F(file_without_layouts, that_was_opened_has_a_damaged_layout_named) {
  Ledger::open(file_);
  engine::Connection::open(file_, engine::OpenMode::read_write)
      ->execute("UPDATE reeve_layouts SET layout = '[]' WHERE level = 1");
  const state::Verification found = state::verify(file_);
  ASSERT_EQ(found.differences.size(), 1U) << describe(found);
  EXPECT_NE(found.differences[0].message.find("layout of level 1"), std::string::npos) << describe(found);
}

}  // namespace
}  // namespace reeve::testing
