#include "blueprint/sources.h"
#include "blueprint/fixture_test.h"

#include <sys/stat.h>
#include <unistd.h>

namespace reeve::blueprint {
namespace {

namespace fs = std::filesystem;

void expect_refused(const fs::path& folder, ErrorCode code, std::string_view place,
                    std::string_view message) {
  try {
    Sources::read(folder);
    FAIL() << "read " << folder;
  } catch (const Error& error) {
    EXPECT_EQ(name_of(error.code()), name_of(code)) << error.what();
    EXPECT_EQ(error.place().to_string(), place) << error.what();
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
    EXPECT_FALSE(error.remedy().empty()) << error.what();
  }
}

TEST(sources, read_takes_the_named_files_and_leaves_all_others) {
  const TemporaryFolder folder;
  const Sources sources = good_sources();
  folder.write(sources);
  folder.write("README.md", "# not a source");
  folder.write("events/README.md", "# not a source");
  folder.write("queries/.gitkeep", "");
  folder.write("tests/play.test", "command grant");
  folder.write("demo/anything at all", "\xFF\xFE");
  EXPECT_EQ(Sources::read(folder.path()).files, sources.files);
}

TEST(sources, hash_depends_on_every_path_and_every_byte) {
  const Sources sources = good_sources();
  Sources content = sources;
  content.files["queries/players.sql"] += " ";
  Sources path = sources;
  auto node = path.files.extract("queries/players.sql");
  node.key() = "queries/player.sql";
  path.files.insert(std::move(node));
  Sources shifted{{{"a", "bc"}}};
  Sources joined{{{"ab", "c"}}};
  EXPECT_EQ(sources.hash(), good_sources().hash());
  EXPECT_NE(sources.hash(), content.hash());
  EXPECT_NE(sources.hash(), path.hash());
  EXPECT_NE(shifted.hash(), joined.hash());
}

TEST(sources, a_folder_without_blueprint_toml_is_not_found) {
  const TemporaryFolder folder;
  expect_refused(folder.path(), ErrorCode::not_found, "", "no blueprint.toml");
  expect_refused(folder.path() / "nowhere", ErrorCode::not_found, "", "no folder");
}

TEST(sources, a_file_in_the_place_of_a_folder_is_refused) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  expect_refused(folder.path() / "blueprint.toml", ErrorCode::invalid_input, "", "is not a folder");
  folder.write("events", "no folder");
  expect_refused(folder.path(), ErrorCode::invalid_input, "events", "is not a folder");
}

TEST(sources, a_name_that_fits_no_rule_is_refused_with_the_rule) {
  const std::vector<std::string> names = {
      "events/gold gained.v1.sql",
      "events/gold.gained.sql",
      "events/gold.gained.v0.sql",
      "events/gold.gained.v01.sql",
      "events/Gold.gained.v1.sql",
      "events/gold..gained.v1.sql",
      "events/gold.v1-v2.json",
      "events/gold.gained.v1.yaml",
      "events/gold.gained.v99999.sql",
      "commands/grant.txt",
      "commands/1grant.sql",
      "commands/größe.sql",
      "queries/players.sql~",
      "queries/a.b.sql",
      "queries/SELECT.SQL",
      "migrations/1_core.up.sql",
      "migrations/0001_core.sql",
      "migrations/0001.up.sql",
      "migrations/00001_a.up.sql",
      "migrations/0001_A.up.sql",
  };
  for (const std::string& name : names) {
    const TemporaryFolder folder;
    folder.write("blueprint.toml", "");
    folder.write(name, "");
    expect_refused(folder.path(), ErrorCode::invalid_input, name, "fits no rule");
  }
}

TEST(sources, a_name_that_is_not_utf8_is_refused_by_its_folder) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  folder.write("queries/\xFF.sql", "");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries", "not UTF-8");
}

TEST(sources, a_folder_below_a_folder_is_refused) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  fs::create_directories(folder.path() / "queries" / "more.sql");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/more.sql", "not a regular file");
}

