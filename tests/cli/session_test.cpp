// What a new user types, from an empty folder on, with the real command.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace reeve::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n') + 1;
  const std::size_t start = text.rfind('\n', end == 0 ? 0 : end - 1);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1));
}

std::int64_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// A folder with the guest book that `reeve new` writes, and its ledger with one entry.
class session : public testing::Test {
 protected:
  void SetUp() override {
    ok({"new", "book"});
    ok({"init", "book.db", "--blueprint", "book"});
    ok({"command", "book.db", "sign", R"({"guest":"Ada","message":"It computes."})", "--actor", "Ada",
        "--key", "k1"});
  }

  std::string ok(const std::vector<std::string>& arguments, const std::string& input = {}) {
    const Result run = reeve(folder, arguments, input);
    EXPECT_EQ(run.exit_code, 0) << testing::PrintToString(arguments) << "\n" << run.out << run.err;
    EXPECT_EQ(run.err, "") << testing::PrintToString(arguments);
    return run.out;
  }

  std::string head_hash() { return last_line(ok({"verify", "book.db"})); }

  Folder folder;
};

TEST(the_command, needs_no_library_of_postgresql_until_it_is_given_a_url) {
  const Folder folder;
  const Result listed = shell(folder, "LD_TRACE_LOADED_OBJECTS=1 \"$reeve\"");
  EXPECT_THAT(listed.out, HasSubstr("libc."));  // the loader lists what the command needs
  EXPECT_THAT(listed.out, Not(HasSubstr("libpq")));
  EXPECT_THAT(listed.out, Not(HasSubstr("libssl")));
}

TEST(first_steps, what_new_tells_to_type_works_as_it_stands) {
  const Folder folder;
  const Result made = reeve(folder, {"new", "my book"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  int typed = 0;
  std::size_t at = 0;
  while ((at = made.out.find("\n  reeve ", at)) != std::string::npos) {
    const std::size_t start = at + 9;
    const std::string words = made.out.substr(start, made.out.find('\n', start) - start);
    const Result run = shell(folder, "\"$reeve\" " + words);
    EXPECT_EQ(run.exit_code, 0) << words << "\n" << run.out << run.err;
    at = start;
    ++typed;
  }
  EXPECT_EQ(typed, 3);
  EXPECT_EQ(reeve(folder, {"verify", "guest_book.db"}).exit_code, 0);
}

TEST(first_steps, reeve_alone_tells_the_story_and_help_explains_every_verb) {
  const Folder folder;
  const Result alone = reeve(folder, {});
  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_THAT(alone.out, HasSubstr("reeve new"));
  for (const char* verb : {"new", "check", "sql", "init", "migrate", "command", "event", "query", "log",
                           "show", "verify", "replay", "export", "import", "ledger", "help"}) {
    const Result help = reeve(folder, {"help", verb});
    EXPECT_EQ(help.exit_code, 0) << verb;
    const std::size_t examples = help.out.find("Examples:");
    ASSERT_NE(examples, std::string::npos) << verb;
    EXPECT_GE(lines_of(help.out.substr(examples)), 3) << verb;
    EXPECT_THAT(reeve(folder, {}).out + reeve(folder, {"help"}).out, HasSubstr(verb));
  }
  EXPECT_THAT(reeve(folder, {"help", "exit-codes"}).out, HasSubstr("15  rejected"));
  EXPECT_EQ(reeve(folder, {"help", "nothing"}).exit_code, 4);
  const std::string project =
      read_file(std::filesystem::path(std::getenv("REEVE_SOURCE_DIR")) / "CMakeLists.txt");
  const std::string version = reeve(folder, {"--version"}).out;
  ASSERT_THAT(version, StartsWith("reeve "));
  EXPECT_THAT(project, HasSubstr("project(reeve VERSION " + version.substr(6, version.size() - 7) + " "));
}

TEST(first_steps, new_wants_a_name) {
  const Folder folder;
  write_file(folder.path() / "README.md", "mine");
  EXPECT_EQ(reeve(folder, {"new", ""}).exit_code, 2);
  EXPECT_EQ(read_file(folder.path() / "README.md"), "mine");
}

TEST(first_steps, new_leaves_a_folder_alone_that_holds_something) {
  const Folder folder;
  std::filesystem::create_directory(folder.path() / "book");
  write_file(folder.path() / "book" / "mine.txt", "mine");
  const Result run = reeve(folder, {"new", "book"});
  EXPECT_EQ(run.exit_code, 7);
  EXPECT_THAT(run.err, StartsWith("reeve: book is there already"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "book" / "blueprint.toml"));
}

TEST(first_steps, check_names_file_line_and_column_of_every_finding) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  const Result good = reeve(folder, {"check", "book"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, EndsWith("no findings\n"));
  write_file(folder.path() / "book/queries/wrong.sql", "-- name: wrong :many\nSELECT nmae FROM guests;\n");
  const Result bad = reeve(folder, {"check", "book"});
  EXPECT_EQ(bad.exit_code, 12) << bad.out << bad.err;
  EXPECT_THAT(bad.out, StartsWith("book/queries/wrong.sql:2:8: "));
  EXPECT_THAT(bad.out, EndsWith("1 finding\n"));
  EXPECT_EQ(reeve(folder, {"check", "nowhere"}).exit_code, 4);
}

TEST(first_steps, sql_shows_both_engines_what_a_file_becomes) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  const Result event = reeve(folder, {"sql", "book/events/entry.written.v1.sql"});
  EXPECT_EQ(event.exit_code, 0) << event.err;
  EXPECT_THAT(event.out, StartsWith("-- book/events/entry.written.v1.sql:"));
  EXPECT_THAT(event.out, HasSubstr("INSERT INTO entries"));
  EXPECT_THAT(event.out, HasSubstr("ledger_id"));
  write_file(
      folder.path() / "alone.sql",
      "CREATE TABLE t (id integer PRIMARY KEY, at timestamptz);\n\nSELECT date_trunc('month', at) AS m FROM "
      "t;\nSELECT nothing FROM t;\n");
  const Result wrong = reeve(folder, {"sql", "alone.sql"});
  EXPECT_EQ(wrong.exit_code, 12) << wrong.out;
  EXPECT_THAT(wrong.err, HasSubstr("alone.sql:4:8: "));
  write_file(folder.path() / "alone.sql", "CREATE TABLE t (id integer PRIMARY KEY);\nSELECT id FROM t;\n");
  const Result alone = reeve(folder, {"sql", "alone.sql"});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("CREATE TABLE t"));
  EXPECT_THAT(alone.out,
              HasSubstr("-- alone.sql:2:1, SQLite\nSELECT t.id AS id FROM t;\n-- PostgreSQL\nSELECT "));
  EXPECT_EQ(reeve(folder, {"sql", "nowhere.sql"}).exit_code, 4);
}

