// Reference rows from the command line: published by one file, pinned by another.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::HasSubstr;

TEST(reference_verbs, publish_list_pin_and_show_a_version) {
  const Folder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    write_file(folder.path() / name, text);
  };
  write("game/blueprint.toml", "format = 1\nname = \"game\"\ntitle = \"A game\"\n");
  write("game/migrations/0001_core.up.sql",
        "-- reference: what can be cast\nCREATE TABLE spells (spell text PRIMARY KEY, level integer NOT "
        "NULL);\n");
  write("game/migrations/0001_core.down.sql", "DROP TABLE spells;\n");
  write("game/queries/spells.sql",
        "-- name: spells :many\nSELECT spell, level FROM spells ORDER BY spell;\n");
  write("rules/spells.csv", "spell,level\nlight,0\nfireball,3\n");
  const auto ok = [&](const std::vector<std::string>& arguments) {
    const Result run = reeve(folder, arguments);
    EXPECT_EQ(run.exit_code, 0) << testing::PrintToString(arguments) << "\n" << run.out << run.err;
    return run.out;
  };
  ok({"init", "shared.db", "--blueprint", "game"});
  ok({"init", "winter.db", "--blueprint", "game"});
  EXPECT_THAT(ok({"reference", "publish", "shared.db", "rules"}), HasSubstr("version 1: 2 rows, hash "));
  EXPECT_THAT(ok({"reference", "publish", "shared.db", "rules"}), HasSubstr("version 1, published before"));
  EXPECT_THAT(ok({"reference", "list", "shared.db", "--format", "json"}), HasSubstr("\"version\":1"));
  EXPECT_EQ(ok({"reference", "show", "shared.db", "1", "--table", "spells"}),
            "{\"level\":3,\"spell\":\"fireball\"}\n{\"level\":0,\"spell\":\"light\"}\n");
  EXPECT_THAT(ok({"reference", "pin", "winter.db", "1", "--from", "shared.db"}),
              HasSubstr("version 1 pinned at event "));
  EXPECT_THAT(ok({"reference", "list", "winter.db", "--format", "json"}),
              HasSubstr("{\"version\":1,\"pinned\":true,\"rows\":2,"));
  EXPECT_THAT(ok({"query", "winter.db", "spells"}), HasSubstr("fireball"));
  EXPECT_THAT(ok({"verify", "winter.db"}), HasSubstr("equal"));
  EXPECT_THAT(ok({"log", "winter.db"}), HasSubstr("reeve.reference_pinned"));

  const Result unknown = reeve(folder, {"reference", "pin", "winter.db", "2", "--from", "shared.db"});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_THAT(unknown.err, HasSubstr("has no version 2 of its reference rows"));
  write("rules/spells.csv", "spell,level\nlight,zero\n");
  const Result wrong = reeve(folder, {"reference", "publish", "shared.db", "rules"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("spells.csv:2: the member level is not an integer"));
}

}  // namespace
}  // namespace reeve::tests
