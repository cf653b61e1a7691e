#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const char* const good =
    "format = 1\n"
    "capacity = 5\n"
    "per_seconds = 60\n"
    "on_failure = \"open\"\n";

Sources with_limit(const std::string& text = good) {
  Sources sources = good_sources();
  sources.files["limits/log_ins.toml"] = text;
  return sources;
}

Sources spoilt(std::string_view old_text, std::string_view new_text) {
  Sources sources = with_limit();
  spoil(sources, "limits/log_ins.toml", old_text, new_text);
  return sources;
}

TEST(limit, is_read_from_its_file) {
  Sources sources = with_limit();
  sources.files["limits/exports.toml"] =
      "format = 1\ncapacity = 1000000\nper_seconds = 31622400\non_failure = \"closed\"\n";
  const Loaded loaded = check(sources);
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  const RateLimit& limit = loaded.blueprint->limits.at("log_ins");
  EXPECT_EQ(limit.name, "log_ins");
  EXPECT_EQ(limit.capacity, 5);
  EXPECT_EQ(limit.per_seconds, 60);
  EXPECT_EQ(limit.on_failure, OnFailure::open);
  EXPECT_EQ(loaded.blueprint->limits.at("exports").per_seconds, limit_seconds_max);
  EXPECT_EQ(loaded.blueprint->limits.at("exports").on_failure, OnFailure::closed);
}

TEST(limit, names_what_is_wrong_with_place_and_remedy) {
  const auto at = [](const char* place) { return std::string("limits/log_ins.toml:") + place; };
  for (const char* const wrong : {"0", "-1", "1000001", "5.0", "\"5\"", "true"}) {
    expect_finding(spoilt("= 5\n", std::string("= ") + wrong + "\n"), at("2:12"),
                   "`capacity` is not an integer from 1 to 1000000", "capacity = 5");
  }
  for (const char* const wrong : {"0", "31622401", "6e1"}) {
    expect_finding(spoilt("= 60", std::string("= ") + wrong), at("3:15"),
                   "`per_seconds` is not an integer from 1 to 31622400", "per_seconds = 60");
  }
  expect_finding(spoilt("\"open\"", "\"ajar\""), at("4:14"), "when its store can't be asked", "\"closed\"");
  expect_finding(spoilt("\"open\"", "false"), at("4:14"), "`on_failure` is not a string", "\"closed\"");
  expect_finding(spoilt("\"open\"", "\"\""), at("4:14"), "`on_failure` is empty", "\"closed\"");
  expect_finding(spoilt("on_failure = \"open\"\n", ""), at("1:1"), "`on_failure` is missing", "\"closed\"");
  expect_finding(spoilt("capacity = 5\n", ""), at("1:1"), "`capacity` is missing", "capacity = 5");
  expect_finding(spoilt("per_seconds = 60\n", ""), at("1:1"), "`per_seconds` is missing", "per_seconds = 60");
  expect_finding(spoilt("format = 1\n", ""), at("1:1"), "`format` is missing", "format = 1");
  expect_finding(spoilt("format = 1", "format = 2"), at("1:10"), "this rate limit has a format",
                 "newer version");
  expect_finding(spoilt("per_seconds", "per_second = 1\nper_seconds"), at("3:1"), "unknown key `per_second`",
                 "`per_seconds`");
  expect_finding(with_limit("capacity = [[["), at("1:15"), "", "TOML");
}

TEST(limit, has_a_name_that_fits_and_a_file_that_is_text) {
  Sources sources = good_sources();
  sources.files["limits/Log-Ins.toml"] = good;
  expect_finding(sources, "limits/Log-Ins.toml", "fits no rule of its folder", "NAME.toml (log_ins.toml)");
  expect_finding(with_limit(std::string("format = 1\0", 11)), "limits/log_ins.toml:1:11", "zero byte",
                 "UTF-8");
}

TEST(limit, is_part_of_the_sources_like_any_other_file) {
  const TemporaryFolder folder;
  folder.write(with_limit());
  const Sources read = Sources::read(folder.path());
  EXPECT_EQ(read.files.at("limits/log_ins.toml"), good);
  EXPECT_EQ(read.hash(), with_limit().hash());
  EXPECT_NE(read.hash(), good_sources().hash());
}

}  // namespace
}  // namespace reeve::blueprint