TEST_F(session, a_new_ledger_says_whose_it_is_also_by_a_long_title) {
  write_file(
      folder.path() / "book/blueprint.toml",
      "format = 1\nname = \"guest_book\"\ntitle = \"The guest book of everybody who ever came here\"\n");
  const std::string said = ok({"init", "long.db", "--blueprint", "book"});
  EXPECT_THAT(said, HasSubstr("long.db is the ledger of The guest book of everybody who ever came here: "));
}

TEST_F(session, a_query_answers_in_three_formats) {
  EXPECT_THAT(ok({"query", "book.db", "guests"}),
              StartsWith("name  entries  arrived_at\n----  -------  ----"));
  EXPECT_THAT(ok({"query", "book.db", "guests"}), EndsWith("(1 row)\n"));
  EXPECT_THAT(ok({"query", "book.db", "guests", "--format", "csv"}),
              StartsWith("name,entries,arrived_at\r\nAda,1,2"));
  EXPECT_THAT(ok({"query", "book.db", "guests", "--format", "json"}),
              StartsWith(R"({"name":"Ada","entries":1,"arrived_at":"2)"));
  EXPECT_THAT(ok({"query", "book.db", "guest", R"({"name":"Nobody"})"}), EndsWith("(0 rows)\n"));
}

TEST_F(session, without_a_name_the_verbs_list_what_there_is) {
  EXPECT_THAT(ok({"query", "book.db"}), HasSubstr("Who was here"));
  EXPECT_THAT(ok({"command", "book.db"}), HasSubstr("guest text, message text"));
  EXPECT_THAT(ok({"event", "book.db"}), HasSubstr("entry_id uuid, guest text, message text"));
}

TEST_F(session, a_rejected_command_says_why_and_changes_nothing) {
  const std::string before = head_hash();
  const Result rejected =
      reeve(folder, {"command", "book.db", "sign", R"({"guest":"Ada","message":"It computes."})"});
  EXPECT_EQ(rejected.exit_code, 15);
  EXPECT_EQ(rejected.out, "");
  EXPECT_THAT(rejected.err, StartsWith("reeve: rejected: "));
  EXPECT_THAT(rejected.err, HasSubstr("has written this already"));
  const Result as_json = reeve(folder, {"command", "book.db", "sign",
                                        R"({"guest":"Ada","message":"It computes."})", "--format", "json"});
  EXPECT_EQ(as_json.exit_code, 15);
  EXPECT_THAT(as_json.out, StartsWith(R"({"verdict":"rejected","code":)"));
  EXPECT_EQ(head_hash(), before);
}

TEST_F(session, what_is_stored_is_said_when_the_output_can_not_be_written) {
  for (const std::string format : {"table", "json", "csv"}) {
    const Result full = shell(folder, "$reeve command book.db sign '{\"guest\":\"Ada\",\"message\":\"" +
                                          format + "\"}' --format " + format + " >/dev/full");
    EXPECT_EQ(full.exit_code, 9) << format;
    EXPECT_THAT(full.err, HasSubstr("accepted all the same, and not to be given again: event ")) << format;
  }
  EXPECT_THAT(ok({"log", "book.db", "--format", "csv"}), HasSubstr("csv"));
  const Result keygen = shell(folder, "$reeve keygen book.db book.key >/dev/full");
  EXPECT_EQ(keygen.exit_code, 9);
  EXPECT_THAT(keygen.err, HasSubstr("the secret key is in book.key"));
  const Result token = shell(folder, "$reeve token create access.db --ledger a --verb read >/dev/full");
  EXPECT_EQ(token.exit_code, 9);
  EXPECT_THAT(token.err, HasSubstr("its text is lost: revoke it"));
  const Result read = shell(folder, "$reeve log book.db >/dev/full");
  EXPECT_EQ(read.exit_code, 9);
  EXPECT_THAT(read.err, Not(HasSubstr("all the same")));
}

TEST_F(session, the_same_key_again_gives_the_receipt_of_the_first_time) {
  const std::string again = ok({"command", "book.db", "sign", R"({"guest":"Ada","message":"It computes."})",
                                "--actor", "Ada", "--key", "k1"});
  EXPECT_THAT(again, StartsWith("accepted before, under the same key: events "));
  const Result other =
      reeve(folder, {"command", "book.db", "sign", R"({"guest":"Bob","message":"Hi."})", "--key", "k1"});
  EXPECT_EQ(other.exit_code, 7) << other.err;
}

TEST_F(session, every_kind_of_error_has_its_exit_code_and_a_remedy) {
  const auto code = [&](const std::vector<std::string>& arguments) {
    const Result run = reeve(folder, arguments);
    EXPECT_THAT(run.err, StartsWith("reeve: ")) << testing::PrintToString(arguments);
    return run.exit_code;
  };
  EXPECT_EQ(code({"wrong"}), 2);
  EXPECT_EQ(code({"query"}), 2);
  EXPECT_EQ(code({"query", "book.db", "guests", "--format", "xml"}), 2);
  EXPECT_EQ(code({"query", "book.db", "guests", "{"}), 2);
  EXPECT_EQ(code({"query", "book.db", "nothing"}), 4);
  EXPECT_EQ(code({"query", "nowhere.db", "guests"}), 4);
  EXPECT_EQ(code({"command", "book.db", "nothing"}), 4);
  EXPECT_EQ(code({"event", "book.db", "nothing.happened", "{}"}), 4);
  EXPECT_EQ(code({"event", "book.db", "guest.arrived", "{\"guest\":\"\xff\"}"}), 2);
  EXPECT_EQ(code({"event", "book.db", "guest.arrived", R"({"guest":"Bob"})", "--expected", "1"}), 7);
  EXPECT_EQ(code({"event", "book.db", "guest.arrived", R"({"guest":7})"}), 15);
  EXPECT_EQ(code({"event", "book.db", "guest.arrived", R"({"guest":"Ada"})"}), 15);
  EXPECT_EQ(code({"show", "book.db", "99"}), 4);
  EXPECT_EQ(code({"show", "book.db", "x"}), 2);
  EXPECT_EQ(code({"init", "book.db", "--blueprint", "book"}), 7);
  EXPECT_EQ(code({"migrate", "up", "book.db"}), 2);
  const Result as_json = reeve(folder, {"query", "book.db", "nothing", "--format", "json"});
  EXPECT_THAT(as_json.err, StartsWith(R"({"code":"not_found","message":)"));
}

TEST_F(session, a_stream_gives_a_verdict_for_every_line_in_order) {
  const std::string input = R"({"type":"guest.arrived","payload":{"guest":"Grace"},"actor":"door"})"
                            "\n"
                            R"({"command":"sign","parameters":{"guest":"Grace","message":"A bug."}})"
                            "\n\nnot json\n"
                            R"({"type":"guest.arrived","payload":{"guest":"Grace"}})"
                            "\n"
                            R"({"type":"entry.written","payload":{"guest":"Nobody","message":"x",)"
                            R"("entry_id":"6f1c2f0e-6f0b-4a52-9d5b-3d1f0f0a0b01"}})"
                            "\n"
                            R"({"type":"guest.left","payload":{}})"
                            "\n"
                            R"({"type":"guest.arrived","payload":{"guest":"Alan"}})";
  const Result run = reeve(folder, {"event", "book.db", "-", "--format", "json"}, input);
  EXPECT_EQ(run.exit_code, 15) << run.err;
  std::vector<std::string> verdicts;
  for (std::size_t at = 0; at < run.out.size(); at = run.out.find('\n', at) + 1) {
    verdicts.push_back(run.out.substr(at, run.out.find('\n', at) - at));
  }
  ASSERT_EQ(verdicts.size(), 7u) << run.out;
  EXPECT_THAT(verdicts[0], StartsWith(R"({"line":1,"verdict":"accepted")"));
  EXPECT_THAT(verdicts[1], StartsWith(R"({"line":2,"verdict":"accepted")"));
  EXPECT_THAT(verdicts[2], StartsWith(R"({"line":4,"verdict":"refused","code":"invalid_input")"));
  EXPECT_THAT(verdicts[3], StartsWith(R"({"line":5,"verdict":"rejected")"));
  EXPECT_THAT(verdicts[4], StartsWith(R"({"line":6,"verdict":"rejected")"));
  EXPECT_THAT(verdicts[4], HasSubstr("unknown guest"));
  EXPECT_THAT(verdicts[5], StartsWith(R"({"line":7,"verdict":"refused","code":"not_found")"));
  EXPECT_THAT(verdicts[6], StartsWith(R"({"line":8,"verdict":"accepted")"));
  EXPECT_THAT(run.err, StartsWith("7 lines: 3 accepted with 3 events, 2 rejected, 2 refused; head "));
  EXPECT_THAT(head_hash(), EndsWith(", equal"));
}

TEST_F(session, a_stream_of_thousands_keeps_its_order) {
  std::string input;
  constexpr int count = 5000;
  for (int i = 0; i < count; ++i) {
    const std::string name = "guest " + std::to_string(i / 2);
    input += R"({"type":"guest.arrived","payload":{"guest":")" + name + "\"}}\n";
  }
  const Result run = reeve(folder, {"event", "book.db", "-", "--format", "csv"}, input);
  EXPECT_EQ(run.exit_code, 15) << run.err;
  EXPECT_THAT(run.out, StartsWith("line,verdict,first,count,repeated,code,message,remedy\r\n1,accepted,"));
  std::size_t at = run.out.find('\n') + 1;
  for (int i = 1; i <= count; ++i) {
    const std::string expected = std::to_string(i) + (i % 2 == 1 ? ",accepted," : ",rejected,");
    ASSERT_EQ(run.out.substr(at, expected.size()), expected);
    at = run.out.find('\n', at) + 1;
  }
}

