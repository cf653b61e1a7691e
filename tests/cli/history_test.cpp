// The past from the command line: what differs, who did it, taken back and asked.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A guest book and its ledger.
class history_verbs : public testing::Test {
 protected:
  history_verbs() {
    run({"new", "book"});
    run({"init", "g.db", "--blueprint", "book"});
  }

  /// What it printed, or why it failed.
  std::string run(const std::vector<std::string>& arguments, int exit_code = 0) const {
    const Result result = reeve(folder, arguments);
    EXPECT_EQ(result.exit_code, exit_code) << testing::PrintToString(arguments) << result.out << result.err;
    return exit_code == 0 ? result.out : result.err;
  }

  Folder folder;
};

TEST_F(history_verbs, show_what_changed_take_it_back_and_ask_how_it_was) {
  run({"command", "g.db", "sign", R"({"guest":"Ada","message":"It computes."})", "--actor", "Ada"});
  run({"command", "g.db", "sign", R"({"guest":"Grace","message":"So it does."})", "--actor", "Grace"});
  EXPECT_THAT(run({"diff", "g.db", "4", "6"}),
              AllOf(HasSubstr(R"(guests {"name":"Grace"} inserted)"), Not(HasSubstr("Ada"))));
  EXPECT_THAT(run({"blame", "g.db", "guests", R"({"name":"Ada"})", "--format", "csv"}),
              HasSubstr("events/entry.written.v1.sql:2"));
  EXPECT_THAT(run({"undo", "g.db", "6"}), HasSubstr(R"(reeve.undone {"first":6,"last":6})"));
  EXPECT_THAT(run({"undo", "g.db", "5", "--to", "3"}, 2), HasSubstr("--to 3 is before event 5"));
  EXPECT_THAT(run({"undo", "g.db", "9223372036854775807"}, 4), HasSubstr("the journal holds events 1 to 7"));
  EXPECT_THAT(run({"rewind", "g.db", "9223372036854775807"}, 4),
              HasSubstr("the journal holds events 1 to 7"));
  EXPECT_THAT(run({"rewind", "g.db", "4"}), HasSubstr("reeve.rewound"));
  EXPECT_THAT(run({"query", "g.db", "guests"}), Not(HasSubstr("Grace")));
  EXPECT_THAT(run({"query", "g.db", "guests", "--at", "6"}), HasSubstr("Grace"));
  EXPECT_THAT(run({"at", "g.db", "6"}), HasSubstr("equal"));
  EXPECT_THAT(run({"verify", "g.db"}), HasSubstr("8 events, state hash"));
  run({"undo", "g.db", "8"});
  run({"undo", "g.db", "7"});
  EXPECT_EQ(run({"diff", "g.db", "6", "10", "--format", "json"}), "");
  EXPECT_EQ(reeve(folder, {"diff", "g.db", "6", "10", "--table", "gusts"}).exit_code, 4);
  EXPECT_THAT(run({"diff", "g.db", "4", "6", "--table", "guests"}), HasSubstr("1 rows of 1 tables"));
  EXPECT_EQ(reeve(folder, {"query", "g.db", "guests", "--at", ""}).exit_code, 2);
  write_file(folder.path() / "g.db-history", "this is no index");
  EXPECT_THAT(run({"blame", "g.db", "guests", R"({"name":"Ada"})"}), HasSubstr("entry.written"));
}

