// A ledger that moves takes its versions with it: export, promotion in both directions, migrations, erasure.

#include "tavern.h"

#include "state/promote.h"
#include "state/transfer.h"

#include <reeve/directory.h>

namespace reeve::testing {
namespace {

class moving : public references {
 protected:
  /// A ledger with orders under two versions.
  void furnish() {
    taverns.make({"shared", "north", "south"});
    taverns.publish(two_kinds, first_dishes);
    taverns.publish(two_kinds, second_dishes);
    taverns.pin("north", 1);
    EXPECT_EQ(taverns.order("north", 1, "bread"), "");
    taverns.pin("north", 2);
    EXPECT_EQ(taverns.order("north", 2, "cake"), "");
  }
};

TEST_P(moving, an_export_carries_every_version_that_was_pinned) {
  furnish();
  std::vector<std::string> lines;
  state::export_journal(taverns.application("north"),
                        [&](std::string_view line) { lines.emplace_back(line); });
  const std::string file = taverns.workshop.path("imported.db");
  std::size_t next = 0;
  const state::Import done = state::import_journal(
      [&](std::string& line) {
        if (next == lines.size()) return false;
        line = lines[next++];
        return true;
      },
      file);
  EXPECT_EQ(to_hex(done.state_hash), to_hex(taverns.open("north").head().state_hash.bytes));
  expect_equal(file);
  // What it has pinned before it can pin again, without the ledger that published it.
  EXPECT_FALSE(state::pin_reference(file, 2).is_new);
  EXPECT_NE(message_of([&] { state::pin_reference(file, 1); }).find("dish 'cake'"), std::string::npos);
  EXPECT_NE(message_of([&] { state::pin_reference(file, 3); }).find("not_found"), std::string::npos);
}

TEST_P(moving, promotion_in_both_directions_carries_the_rows) {
  furnish();
  const Digest hash = taverns.open("north").head().state_hash.bytes;
  const std::string file = taverns.workshop.path("moved.db");
  EXPECT_TRUE(state::promote(taverns.administrator("north"), file, {}).equal());
  expect_equal(file);
  const Database other(name() + "_other");
  EXPECT_TRUE(
      state::promote(file, other.administrator("north"), {.progress = {}, .batch_events = 1}).equal());
  const state::Verification found = state::verify(other.application("north"));
  EXPECT_TRUE(found.equal()) << describe(found);
  EXPECT_EQ(to_hex(found.state_hash), to_hex(hash));
  Ledger ledger = Ledger::open(other.application("north"));
  EXPECT_EQ(reason_of(ledger.commit("dish.ordered", R"({"number":3,"dish":"cake"})")), "");
  EXPECT_NE(reason_of(ledger.commit("dish.forced", R"({"number":4,"dish":"pie"})")), "");
}

TEST_P(moving, ledgers_that_arrive_with_one_version_share_its_rows) {
  furnish();
  const Database other(name() + "_beside");
  const std::string one = taverns.workshop.path("one.db");
  const std::string two = taverns.workshop.path("two.db");
  taverns.pin("south", 2);
  EXPECT_TRUE(state::promote(taverns.administrator("north"), one, {}).equal());
  EXPECT_TRUE(state::promote(taverns.administrator("south"), two, {}).equal());
  EXPECT_TRUE(state::promote(one, other.administrator("north"), {}).equal());
  EXPECT_TRUE(state::promote(two, other.administrator("south"), {}).equal());
  for (const char* ledger : {"north", "south"}) {
    const state::Verification found = state::verify(other.application(ledger));
    EXPECT_TRUE(found.equal()) << describe(found);
  }
}

TEST_P(moving, a_migration_that_adds_a_column_leaves_published_versions_as_they_are) {
  furnish();
  blueprint::Sources wider = tavern_sources();
  wider.files["migrations/0002_notes.up.sql"] = "ALTER TABLE dishes ADD COLUMN note text;\n";
  wider.files["migrations/0002_notes.down.sql"] = "ALTER TABLE dishes DROP COLUMN note;\n";
  EXPECT_NE(
      message_of([&] { blueprint::load(wider); }).find("would change the rows of its published versions"),
      std::string::npos);
  wider.files.erase("migrations/0002_notes.down.sql");
  wider.files["migrations/0002_notes.up.sql"] =
      "-- irreversible: versions may have it\nALTER TABLE dishes ADD COLUMN note text;\n";
  for (const char* ledger : {"shared", "north"}) {
    state::migrate_up(taverns.administrator(ledger), wider);
    if (GetParam()) break;  // all ledgers of a schema at once
  }
  taverns.workshop.write("noted/kinds.csv", two_kinds);
  taverns.workshop.write("noted/dishes.csv", "dish,kind,price,note\nbread,baked,3,warm\ncake,baked,7,\n");
  EXPECT_EQ(
      state::publish_reference(taverns.administrator("shared"), taverns.workshop.path("noted")).event.version,
      3);
  taverns.pin("north", 3);
  taverns.pin("north", 2);
  EXPECT_EQ(taverns.order("north", 9, "soup"), "");
  for (const char* ledger : {"shared", "north"}) taverns.expect_verified(ledger);
}

REEVE_ON_BOTH_ENGINES(moving);

TEST(reference_rows, stay_when_a_ledger_that_pinned_them_is_erased) {
  const Taverns taverns(true, "r_erasure");
  taverns.make({"shared", "north", "south"});
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 1);
  taverns.pin("south", 1);
  EraseOptions options;
  options.confirm = "north";
  suspend_ledger(taverns.administrator("north"));
  erase_ledger(taverns.administrator("north"), options);
  EXPECT_EQ(taverns.menu("south"), "bread 4 Bakery; cake 7 Bakery; soup 5 Kitchen");
  for (const char* ledger : {"shared", "south"}) taverns.expect_verified(ledger);
}

TEST(reference_rows, migrations_up_and_down_are_rehearsed_with_them) {
  for (const bool on_postgres : {false, true}) {
    const Taverns taverns(on_postgres, "r_rehearsal");
    taverns.make({"shared", "north"});
    taverns.publish(two_kinds, second_dishes);
    taverns.pin("north", 1);
    EXPECT_EQ(taverns.order("north", 1, "cake"), "");
    for (const state::MigrationCheck& check :
         state::migrate_verify(taverns.administrator("north"), tavern_sources())) {
      EXPECT_TRUE(check.differences.empty()) << check.name << ": " << check.differences.front();
    }
  }
}

}  // namespace
}  // namespace reeve::testing