TEST_F(session, a_stream_for_people_names_only_what_went_wrong) {
  const Result run =
      reeve(folder, {"event", "book.db", "-"},
            "{\"type\":\"guest.arrived\",\"payload\":{\"guest\":\"Bob\"}}\n{\"type\":\"guest.arrived\"}\n");
  EXPECT_EQ(run.exit_code, 15);
  EXPECT_THAT(run.err, StartsWith("reeve: line 2: rejected: "));
  EXPECT_THAT(run.out, StartsWith("2 lines: 1 accepted with 1 events, 1 rejected, 0 refused; head "));
  EXPECT_EQ(reeve(folder, {"event", "book.db", "-", "--actor", "Bob"}).exit_code, 2);
}

TEST_F(session, the_log_lists_the_newest_last_and_filters) {
  const std::string all = ok({"log", "book.db", "--format", "json"});
  EXPECT_THAT(all, StartsWith(R"({"sequence":1,"id":")"));
  EXPECT_THAT(last_line(all), HasSubstr(R"("type":"entry.written")"));
  EXPECT_THAT(ok({"log", "book.db", "--type", "guest.*", "--format", "csv"}), HasSubstr("guest.arrived,1,"));
  EXPECT_EQ(lines_of(ok({"log", "book.db", "--limit", "1", "--format", "json"})), 1);
  EXPECT_EQ(lines_of(ok({"log", "book.db", "--actor", "Ada", "--format", "json"})), 2);
  EXPECT_THAT(ok({"log", "book.db", "--after", "1", "--limit", "1", "--format", "json"}),
              StartsWith(R"({"sequence":2,)"));
  EXPECT_EQ(ok({"log", "book.db", "--type", "no.such", "--format", "json"}), "");
  EXPECT_THAT(ok({"log", "book.db"}), HasSubstr("  Ada "));
}

TEST_F(session, show_tells_payload_changes_and_hashes) {
  const std::string log = last_line(ok({"log", "book.db", "--limit", "1", "--format", "json"}));
  const std::string sequence = log.substr(12, log.find(',') - 12);
  const std::string id = log.substr(log.find("\"id\":\"") + 6, 36);
  const std::string shown = ok({"show", "book.db", sequence});
  EXPECT_THAT(shown, StartsWith("event " + sequence + ": entry.written v1\n"));
  EXPECT_THAT(shown, HasSubstr("    \"message\": \"It computes.\"\n"));
  EXPECT_THAT(shown, HasSubstr("  guests {\"name\":\"Ada\"} updated\n    entries  0 -> 1\n"));
  EXPECT_THAT(shown, HasSubstr("\n  chain    "));
  EXPECT_EQ(ok({"show", "book.db", id}), shown);
  EXPECT_THAT(ok({"show", "book.db", id, "--format", "json"}),
              HasSubstr(R"("operation":"update","table":"guests")"));
  EXPECT_THAT(ok({"show", "book.db", "2"}), HasSubstr("reeve.schema_migrated"));
}

TEST_F(session, verify_ends_with_count_hash_and_equal) {
  EXPECT_THAT(head_hash(), testing::MatchesRegex("[0-9]+ events, state hash [0-9a-f]+, equal"));
  EXPECT_THAT(ok({"verify", "book.db", "--format", "json"}), HasSubstr(R"("equal":true,"differences":[])"));
  EXPECT_EQ(ok({"verify", "book.db", "--format", "csv"}), "sequence,table,key,message\r\n");
}

TEST_F(session, verify_names_a_row_that_was_changed_behind_the_ledgers_back) {
  ASSERT_EQ(shell(folder, "sqlite3 book.db \"UPDATE guests SET entries = 7 WHERE name = 'Ada'\"").exit_code,
            0);
  const Result run = reeve(folder, {"verify", "book.db"});
  EXPECT_EQ(run.exit_code, 10) << run.err;
  EXPECT_THAT(run.out, HasSubstr("table guests, row "));
  EXPECT_THAT(run.out, HasSubstr("Ada"));
  EXPECT_THAT(last_line(run.out), EndsWith(", DIFFERENT"));
  const Result replayed = reeve(folder, {"replay", "book.db"});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.err;
  EXPECT_THAT(head_hash(), EndsWith(", equal"));
}

TEST_F(session, verify_says_what_is_no_ledger) {
  write_file(folder.path() / "text.db", std::string(5000, 'x'));
  const Result text = reeve(folder, {"verify", "text.db"});
  EXPECT_EQ(text.exit_code, 10) << text.err;
  EXPECT_THAT(text.err, StartsWith("reeve: "));
  EXPECT_EQ(reeve(folder, {"verify", "nowhere.db"}).exit_code, 4);
}

TEST_F(session, replay_gives_the_hash_of_every_event_either_way) {
  const std::string executed = ok({"replay", "book.db", "--scratch", "--hashes", "--format", "csv"});
  EXPECT_THAT(executed, StartsWith("sequence,chain_hash,state_hash\r\n1,"));
  EXPECT_EQ(ok({"replay", "book.db", "--scratch", "--hashes", "--by", "changeset", "--format", "csv"}),
            executed);
  EXPECT_THAT(ok({"replay", "book.db"}), EndsWith(", equal, tables rebuilt\n"));
}

TEST_F(session, an_export_imports_to_the_same_hashes_whatever_page_and_group) {
  const std::string before = head_hash();
  EXPECT_THAT(ok({"export", "book.db", "-o", "book.ndjson"}), StartsWith("book.ndjson holds "));
  EXPECT_EQ(ok({"export", "book.db"}), read_file(folder.path() / "book.ndjson"));
  EXPECT_EQ(reeve(folder, {"export", "book.db", "-o", "book.ndjson"}).exit_code, 7);
  EXPECT_EQ(last_line(ok({"import", "copy.db", "book.ndjson", "--page-bytes", "8192", "--group", "1"})),
            before);
  EXPECT_EQ(last_line(ok({"import", "copy2.db"}, read_file(folder.path() / "book.ndjson"))), before);
  EXPECT_EQ(last_line(ok({"verify", "copy.db"})), before);
  EXPECT_EQ(ok({"replay", "copy.db", "--scratch", "--hashes"}),
            ok({"replay", "book.db", "--scratch", "--hashes"}));
}

TEST_F(session, an_export_that_was_changed_leaves_no_ledger_behind) {
  std::string text = ok({"export", "book.db"});
  text.replace(text.rfind("It computes."), 12, "It computed.");
  const Result run = reeve(folder, {"import", "copy.db"}, text);
  EXPECT_EQ(run.exit_code, 10) << run.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "copy.db"));
  EXPECT_EQ(reeve(folder, {"import", "copy.db", "nowhere.ndjson"}).exit_code, 4);
  EXPECT_EQ(reeve(folder, {"import", "copy.db", "--page-bytes", "1000"}).exit_code, 2);
}

