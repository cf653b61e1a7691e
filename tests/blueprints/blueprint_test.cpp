// Every promise that a blueprint makes in blueprints/*/tests/*.test is kept on both engines; and one that is not is
// named.

#include "player.h"

#include "engines/database.h"
#include "state/vault_test.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <ostream>
#include <set>

namespace reeve::blueprint_tests {

/// A file of promises; the path is from the project's folder on.
struct TestFile {
  std::filesystem::path path;
  std::filesystem::path blueprint() const { return path.parent_path().parent_path(); }
};

void PrintTo(const TestFile& file, std::ostream* out) { *out << file.path.string(); }

namespace {

using testing::project_file;
using testing::Workshop;

std::vector<TestFile> test_files() {
  std::vector<TestFile> files;
  const std::filesystem::path root = project_file(".");
  std::error_code missing;
  for (const auto& blueprint : std::filesystem::directory_iterator(root / "blueprints", missing)) {
    for (const auto& file : std::filesystem::directory_iterator(blueprint.path() / "tests", missing)) {
      if (file.path().extension() == ".test") {
        files.push_back({std::filesystem::relative(file.path(), root)});
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const TestFile& left, const TestFile& right) { return left.path < right.path; });
  return files;
}

std::string test_name(const ::testing::TestParamInfo<TestFile>& info) {
  std::string name = info.param.blueprint().filename().string() + "_" + info.param.path.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

class promises : public ::testing::TestWithParam<TestFile> {
 protected:
  static void play_on(const Stage& stage) {
    const TestFile& file = GetParam();
    const auto records = parse(file.path.string(), testing::read_text(project_file(file.path.string())));
    EXPECT_FALSE(records.empty()) << file.path;
    if (const auto broken =
            play(project_file(file.blueprint().string()), file.path.filename().string(), records, stage)) {
      ADD_FAILURE_AT(file.path.c_str(), broken->line) << broken->message;
    }
  }
};

TEST_P(promises, are_kept) {
  const Workshop workshop;
  play_on(workshop.path("test.db"));
}

INSTANTIATE_TEST_SUITE_P(blueprints, promises, ::testing::ValuesIn(test_files()), test_name);

class promises_on_postgres : public promises {
 protected:
  /// One for all files of a blueprint: their ledgers live side by side, with a neighbour from the beginning.
  static const testing::Database& database_of(const std::string& blueprint) {
    static std::map<std::string, std::unique_ptr<testing::Database>> databases;
    auto& database = databases[blueprint];
    if (!database) {
      database = std::make_unique<testing::Database>("promises_of_" + blueprint);
      create_ledger(database->administrator("neighbour"), project_file("blueprints/" + blueprint).string());
    }
    return *database;
  }
};

TEST_P(promises_on_postgres, are_kept) {
  const testing::Database& database = database_of(GetParam().blueprint().filename().string());
  const std::string ledger = GetParam().path.stem().string();
  play_on({database.administrator(ledger), database.application(ledger)});
}

INSTANTIATE_TEST_SUITE_P(blueprints, promises_on_postgres, ::testing::ValuesIn(test_files()), test_name);

TEST(every_blueprint, makes_promises) {
  std::set<std::filesystem::path> promising;
  for (const TestFile& file : test_files()) promising.insert(file.blueprint().filename());
  int blueprints = 0;
  for (const auto& folder : std::filesystem::directory_iterator(project_file("blueprints"))) {
    if (std::filesystem::exists(folder.path() / "blueprint.toml")) {
      EXPECT_TRUE(promising.contains(folder.path().filename())) << folder.path();
      ++blueprints;
    }
  }
  EXPECT_GE(blueprints, 1);
}

/// Plays a text on the vault; `LINE: MESSAGE` of the first promise that is broken, or "".
std::string played(const std::string& text) {
  const Workshop workshop;
  const auto broken = play(workshop.blueprint(testing::vault_sources()), "vault.test",
                           parse("vault.test", text), workshop.path("vault.db"));
  return broken ? std::to_string(broken->line) + ": " + broken->message : std::string();
}

/// Of a text that is not of the format.
std::string misread(const std::string& text) {
  return testing::error_of([&] { parse("vault.test", text); }).what();
}

const std::string furnished =
    "event owner.joined {\"owner_id\": \"ann\", \"name\": \"Ann\"}\n\n"
    "event account.opened {\"account_id\": \"a\", \"owner_id\": \"ann\"}\n\n"
    "event account.opened {\"account_id\": \"b\", \"owner_id\": \"ann\"}\n\n"
    "event account.credited {\"account_id\": \"a\", \"amount\": 10}\n\n";  // eight lines

TEST(a_play, goes_to_the_end_when_every_promise_is_kept) {
  EXPECT_EQ(played(furnished +
                   "# A comment.\n"
                   "command transfer\n"
                   "# and one inside\n"
                   "{\"from_id\": \"a\", \"to_id\": \"b\",\n"
                   " \"amount\": 4}\n"
                   "----\n"
                   "account.debited {\"amount\": 4}\n"
                   "account.credited\n"
                   "\n"
                   "at 2026-05-06T07:08:09.5+01:00\n\n"
                   "event account.opened {\"account_id\": \"c\", \"owner_id\": \"ann\", \"rate\": 0.5}\n\n"
                   "query TIDTJTTB rowsort\n"
                   "SELECT account_id, balance, rate, opened_at, notes, token, tag, balance > 4 AS rich\n"
                   "FROM accounts\n"
                   "----\n"
                   "c | 0 | 0.5 | 2026-05-06T06:08:09.500000Z | {} | \\x63 | NULL | false\n"
                   "a | 6 | 0 | 2026-01-01T00:00:00.000000Z | {} | \\x61 | NULL | true\n"
                   "b | 4 | 0 | 2026-01-01T00:00:00.000000Z | {} | \\x62 | NULL | false\n"
                   "\n"
                   "query TTT\n"
                   "SELECT '' AS nothing, chr(10) || 'x' AS two_lines, now() AS time\n"
                   "----\n"
                   "(empty) | \\nx | 2026-05-06T06:08:09.500000Z\n"
                   "\n"
                   "restart\n\n"
                   "rejected event day.started\n"
                   "----\n"
                   "day.started\n"
                   "\n"
                   "replay\n\n"
                   "migrate 0\n\n"
                   "migrate 1\n\n"
                   "query I\n"
                   "SELECT day FROM calendar\n"
                   "----\n"
                   "1\n"),
            "");
}

TEST(a_play, names_the_line_and_both_sides_of_a_broken_promise) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"command transfer {\"from_id\": \"a\", \"to_id\": \"b\", \"amount\": 11}",
       "9: the command transfer is refused"},
      {"event account.credited {\"account_id\": \"z\", \"amount\": 1}",
       "9: the event account.credited is refused: unknown account z"},
      {"rejected event account.credited {\"account_id\": \"a\", \"amount\": 1}",
       "9: account.credited is accepted"},
      {"rejected event account.credited {\"account_id\": \"z\", \"amount\": 1}\n----\nunknown owner",
       "11: account.credited is refused for another reason\nexpected:\n  unknown owner\ngot:\n  unknown "
       "account z"},
      {"rejected event day.started", "9: "},
      {"rejected transferr\n----\nnot enough", "11: transferr is refused for another reason"},
      {"command transfer {\"from_id\": \"a\", \"to_id\": \"b\", \"amount\": 1}\n----\naccount.debited",
       "11: the command transfer emits other events"},
      {"command transfer {\"from_id\": \"a\", \"to_id\": \"b\", \"amount\": 1}\n----\n"
       "account.debited {\"amount\": 2}\naccount.credited",
       "11: the command transfer emits other events"},
      {"query I\nSELECT balance FROM accounts ORDER BY account_id\n----\n0\n10",
       "9: the result is another\nexpected:\n  0\n  10\ngot:\n  10\n  0\n"},
      {"query T\nSELECT balance FROM accounts\n----\n10",
       "9: the columns have other types\nexpected:\n  T\ngot:\n  I"},
      {"query I\nSELECT day FROM calendar WHERE id = :id\n----\n1", "9: nothing gives the parameter id"},
      {"query I\n# none\nSELECT nothing FROM calendar\n----\n1", "9: vault.test:11:8: "},
      {"named account {\"account_id\": \"z\"}\n----\na | ann | 10", "9: the result is another"},
      {"at noon", "9: noon is no time of RFC 3339"},
      {"migrate 2", "9: the schema is at level 1"},
      {"migrate -1", "9: -1 is no number of a migration"}};
  for (const auto& [record, message] : cases) {
    const std::string said = played(furnished + record + "\n");
    EXPECT_EQ(said.substr(0, message.size()), message) << record << "\n" << said;
  }
}

TEST(a_test_file, is_refused_with_its_line_when_a_record_is_not_of_the_format) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"\nrestat\n", "vault.test:2:1: there is no word restat"},
           {"restart now\n", "vault.test:1:1: nothing may follow here: now"},
           {"restart\nnow\n", "vault.test:1:1: restart is one line"},
           {"migrate\n", "vault.test:1:1: migrate lacks what it is about"},
           {"rejected event\n", "vault.test:1:1: rejected lacks what it is about"},
           {"query I\nSELECT 1\n", "vault.test:1:1: query lacks ---- and its result"},
           {"query X\nSELECT 1\n----\n", "vault.test:1:1: the types X are not of I, D, B, J and T"},
           {"query I sorted\nSELECT 1\n----\n", "vault.test:1:1: nothing may follow here: sorted"},
           {"event x {}\n----\n", "vault.test:1:1: event expects nothing"},
           {"rejected x {}\n----\n", "vault.test:1:1: of a refusal one line is expected"},
           {"restart\r\n", "vault.test:1:1: the file is not UTF-8 with LF"},
           {"actor \xff\n", "vault.test:1:1: the file is not UTF-8 with LF"}}) {
    const std::string said = misread(text);
    EXPECT_EQ(said.substr(0, message.size()), message) << text;
  }
}

}  // namespace
}  // namespace reeve::blueprint_tests
