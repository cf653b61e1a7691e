// The worked example of docs/reference.md, and the CSV that people write.

#include "state/csv.h"
#include "state/reference_set.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace reeve::state {
namespace {

sql::Catalogue plans() {
  return sql::translate_migration(
             "m.sql",
             "-- reference: empty\nCREATE TABLE kinds (kind text PRIMARY KEY, label text);\n"
             "-- reference: plans\nCREATE TABLE plans (plan text PRIMARY KEY, rooms_max integer);",
             {})
      .after;
}

std::string document() {
  const char* folder = std::getenv("REEVE_SOURCE_DIR");
  std::ifstream stream(std::string(folder != nullptr ? folder : ".") + "/docs/reference.md");
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(reference_set, is_what_the_document_says) {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_test_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path folder = pattern;
  std::ofstream(folder / "kinds.csv") << "kind,label\n";
  std::ofstream(folder / "plans.csv") << "rooms_max,plan\n3,free\n";
  const ReferenceSet set = ReferenceSet::read(folder, plans());
  std::filesystem::remove_all(folder);
  const std::string text = document();
  for (const auto& [path, content] : set.files().files) {
    const std::string line = content.substr(0, content.find('\n'));
    EXPECT_NE(text.find(path + "\n  " + line + "\n"), std::string::npos) << path << "\n  " << line;
  }
  EXPECT_NE(text.find("hash          " + to_hex(set.hash())), std::string::npos) << to_hex(set.hash());
  EXPECT_NE(text.find("sources_hash  " + to_hex(set.files().hash())), std::string::npos)
      << to_hex(set.files().hash());
  // What was kept gives the same set again, and a changed byte does not.
  EXPECT_EQ(ReferenceSet::of(set.files(), plans()).hash(), set.hash());
  blueprint::Sources changed = set.files();
  changed.files.at("reference/plans.ndjson") = "{\"plan\":\"free\",\"rooms_max\":4}\n";
  EXPECT_THROW(ReferenceSet::of(changed, plans()), Error);
}

TEST(csv, reads_what_spreadsheets_write) {
  std::istringstream stream(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x, \"\"y\"\"\nz\",\r\n\r\n,\"\"\n1,2");
  CsvReader csv(stream, "t.csv");
  CsvReader::Record record;
  using Record = CsvReader::Record;
  ASSERT_TRUE(csv.next(record));
  EXPECT_EQ(record, (Record{"a", "b"}));
  ASSERT_TRUE(csv.next(record));
  EXPECT_EQ(record, (Record{"x, \"y\"\nz", std::nullopt}));
  EXPECT_EQ(csv.line(), 2);
  ASSERT_TRUE(csv.next(record));
  EXPECT_EQ(record, (Record{std::nullopt, ""}));
  EXPECT_EQ(csv.line(), 5);
  ASSERT_TRUE(csv.next(record));
  EXPECT_EQ(record, (Record{"1", "2"}));
  EXPECT_FALSE(csv.next(record));
}

TEST(csv, refuses_quotes_that_are_left_open_or_stand_within) {
  for (const char* text : {"a,\"b", "a,b\"c\"", "\"a\"b,c"}) {
    std::istringstream stream(text);
    CsvReader csv(stream, "t.csv");
    CsvReader::Record record;
    EXPECT_THROW(csv.next(record), Error) << text;
  }
}

}  // namespace
}  // namespace reeve::state