/// Of several who make one file one makes it, whole; the others hear so, and take nothing of it away.
TEST_F(session, what_several_make_at_once_is_made_by_one) {
  const std::string events = last_line(ok({"verify", "book.db"}));
  ok({"export", "book.db", "-o", "book.ndjson"});
  const auto at_once = [&](const std::string& verb) {
    return shell(folder,
                 "for i in 1 2 3 4 5 6; do (\"$reeve\" " + verb + " >/dev/null 2>&1; echo $?) & done; wait");
  };
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    const std::string number = std::to_string(round);
    for (const std::string& verb :
         {"import import" + number + ".db book.ndjson", "init init" + number + ".db --blueprint book",
          "export book.db -o export" + number + ".ndjson"}) {
      std::istringstream codes(at_once(verb).out);
      int made = 0;
      for (int code = 0; codes >> code;) {
        made += code == 0 ? 1 : 0;
        EXPECT_TRUE(code == 0 || code == 7 || code == 8) << verb << ": " << code;
      }
      EXPECT_EQ(made, 1) << verb;
    }
    EXPECT_EQ(last_line(ok({"verify", "import" + number + ".db"})), events);
    EXPECT_THAT(ok({"verify", "init" + number + ".db"}), EndsWith(", equal\n"));
    EXPECT_EQ(read_file(folder.path() / ("export" + number + ".ndjson")),
              read_file(folder.path() / "book.ndjson"));
  }
  EXPECT_EQ(shell(folder, "ls | grep -c -e -making -e partial").out, "0\n");
}

