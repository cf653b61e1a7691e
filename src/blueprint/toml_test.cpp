#include "blueprint/settings.h"

#include <gtest/gtest.h>

namespace reeve::blueprint {
namespace {

void expect_finding(std::string_view text, std::string_view place, std::string_view message,
                    std::string_view remedy) {
  Findings findings;
  read_settings(text, findings);
  ASSERT_EQ(findings.size(), 1U) << text;
  const Finding& finding = findings.list().front();
  EXPECT_EQ(finding.place.to_string(), place) << text;
  EXPECT_NE(finding.message.find(message), std::string::npos) << finding.message;
  EXPECT_NE(finding.remedy.find(remedy), std::string::npos) << finding.remedy;
}

const std::string head = "format = 1\nname = \"a\"\ntitle = \"A\"\n";

TEST(settings, read_takes_every_key) {
  Findings findings;
  const Settings settings =
      read_settings(head +
                        "[moment]\nname = \"turn\"\ntype = \"text\"\nquery = \"SELECT 'ä'\"\n"
                        "[events]\nseal = [\"a.b\", \"c\"]\n",
                    findings);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(settings.name, "a");
  EXPECT_EQ(settings.title, "A");
  ASSERT_TRUE(settings.moment.has_value());
  EXPECT_EQ(settings.moment->name, "turn");
  EXPECT_EQ(settings.moment->type, sql::Type::text);
  EXPECT_EQ(settings.moment->query, "SELECT 'ä'");
  EXPECT_EQ(settings.moment->query_place, (Place{"blueprint.toml", 7, 9}));
  ASSERT_EQ(settings.seal.size(), 2U);
  EXPECT_EQ(settings.seal[1].first, "c");
  EXPECT_EQ(settings.seal[1].second, (Place{"blueprint.toml", 9, 16}));
}

TEST(settings, an_empty_file_misses_every_required_key) {
  Findings findings;
  read_settings("", findings);
  ASSERT_EQ(findings.size(), 3U);
  for (const Finding& finding : findings.list()) {
    EXPECT_EQ(finding.place.to_string(), "blueprint.toml:1:1");
    EXPECT_NE(finding.message.find("is missing"), std::string::npos);
    EXPECT_FALSE(finding.remedy.empty());
  }
}

TEST(settings, a_missing_key_names_its_table) {
  expect_finding(head + "[moment]\nname = \"turn\"\ntype = \"text\"\n", "blueprint.toml:4:1",
                 "`moment.query` is missing", "query = ");
}

TEST(settings, an_unknown_key_is_refused_with_those_that_are_known) {
  expect_finding(head + "titel = \"B\"\n", "blueprint.toml:4:1", "unknown key `titel`", "`title`");
  expect_finding(head + "[events]\n  seals = []\n", "blueprint.toml:5:3", "unknown key `events.seals`",
                 "`seal`");
}

TEST(settings, a_value_of_another_type_is_refused) {
  expect_finding("format = \"1\"\nname = \"a\"\ntitle = \"A\"\n", "blueprint.toml:1:10", "not an integer",
                 "format = 1");
  expect_finding("format = 1\nname = 5\ntitle = \"A\"\n", "blueprint.toml:2:8", "`name` is not a string",
                 "name = ");
  expect_finding(head + "moment = 1\n", "blueprint.toml:4:10", "`moment` is not a table", "[moment]");
  expect_finding(head + "[events]\nseal = \"a\"\n", "blueprint.toml:5:8", "not a list of strings",
                 "seal = [");
  expect_finding(head + "[events]\nseal = [\"a\", 2]\n", "blueprint.toml:5:14", "not a list of strings",
                 "seal = [");
  expect_finding(head + "[moment]\nname = \"t\"\ntype = \"float\"\nquery = \"SELECT 1\"\n",
                 "blueprint.toml:6:8", "type `float` is unknown", "integer");
}

TEST(settings, another_format_is_refused) {
  expect_finding("format = 2\nname = \"a\"\ntitle = \"A\"\n", "blueprint.toml:1:10", "does not know",
                 "format = 1");
}

TEST(settings, a_name_that_is_none_is_refused) {
  expect_finding("format = 1\nname = \"Great Work\"\ntitle = \"A\"\n", "blueprint.toml:2:8",
                 "`Great Work` is not a name", "[a-z]");
  expect_finding("format = 1\nname = \"" + std::string(64, 'a') + "\"\ntitle = \"A\"\n", "blueprint.toml:2:8",
                 "is not a name", "63 bytes");
  expect_finding("format = 1\nname = \"a\"\ntitle = \"\"\n", "blueprint.toml:3:9", "`title` is empty",
                 "title = ");
}

TEST(settings, broken_toml_is_refused_with_its_place_in_bytes) {
  expect_finding("format = 1\nname = \"a\ntitle = \"A\"\n", "blueprint.toml:2:10", "string", "toml.io");
  expect_finding("title = \"ää\" x\n", "blueprint.toml:1:16", "", "toml.io");
  expect_finding("format = 1\nformat = 1\n", "blueprint.toml:2:10", "", "toml.io");
  expect_finding(std::string(100'000, '['), "blueprint.toml", "not TOML", "toml.io");
  expect_finding("a = " + std::string(100'000, '['), "blueprint.toml:1:261", "", "toml.io");
}

TEST(settings, no_damage_to_the_text_does_more_than_a_finding) {
  const std::string whole =
      head + "[moment]\nname = 'turn'\ntype = \"text\"\nquery = \"\"\"\nSELECT 1\"\"\"\n" +
      "[events]\nseal = [\"a.b\", { c = 1_0.5e3, d.e = 1979-05-27T07:32:00Z }]\n[[x]]\ny = 0xF\n";
  const std::string_view bytes = "[]{}\"'=.,#\n\\_-+ 0aTz\x01\xFF";
  std::size_t findings_made = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : bytes) {
      std::string replaced = whole;
      replaced[at] = byte;
      std::string inserted = whole;
      inserted.insert(at, 3, byte);
      for (const std::string& text : {replaced, inserted, whole.substr(0, at) + byte}) {
        Findings findings;
        read_settings(text, findings);
        findings_made += findings.size();
      }
    }
  }
  EXPECT_GT(findings_made, whole.size());
}

}  // namespace
}  // namespace reeve::blueprint
