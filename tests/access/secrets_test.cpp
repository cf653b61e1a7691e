// Secrets by name, and sealed bytes in rows of applications.

#include "installation.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace reeve::testing {
namespace {

class secrets : public Installation {};

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(engines, secrets,
                         ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres), name_of);

TEST_P(secrets, are_set_found_listed_and_erased_by_ledger_and_name) {
  Access access = open();
  EXPECT_FALSE(access.find_secret({"ann", "openai"}));
  access.set_secret({"ann", "openai"}, "sk-ann");
  access.set_secret({"bob", "openai"}, "sk-bob");
  access.set_secret({"", "webhook"}, std::string_view("\0\xff", 2));
  access.set_secret({"ann", "openai"}, "sk-ann-2");
  EXPECT_EQ(access.find_secret({"ann", "openai"})->text(), "sk-ann-2");
  EXPECT_EQ(access.find_secret({"bob", "openai"})->text(), "sk-bob");
  EXPECT_EQ(access.find_secret({"", "webhook"})->text(), std::string_view("\0\xff", 2));
  EXPECT_FALSE(access.find_secret({"", "openai"}));
  ASSERT_EQ(access.list_secrets().size(), 3U);
  EXPECT_EQ(access.list_secrets()[0].name.name, "webhook");
  ASSERT_EQ(access.list_secrets("ann").size(), 1U);
  EXPECT_EQ(access.list_secrets("ann")[0].key_version, 1U);
  EXPECT_TRUE(access.erase_secret({"ann", "openai"}));
  EXPECT_FALSE(access.erase_secret({"ann", "openai"}));
  EXPECT_FALSE(access.find_secret({"ann", "openai"}));
  Access again = open();
  EXPECT_EQ(again.find_secret({"bob", "openai"})->text(), "sk-bob");
}

