// The past from the command line: what differs, who did it, taken back and asked.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(history_verbs, show_what_changed_take_it_back_and_ask_how_it_was) {
  const Folder folder;
  const auto run = [&](const std::vector<std::string>& arguments, int exit_code = 0) {
    const Result result = reeve(folder, arguments);
    EXPECT_EQ(result.exit_code, exit_code) << testing::PrintToString(arguments) << result.out << result.err;
    return exit_code == 0 ? result.out : result.err;
  };
  run({"new", "book"});
  run({"init", "g.db", "--blueprint", "book"});
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
  write_file(folder.path() / "g.db-history", "this is no index");
  EXPECT_THAT(run({"blame", "g.db", "guests", R"({"name":"Ada"})"}), HasSubstr("entry.written"));
}

}  // namespace
}  // namespace reeve::tests