TEST(sources, a_pipe_is_refused_and_not_waited_for) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  fs::create_directories(folder.path() / "queries");
  ASSERT_EQ(mkfifo((folder.path() / "queries" / "pipe.sql").c_str(), 0600), 0);
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/pipe.sql", "not a regular file");
}

TEST(sources, a_symbolic_link_may_not_leave_the_folder) {
  const TemporaryFolder outside;
  outside.write("secret.sql", "SELECT 1;");
  outside.write("events/x.v1.sql", "");
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  folder.write("queries/a.sql", "SELECT 1;");
  fs::create_symlink("a.sql", folder.path() / "queries" / "inside.sql");
  EXPECT_EQ(Sources::read(folder.path()).files.at("queries/inside.sql"), "SELECT 1;");
  fs::create_symlink(outside.path() / "secret.sql", folder.path() / "queries" / "out.sql");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/out.sql", "out of the folder");
  fs::remove(folder.path() / "queries" / "out.sql");
  fs::create_directory_symlink(outside.path() / "events", folder.path() / "events");
  expect_refused(folder.path(), ErrorCode::invalid_input, "events", "out of the folder");
  fs::remove(folder.path() / "events");
  fs::create_symlink("nothing", folder.path() / "queries" / "b.sql");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/b.sql", "link to nothing");
}

TEST(sources, a_folder_reached_by_a_symbolic_link_is_read) {
  const TemporaryFolder folder;
  folder.write("real/blueprint.toml", "");
  fs::create_directory_symlink("real", folder.path() / "link");
  EXPECT_EQ(Sources::read(folder.path() / "link").files.size(), 1U);
}

TEST(sources, a_file_that_is_too_large_is_refused_without_reading_it_whole) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  folder.write("queries/a.sql", std::string(file_bytes_max, ' '));
  EXPECT_EQ(Sources::read(folder.path()).files.size(), 2U);
  folder.write("queries/b.sql", std::string(10 * 1024 * 1024, ' '));
  expect_refused(folder.path(), ErrorCode::limit_exceeded, "queries/b.sql", "larger than 256 KiB");
}

TEST(sources, files_that_are_too_large_together_are_refused) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  for (int number = 0; number < 65; ++number) {
    folder.write("queries/q" + std::to_string(100 + number) + ".sql", std::string(file_bytes_max, ' '));
  }
  expect_refused(folder.path(), ErrorCode::limit_exceeded, "queries/q164.sql", "16 MiB");
}

TEST(sources, too_many_files_are_refused) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  for (int number = 0; number <= 10'000; ++number)
    folder.write("queries/q" + std::to_string(number) + ".sql", "");
  expect_refused(folder.path(), ErrorCode::limit_exceeded, "", "10,000 files");
}

TEST(sources, bytes_that_are_no_text_are_refused_with_their_place) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  folder.write("queries/a.sql", "SELECT 1;\r\nSELECT 'ä\xC3(';\n");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/a.sql:2:11", "not valid UTF-8");
  folder.write("queries/a.sql", std::string_view("SELECT\n1\0;", 10));
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/a.sql:2:2", "zero byte");
  folder.write("queries/a.sql", "\xEF\xBB\xBFSELECT 1;");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/a.sql:1:1", "byte order mark");
  folder.write("queries/a.sql",
               "\x7F"
               "ELF\x02\x01\x01\x80\xFF");
  expect_refused(folder.path(), ErrorCode::invalid_input, "queries/a.sql:1:8", "not valid UTF-8");
}

TEST(sources, a_file_that_may_not_be_read_is_denied) {
  const TemporaryFolder folder;
  folder.write("blueprint.toml", "");
  folder.write("queries/a.sql", "");
  const bool is_root = geteuid() == 0;
  // Root may read everything: drop to nobody for the time of the reading.
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder.path() / "queries", fs::perms::all);
  fs::permissions(folder.path() / "queries" / "a.sql", fs::perms::none);
  constexpr uid_t nobody = 65534;
  ASSERT_TRUE(!is_root || seteuid(nobody) == 0);
  expect_refused(folder.path(), ErrorCode::denied, "queries/a.sql", "can't read");
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
}

}  // namespace
}  // namespace reeve::blueprint