TEST_P(secrets, are_refused_without_a_name_a_value_or_within_their_bounds) {
  Access access = open();
  for (const SecretName& name : std::vector<SecretName>{
           {"", ""}, {"", "a\nb"}, {"a\x01", "b"}, {"", std::string(201, 'x')}, {"", "\xff"}}) {
    EXPECT_EQ(error_of([&] { access.set_secret(name, "value"); }).code(), ErrorCode::invalid_input);
  }
  EXPECT_EQ(error_of([&] { access.set_secret({"", "a"}, ""); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] {
              access.set_secret({"", "a"}, std::string(65'537, 'x'));
            }).code(),
            ErrorCode::limit_exceeded);
  access.set_secret({"", "a"}, std::string(65'536, 'x'));
  EXPECT_EQ(access.find_secret({"", "a"})->size(), 65'536U);
}

TEST_P(secrets, that_were_moved_to_another_name_or_ledger_or_changed_are_refused) {
  Access access = open();
  access.set_secret({"ann", "openai"}, "sk-ann");
  access.set_secret({"eve", "openai"}, "sk-eve");
  meddle(
      "UPDATE reeve_access_secrets SET sealed = (SELECT sealed FROM reeve_access_secrets WHERE ledger = "
      "'ann') WHERE ledger = 'eve'");
  const Error moved = error_of([&] { access.find_secret({"eve", "openai"}); });
  EXPECT_EQ(moved.code(), ErrorCode::corrupt);
  EXPECT_NE(moved.message().find("eve openai"), std::string::npos);
  meddle("UPDATE reeve_access_secrets SET name = 'other' WHERE ledger = 'ann'");
  EXPECT_EQ(error_of([&] { access.find_secret({"ann", "other"}); }).code(), ErrorCode::corrupt);
}

TEST_P(secrets, say_which_master_key_is_missing_or_another) {
  {
    Access access = open();
    access.set_secret({"", "a"}, "value");
  }
  std::filesystem::remove(key_file_);
  Access without = open();
  const Error missing = error_of([&] { without.find_secret({"", "a"}); });
  EXPECT_EQ(missing.code(), ErrorCode::not_found);
  EXPECT_EQ(missing.message(), "master key 1 is missing in " + key_file_);
  EXPECT_EQ(without.list_secrets().size(), 1U) << "what opens nothing needs no key";
  access::add_master_key(key_file_, system_random());
  Access with_another = open();
  const Error another = error_of([&] { with_another.find_secret({"", "a"}); });
  EXPECT_EQ(another.code(), ErrorCode::corrupt);
  EXPECT_NE(another.message().find("master key 1"), std::string::npos);
}

TEST_P(secrets, in_rows_of_an_application_open_under_their_name_and_are_sealed_anew_by_its_command) {
  Access access = open();
  const SecretName name{"ann", "users/42/api_key"};
  const SealedSecret sealed = access.seal(name, "sk-row");
  EXPECT_EQ(access.unseal(name, sealed.bytes).text(), "sk-row");
  EXPECT_EQ(error_of([&] {
              access.unseal({"ann", "users/43/api_key"}, sealed.bytes);
            }).code(),
            ErrorCode::corrupt);
  EXPECT_EQ(error_of([&] { access.unseal(name, sealed.bytes.substr(0, 40)); }).code(), ErrorCode::corrupt);
  EXPECT_FALSE(access.reseal(name, sealed.bytes)) << "it has the newest key";

  const RotationReport report = access.rotate({.secrets = false, .rows = true});
  EXPECT_GT(report.row_key_version, sealed.key_version);
  EXPECT_EQ(access.unseal(name, sealed.bytes).text(), "sk-row") << "rows that are not sealed anew yet go on";
  const auto anew = access.reseal(name, sealed.bytes);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->key_version, report.row_key_version);
  EXPECT_EQ(access.unseal(name, anew->bytes).text(), "sk-row");

  EXPECT_FALSE(access.forget_row_key(anew->key_version)) << "the newest stays";
  EXPECT_TRUE(access.forget_row_key(sealed.key_version));
  Access again = open();
  const Error gone = error_of([&] { again.unseal(name, sealed.bytes); });
  EXPECT_EQ(gone.code(), ErrorCode::not_found);
  EXPECT_NE(gone.message().find("data key 1"), std::string::npos) << gone.what();
}

TEST(access_file, is_made_for_its_owner_alone_and_refused_when_others_may_read_it) {
  const Workshop workshop;
  const std::string file = workshop.path("access.db");
  { Access::open(file); }
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  std::filesystem::permissions(file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  try {
    Access::open(file);
    ADD_FAILURE() << "it opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::denied);
  }
}

std::int64_t number_in(const std::string& file, const char* sql) {
  return std::get<std::int64_t>(*engine::Connection::open(file, engine::OpenMode::read_only)->value(sql));
}

/// Written by the first version of this format, with this master key.
TEST(access_file, of_format_1_opens) {
  const Workshop workshop;
  const std::string file = workshop.path("access.db");
  const std::string keys = workshop.path("master.keys");
  std::filesystem::copy_file(project_file("tests/data/access_format_1.db"), file);
  workshop.write("master.keys", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
  for (const std::string& one : {file, keys}) ASSERT_EQ(::chmod(one.c_str(), 0600), 0);
  Access access = Access::open(file, {.master_key_file = keys});
  EXPECT_EQ(access.find_secret({"", "webhook"})->text(), "whsec-of-before");
  EXPECT_EQ(access.find_secret({"ann", "openai"})->text(), "sk-of-before");
  EXPECT_EQ(access.find_secret({"", "later"})->text(), "with the second key");
  const std::string row = bytes_of_hex(
      "0102000000af4b060dd8c49fde0282451041a23967f68d82fd48a16e0e071d0e6f19b34f29002d88b83a948396fd0d662a50"
      "e3e6ac6ad45aa7b6");
  EXPECT_EQ(access.unseal({"ann", "users/42/api_key"}, row).text(), "row-of-before");
  EXPECT_EQ(access.rotate().resealed, 3);
  const char* const token =
      "rvk_2lkn5zodahum5iua_6vgivvjomd2rrfkosenoqjypevqpebo5crixqhpii6sobyr5gltqcpfphcq";
  EXPECT_TRUE(access.authorize(token, "org/7", Verb::work).allowed());
  EXPECT_EQ(access.authorize(token, "bob", Verb::work).reason, Authorization::Reason::ledger);
  EXPECT_TRUE(access.sign_in("ann", "caf\u00e9 of before").accepted());
  EXPECT_EQ(number_in(file, "SELECT sum(failures) FROM reeve_access_failures WHERE name = 'bob'"), 3);
}

TEST(access_file, is_no_other_database) {
  const Workshop workshop;
  const std::string file = workshop.path("other.db");
  engine::Connection::open(file, engine::OpenMode::create)->execute("CREATE TABLE mine (a INTEGER)");
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  try {
    Access::open(file);
    ADD_FAILURE() << "it opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_input);
  }
}

}  // namespace
}  // namespace reeve::testing
