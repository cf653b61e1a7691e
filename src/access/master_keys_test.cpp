#include "access/master_keys.h"

#include "base/clock.h"
#include "state/vault_test.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace reeve::access {
namespace {

class master_keys : public ::testing::Test {
 protected:
  master_keys() : file_(workshop_.path("master.keys")) {}

  template <typename Work>
  static Error error_of(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::internal, ""};
  }

  testing::Workshop workshop_;
  std::string file_;
};

TEST_F(master_keys, are_made_in_a_file_that_its_owner_alone_may_read) {
  EXPECT_EQ(add_master_key(file_, system_random()), 1U);
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(add_master_key(file_, system_random()), 2U);
  MasterKeys keys(file_, "");
  EXPECT_EQ(keys.newest().first, 2U);
  EXPECT_NE(keys.find(1)->text(), keys.find(2)->text());
  EXPECT_EQ(keys.find(1)->size(), 32U);
}

TEST_F(master_keys, of_a_file_on_which_others_have_rights_are_refused) {
  add_master_key(file_, system_random());
  for (const auto others : {std::filesystem::perms::group_read, std::filesystem::perms::others_read,
                            std::filesystem::perms::group_write, std::filesystem::perms::others_exec}) {
    std::filesystem::permissions(file_, std::filesystem::perms::owner_read | others);
    MasterKeys keys(file_, "");
    const Error error = error_of([&] { keys.newest(); });
    EXPECT_EQ(error.code(), ErrorCode::denied);
    EXPECT_NE(error.remedy().find("chmod 600"), std::string::npos);
  }
}

TEST_F(master_keys, that_are_missing_are_named_by_their_version) {
  add_master_key(file_, system_random());
  MasterKeys keys(file_, "");
  const Error error = error_of([&] { keys.find(3); });
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_EQ(error.message(), "master key 3 is missing in " + file_);
  MasterKeys none(workshop_.path("nowhere"), "");
  EXPECT_EQ(error_of([&] { none.newest(); }).code(), ErrorCode::not_found);
}

TEST_F(master_keys, that_are_added_are_found_by_who_has_read_the_file_before) {
  add_master_key(file_, system_random());
  MasterKeys keys(file_, "");
  EXPECT_EQ(keys.newest().first, 1U);
  add_master_key(file_, system_random());
  EXPECT_EQ(keys.find(2)->size(), 32U);
}

TEST_F(master_keys, of_other_forms_are_refused_and_not_repeated) {
  const std::string key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  EXPECT_EQ(parse_master_keys("# a comment\n\n2:" + key + "\r\n", "it").size(), 1U);
  EXPECT_EQ(parse_master_keys("1:" + key + ",2:" + key, "it").size(), 2U);
  for (const std::string& text :
       {key, "0:" + key, "-1:" + key, "1:" + key.substr(4), "1" + key, "4294967296:" + key,
        "1:" + key + "\n1:" + key, std::string("1:"), "x:" + key, "1 :" + key}) {
    const Error error = error_of([&] { parse_master_keys(text, "it"); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_input) << text;
    EXPECT_EQ(std::string(error.what()).find("AwQF"), std::string::npos) << error.what();
  }
}

TEST_F(master_keys, come_from_a_variable_without_a_file) {
  ::setenv("REEVE_TEST_MASTER_KEYS", "4:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
  MasterKeys keys("", "REEVE_TEST_MASTER_KEYS");
  EXPECT_EQ(keys.newest().first, 4U);
  const Error error = error_of([&] { keys.find(1); });
  EXPECT_EQ(error.message(), "master key 1 is missing in the variable REEVE_TEST_MASTER_KEYS");
  ::unsetenv("REEVE_TEST_MASTER_KEYS");
}

}  // namespace
}  // namespace reeve::access
