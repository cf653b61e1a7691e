// The sqlite3 shell reads what events changed, with Reeve's extension loaded and nothing else.

#include "cli/run_program.h"
#include "state/host.h"
#include "state/vault_test.h"
#include "support/dark_tower_campaign.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve::testing {
namespace {

class extension : public ::testing::Test {
 protected:
  extension() : file_((folder_.path() / "tower.db").string()) {
    Ledger ledger = Ledger::create(file_, project_file("blueprints/dark_tower").string());
    DarkTowerCampaign campaign(test_seed("extension"));
    for (int i = 0; i < 300; ++i) submit(ledger, campaign.next());
  }

  /// What the shell prints for some SQL.
  tests::Result sqlite3(const std::string& sql) {
    const char* build = std::getenv("REEVE_BUILD_DIR");
    const std::string library =
        std::filesystem::absolute(build != nullptr ? build : "build").string() + "/reeve_sqlite";
    return tests::shell(folder_, "sqlite3 -bail -cmd '.load " + library + "' tower.db \"" + sql + "\"");
  }

  tests::Folder folder_;
  std::string file_;
};

TEST_F(extension, lets_the_sqlite3_shell_read_the_changes_of_every_event) {
  const auto connection = engine::Connection::open(file_, engine::OpenMode::read_only);
  const auto last = std::get<std::int64_t>(*connection->value("SELECT max(sequence) FROM reeve_events"));
  state::EpochCache epochs;
  std::string expected;
  for (std::int64_t sequence = 1; sequence <= last; ++sequence)
    expected += state::event_changes_json(*connection, sequence, epochs) + "\n";
  const tests::Result read = sqlite3("SELECT reeve_changes(sequence) FROM reeve_events ORDER BY sequence");
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_EQ(read.out, expected);
  EXPECT_GT(last, 100);
}

TEST_F(extension, answers_views_that_call_it_and_nothing_for_what_is_not_there) {
  const tests::Result view = sqlite3(
      "SELECT count(*) > 50 FROM audit_changes WHERE json_array_length(changes) > 0; "
      "SELECT reeve_changes(0), reeve_changes(-1), reeve_changes(999999), reeve_changes('1') IS NULL");
  EXPECT_EQ(view.exit_code, 0) << view.err;
  EXPECT_EQ(view.out, "1\n[]|[]|[]|1\n");
}

TEST_F(extension, says_of_a_file_without_layouts_what_adds_them_and_then_reads_it) {
  for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(file_ + beside);
  std::filesystem::copy_file(project_file("tests/data/format_1_without_layouts.db"), file_,
                             std::filesystem::copy_options::overwrite_existing);
  const std::string ask =
      "SELECT sequence, reeve_changes(sequence) FROM reeve_events WHERE sequence IN (4, 5, 7)";
  const tests::Result before = sqlite3(ask);
  EXPECT_NE(before.exit_code, 0);
  EXPECT_NE(before.err.find("open it once with Reeve, which adds it: reeve query FILE NAME"),
            std::string::npos)
      << before.err;
  const Ledger opened = Ledger::open(file_);
  const tests::Result after = sqlite3(ask);
  EXPECT_EQ(after.exit_code, 0) << after.err;
  EXPECT_NE(after.out.find("London"), std::string::npos) << after.out;
}

TEST_F(extension, says_what_is_damaged_or_no_ledger) {
  const tests::Result foreign =
      sqlite3("ATTACH ':memory:' AS other; DROP TABLE reeve_layouts; SELECT reeve_changes(9)");
  EXPECT_NE(foreign.exit_code, 0);
  EXPECT_NE(foreign.err.find("made before reeve_layouts was kept in it; open it once with Reeve"),
            std::string::npos)
      << foreign.err;
  const tests::Result cut = sqlite3("UPDATE reeve_groups SET changesets = x'ff'; SELECT reeve_changes(9)");
  EXPECT_NE(cut.exit_code, 0);
  EXPECT_NE(cut.err.find("a group ends early"), std::string::npos) << cut.err;
  const tests::Result gone = sqlite3("DELETE FROM reeve_groups; SELECT reeve_changes(9)");
  EXPECT_NE(gone.err.find("a group is missing"), std::string::npos) << gone.err;
}

}  // namespace
}  // namespace reeve::testing