TEST_F(history_verbs, store_states_fork_and_rebuild) {
  for (const char* guest : {"Ada", "Grace", "Emmy", "Lise"}) {
    run({"command", "g.db", "sign", std::string(R"({"guest":")") + guest + R"(","message":"."})", "--actor",
         guest});
  }
  EXPECT_THAT(run({"checkpoint", "g.db", "--every", "4"}),
              AllOf(HasSubstr("event 4, state hash "), HasSubstr("2 checkpoints made, ")));
  EXPECT_THAT(run({"checkpoint", "g.db", "--every", "4"}),
              HasSubstr("0 checkpoints made, 0 bytes; 2 were there"));
  EXPECT_THAT(run({"at", "g.db", "7"}), HasSubstr("equal"));
  EXPECT_THAT(run({"query", "g.db", "guests", "--at", "8"}),
              AllOf(HasSubstr("Emmy"), Not(HasSubstr("Lise"))));
  std::string damaged = read_file(folder.path() / "g.db-checkpoints");
  for (std::size_t place = 56; place < damaged.size(); ++place) damaged[place] ^= 1;
  write_file(folder.path() / "g.db-checkpoints", damaged);
  const Result without = reeve(folder, {"at", "g.db", "7"});
  EXPECT_EQ(without.exit_code, 0);
  EXPECT_THAT(without.out, HasSubstr("equal"));
  run({"checkpoint", "g.db", "--anew", "--every", "4"});

  EXPECT_THAT(run({"fork", "g.db", "what_if.db", "--at", "6"}), HasSubstr("as event 6 left its parent"));
  EXPECT_THAT(run({"fork", "g.db", "what_if.db"}, 7), HasSubstr("what_if.db exists"));
  EXPECT_THAT(run({"fork", "g.db", "other.db", "--at", "7"}, 2),
              HasSubstr("in the middle of what one command decided on"));
  EXPECT_THAT(run({"verify", "what_if.db"}), AllOf(HasSubstr("7 events"), HasSubstr("equal")));
  EXPECT_THAT(run({"log", "what_if.db"}), HasSubstr("reeve.ledger_forked"));
  EXPECT_THAT(run({"query", "what_if.db", "guests"}), AllOf(HasSubstr("Grace"), Not(HasSubstr("Emmy"))));

  EXPECT_EQ(shell(folder, "sqlite3 g.db \"UPDATE guests SET entries = 9 WHERE name = 'Ada'\"").exit_code, 0);
  EXPECT_THAT(
      run({"rebuild", "g.db"}),
      AllOf(HasSubstr(R"(healed: table guests, row {"name":"Ada"}: entries is 9, the journal says 1)"),
            HasSubstr("switched: guests")));
  EXPECT_THAT(run({"rebuild", "g.db"}), HasSubstr("nothing to switch"));
  EXPECT_THAT(run({"verify", "g.db"}), HasSubstr("equal"));
}

TEST_F(history_verbs, survive_kills_of_checkpoint_fork_and_rebuild) {
  std::string events;
  for (int i = 0; i < 3000; ++i) {
    events += R"({"type":"guest.arrived","payload":{"guest":"g)" + std::to_string(i) + "\"}}\n";
  }
  ASSERT_EQ(reeve(folder, {"event", "g.db", "-"}, events).exit_code, 0);
  ASSERT_THAT(reeve(folder, {"verify", "g.db"}).out, HasSubstr("equal"));
  for (int i = 0; i < 12; ++i) {
    const std::string wait = "0.0" + std::to_string(1 + i % 9);
    shell(folder, "timeout -s KILL " + wait + " $reeve checkpoint g.db --every 100");
    EXPECT_THAT(reeve(folder, {"at", "g.db", "1500"}).out, HasSubstr("equal"));
    shell(folder, "rm -f fork.db; timeout -s KILL " + wait + " $reeve fork g.db fork.db --at 1000");
    const bool is_there = std::filesystem::exists(folder.path() / "fork.db");
    if (is_there) {
      EXPECT_THAT(reeve(folder, {"verify", "fork.db"}).out, HasSubstr("equal"));
    }
    shell(folder,
          "sqlite3 g.db \"UPDATE guests SET entries = 9\"; timeout -s KILL " + wait + " $reeve rebuild g.db");
    EXPECT_THAT(reeve(folder, {"rebuild", "g.db"}).out, HasSubstr("equal"));
    EXPECT_THAT(reeve(folder, {"verify", "g.db"}).out, HasSubstr("equal"));
  }
  EXPECT_THAT(reeve(folder, {"fork", "g.db", "last.db", "--at", "1000"}).out, HasSubstr("as event 1000"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "last.db-making"));
}

}  // namespace
}  // namespace reeve::tests