TEST_F(session, an_import_that_is_killed_leaves_nothing_under_its_name) {
  EXPECT_EQ(shell(folder,
                  "(\"$reeve\" export book.db | head -n 4; sleep 5) | \"$reeve\" import late.db & "
                  "importer=$!; while [ ! -s late.db-making ]; do sleep 0.05; done; "
                  "pkill -9 -P $$ -f 'import late.db'; ls late.db")
                .out,
            "");
  ok({"export", "book.db", "-o", "book.ndjson"});
  ok({"import", "late.db", "book.ndjson"});
  EXPECT_EQ(shell(folder, "ls | grep -c -e -making").out, "0\n");
}

TEST_F(session, of_several_who_migrate_at_once_one_does_and_the_others_hear_so) {
  write_file(folder.path() / "book/migrations/0002_mood.up.sql",
             "ALTER TABLE entries ADD COLUMN mood text;\n");
  write_file(folder.path() / "book/migrations/0002_mood.down.sql", "ALTER TABLE entries DROP COLUMN mood;\n");
  std::istringstream codes(shell(folder,
                                 "for i in 1 2 3 4; do (\"$reeve\" migrate up book.db --blueprint book "
                                 ">/dev/null 2>&1; echo $?) & done; wait")
                               .out);
  bool is_made = false;
  for (int code = 0; codes >> code;) {
    is_made = is_made || code == 0;
    EXPECT_TRUE(code == 0 || code == 8) << code;
  }
  EXPECT_TRUE(is_made);
  EXPECT_THAT(head_hash(), EndsWith(", equal"));
}

