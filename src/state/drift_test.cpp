#include "state/drift.h"

#include "state/ledger_fixture_test.h"
#include "state/live_schema.h"
#include "state/migrate.h"

namespace reeve::state {
namespace {

std::string messages(const std::vector<DriftFinding>& findings) {
  std::string out;
  for (const DriftFinding& finding : findings) {
    out += (finding.kind == DriftFinding::Kind::difference ? "" : "advice: ") + finding.message + "\n";
  }
  return out;
}

class drift_of_a_file : public LedgerTest {};

TEST_F(drift_of_a_file, that_was_only_migrated_is_nothing) {
  create();
  EXPECT_EQ(messages(migrate_drift(file)), "");
  blueprint::Sources sources = testing::vault_sources();
  testing::add_grades(sources);
  sources.files["migrations/0003_names.up.sql"] =
      "-- breaking: named better\n"
      "ALTER TABLE grades RENAME COLUMN label TO title;\nALTER TABLE grades RENAME TO levels;\n"
      "ALTER TABLE levels ADD COLUMN rank integer NOT NULL DEFAULT 7 CHECK (rank > 0);\n"
      "CREATE VIEW solid AS SELECT grade FROM levels WHERE title = 'solid';\n"
      "CREATE UNIQUE INDEX \"Odd name\" ON levels (title, (rank + 1) DESC) WHERE rank > 1;\n";
  sources.files["migrations/0003_names.down.sql"] =
      "DROP INDEX \"Odd name\";\nDROP VIEW solid;\nALTER TABLE levels DROP COLUMN rank;\n"
      "ALTER TABLE levels RENAME TO grades;\nALTER TABLE grades RENAME COLUMN title TO label;\n";
  migrate_up(file, sources);
  EXPECT_EQ(messages(migrate_drift(file)), "");
  migrate_down(file, 1);
  EXPECT_EQ(messages(migrate_drift(file)), "");
  migrate_down(file, 1);
  EXPECT_EQ(messages(migrate_drift(file)), "");
}

TEST_F(drift_of_a_file, is_found_whatever_was_changed) {
  create();
  struct Case {
    const char* sql;
    const char* message;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"CREATE TABLE extra (a)", "no migration made the table extra"},
           {"ALTER TABLE accounts ADD COLUMN extra TEXT", "no migration made the column accounts.extra"},
           {"DROP INDEX members_by_partner", "the index members_by_partner of members is missing"},
           {"CREATE INDEX extra_index ON accounts (rate)",
            "no migration made the index extra_index of accounts"},
           {"CREATE VIEW extra_view AS SELECT 1", "no migration made the view extra_view"},
           {"CREATE TRIGGER sneaky AFTER INSERT ON accounts BEGIN SELECT 1; END",
            "nothing of Reeve's made the trigger sneaky of accounts"},
           {"DROP TABLE calendar; CREATE TABLE calendar (id INT NOT NULL PRIMARY KEY, day TEXT)",
            "the column calendar.day is TEXT, declared is INT"},
           {"DROP TABLE badges; CREATE TABLE badges (owner_id TEXT NOT NULL, number INT NOT NULL, label TEXT "
            "NOT "
            "NULL, PRIMARY KEY (owner_id, number)) STRICT",
            "the constraint UNIQUE (label) of badges is missing"},
           {"DROP TABLE members; CREATE TABLE members (member_id TEXT NOT NULL PRIMARY KEY, partner_id TEXT)",
            "the constraint FOREIGN KEY (partner_id) of members is missing"},
           {"DROP TABLE owners", "the table owners is missing"},
       }) {
    const auto connection =
        engine::Connection::open(file, engine::OpenMode::read_write, {.foreign_keys = false});
    connection->execute(one.sql);
    const std::string found = messages(migrate_drift(file));
    EXPECT_NE(found.find(one.message), std::string::npos) << one.sql << "\n" << found;
    EXPECT_EQ(found.find("table sneaky"), std::string::npos) << found;
    for (const DriftFinding& finding : migrate_drift(file)) EXPECT_FALSE(finding.remedy.empty());
  }
}

TEST(live_schema, checks_are_read_from_a_tables_text_whatever_stands_around_them) {
  EXPECT_EQ(checks_in("CREATE TABLE t (a INT CHECK (a  >\n 0), \"CHECK (\" TEXT, b TEXT DEFAULT 'CHECK (x)', "
                      "CONSTRAINT c CHECK ((\"b\" = ')' OR \"b c\" = '')))"),
            (std::vector<std::string>{"CHECK (a > 0)", "CHECK ((b = ')' OR \"b c\" = ''))"}));
}

}  // namespace
}  // namespace reeve::state
