// Keys of services in rows of an application, WhispyrKeep: configured sealed, sealed anew by its command when the keys change.

#include "base/base64.h"
#include "installation.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

constexpr const char* user = "10000000-0000-4000-8000-000000000001";

class rekey : public Installation {
 protected:
  rekey()
      : ledger_(
            Ledger::create(workshop_.path("account.db"), project_file("blueprints/whispyrkeep").string())) {
    give(
        "register_user",
        fmt::format(
            R"({{"user_id":"{}","email":"wren@keep.example","password_hash":"$argon2id$x","display_name":"Wren"}})",
            user));
  }

  void give(const std::string& command, const std::string& parameters) {
    ASSERT_EQ(reason_of(ledger_.command(command, parameters)), "");
  }
  static std::string config_of(int number) { return fmt::format("11000000-0000-4000-8000-{:012}", number); }
  /// What the sealed bytes are bound to: the ledger, the row and the column.
  static SecretName name_of_key(const std::string& config) {
    return {.ledger = "wren", .name = "llm_endpoint_configs/" + config + "/api_key_encrypted"};
  }
  void configure(Access& access, int number, const std::string& key) {
    const SealedSecret sealed = access.seal(name_of_key(config_of(number)), key);
    give("configure_endpoint",
         fmt::format(
             R"({{"config_id":"{}","user_id":"{}","provider_name":"local","base_url":"http://127.0.0.1/v1",)"
             R"("api_key_encrypted":"{}","key_version":{},"default_model":"narrator"}})",
             config_of(number), user, to_base64(sealed.bytes), sealed.key_version));
  }
  std::string key_of(Access& access, int number) {
    const std::string config = config_of(number);
    Rows rows = ledger_.query("key_of_endpoint", fmt::format(R"({{"config_id":"{}"}})", config));
    EXPECT_TRUE(rows.next());
    return std::string(access.unseal(name_of_key(config), text_of(rows, 3)).text());
  }
  /// Seals anew, by commands, what has a key before `version`; how many.
  int rekey_all(Access& access, std::uint32_t version) {
    std::vector<std::pair<std::string, std::string>> old;
    Rows rows = ledger_.query("endpoints_to_rekey",
                              fmt::format(R"({{"user_id":"{}","key_version":{}}})", user, version));
    while (rows.next()) old.emplace_back(text_of(rows, 0), text_of(rows, 1));
    for (const auto& [config, bytes] : old) {
      const auto sealed = access.reseal(name_of_key(config), bytes);
      EXPECT_TRUE(sealed);
      give("rekey_endpoint", fmt::format(R"({{"config_id":"{}","api_key_encrypted":"{}","key_version":{}}})",
                                         config, to_base64(sealed->bytes), sealed->key_version));
    }
    return static_cast<int>(old.size());
  }

  Ledger ledger_;

 private:
  static std::string text_of(const Rows& rows, std::size_t column) {
    return std::string(rows.at(column).text());
  }
};

INSTANTIATE_TEST_SUITE_P(engines, rekey, ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres),
                         name_of);

TEST_P(rekey, keeps_the_keys_of_an_application_open_and_closes_those_of_before_for_good) {
  Access access = open();
  for (int i = 1; i <= 3; ++i) configure(access, i, fmt::format("sk-{}", i));
  EXPECT_EQ(key_of(access, 2), "sk-2");

  const RotationReport report = access.rotate({.secrets = false, .rows = true});
  configure(access, 4, "sk-4");
  EXPECT_EQ(rekey_all(access, report.row_key_version), 3) << "the fourth has the new key";
  EXPECT_EQ(rekey_all(access, report.row_key_version), 0);
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(key_of(access, i), fmt::format("sk-{}", i));

  // The journal has the bytes of before, and nobody opens them any more.
  EXPECT_TRUE(access.forget_row_key(report.row_key_version - 1));
  Access later = open();
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(key_of(later, i), fmt::format("sk-{}", i));
  expect_equal(workshop_.path("account.db"));
}

}  // namespace
}  // namespace reeve::testing