TEST_F(session, a_query_of_a_table_that_somebody_took_away_is_damage_and_no_crash) {
  ASSERT_EQ(shell(folder, "sqlite3 book.db 'DROP TABLE entries'").exit_code, 0);
  for (const char* query : {"entries", "guests"}) {
    const Result run = reeve(folder, {"query", "book.db", query});
    EXPECT_EQ(run.exit_code, std::string(query) == "entries" ? 10 : 0) << run.err;
  }
}

TEST_F(session, the_status_of_another_blueprint_is_a_conflict) {
  ok({"new", "other"});
  std::filesystem::rename(folder.path() / "other/migrations/0001_book.up.sql",
                          folder.path() / "other/migrations/0001_shop.up.sql");
  std::filesystem::rename(folder.path() / "other/migrations/0001_book.down.sql",
                          folder.path() / "other/migrations/0001_shop.down.sql");
  const Result status = reeve(folder, {"migrate", "status", "book.db", "--blueprint", "other"});
  EXPECT_EQ(status.exit_code, 7);
  EXPECT_THAT(status.err, HasSubstr("the folder lacks the migration 0001_book"));
}

TEST_F(session, a_migration_goes_up_and_down_and_is_rehearsed) {
  EXPECT_THAT(ok({"migrate", "status", "book.db"}), HasSubstr("0001_book  applied"));
  write_file(folder.path() / "book/migrations/0002_mood.up.sql",
             "ALTER TABLE entries ADD COLUMN mood text;\n");
  write_file(folder.path() / "book/migrations/0002_mood.down.sql", "ALTER TABLE entries DROP COLUMN mood;\n");
  EXPECT_THAT(ok({"migrate", "status", "book.db", "--blueprint", "book"}), HasSubstr("0002_mood  pending"));
  EXPECT_THAT(ok({"migrate", "verify", "book.db", "--blueprint", "book"}),
              HasSubstr("0002_mood: up, down, up: equal"));
  EXPECT_THAT(ok({"migrate", "up", "book.db", "--blueprint", "book"}), StartsWith("0002_mood: up\n"));
  EXPECT_THAT(head_hash(), EndsWith(", equal"));
  EXPECT_THAT(ok({"migrate", "down", "book.db"}), StartsWith("0002_mood: down\n"));
  EXPECT_THAT(head_hash(), EndsWith(", equal"));
  write_file(folder.path() / "book/migrations/0001_book.up.sql",
             "CREATE TABLE other (id bigint PRIMARY KEY);\n");
  EXPECT_EQ(reeve(folder, {"migrate", "up", "book.db", "--blueprint", "book"}).exit_code, 7);
}

TEST_F(session, a_reader_that_goes_away_ends_it_quietly) {
  std::string input;
  for (int i = 0; i < 3000; ++i)
    input += R"({"type":"guest.arrived","payload":{"guest":")" + std::to_string(i) + "\"}}\n";
  ok({"event", "book.db", "-"}, input);
  const Result run =
      shell(folder, "{ \"$reeve\" log book.db --after 0 --limit 100000; echo $? >code; } | head -n 1");
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(read_file(folder.path() / "code"), "141\n");
}

TEST_F(session, an_interrupt_ends_a_stream_after_what_was_submitted) {
  const Result run = shell(folder,
                           "mkfifo in; exec 4<>in;"
                           "echo '{\"type\":\"guest.arrived\",\"payload\":{\"guest\":\"Bob\"}}' >&4;"
                           "\"$reeve\" event book.db - --format json <in >verdicts & child=$!;"
                           "while ! grep -q accepted verdicts; do sleep 0.1; done;"
                           "kill -TERM $child; wait $child; echo $? >code");
  EXPECT_THAT(read_file(folder.path() / "verdicts"), StartsWith(R"({"line":1,"verdict":"accepted")"));
  EXPECT_EQ(read_file(folder.path() / "code"), "130\n") << run.out << run.err;
}

}  // namespace
}  // namespace reeve::tests
