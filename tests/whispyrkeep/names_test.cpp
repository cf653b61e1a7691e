// One e-mail address, one account: over all files of a folder, and over all ledgers of a schema.

#include "keep_ledgers.h"

#include "whispyrkeep/keep.h"

#include <reeve/names.h>

namespace reeve::testing {
namespace {

using whispyrkeep::Keep;

/// An account that is used as a program uses it.
struct Account {
  explicit Account(const std::string& url)
      : ledger(Ledger::open(url)), names(Names::open(url)), keep(ledger, {.names = &names}) {}
  std::string register_user(const std::string& email, const std::string& id = user_id) {
    return reason_of(keep.register_user(json{
        {"user_id", id}, {"email", email}, {"password_hash", "$argon2id$x"}, {"display_name", "Somebody"}}
                                            .dump()));
  }
  std::string change_email(const std::string& email) {
    return reason_of(keep.change_user(json{{"user_id", user_id}, {"email", email}}.dump()));
  }
  std::string email() {
    const json account = rows_of(ledger, "account", json::object());
    return account.empty() ? "" : account[0]["email"].get<std::string>();
  }

  Ledger ledger;
  Names names;
  Keep keep;
};

class keep_names : public KeepLedgers {};

TEST_F(keep_names, give_an_email_address_to_one_account_in_whatever_case_on_both_engines) {
  open("wren_account");
  const std::string wren_file = file_;
  open("rook_account");
  for (const auto& [wren_url, rook_url] :
       {std::pair(wren_file, file_),
        std::pair(accounts().application("wren_account"), accounts().application("rook_account"))}) {
    Account wren(wren_url);
    Account rook(rook_url);
    EXPECT_EQ(wren.register_user("Wren@Keep.example"), "");
    EXPECT_EQ(rook.register_user("wren@keep.EXAMPLE"), "the email is taken");
    EXPECT_EQ(rook.email(), "");
    EXPECT_EQ(rook.register_user("rook@keep.example"), "");
    EXPECT_EQ(rook.change_email("WREN@keep.example"), "the email is taken");
    EXPECT_EQ(rook.email(), "rook@keep.example");
    // A change gives the old one back; what the ledger refuses leaves all as it was.
    EXPECT_EQ(wren.change_email("crow@keep.example"), "");
    EXPECT_EQ(rook.change_email("wren@keep.example"), "");
    EXPECT_EQ(wren.change_email("rook@keep.example"), "");
    EXPECT_NE(wren.register_user("raven@keep.example"), "");
    EXPECT_NE(wren.change_email("no address"), "");
    EXPECT_EQ(wren.names.list().size(), 1U);
    EXPECT_EQ(rook.change_email("raven@keep.example"), "");
    // What changes no address asks nobody.
    EXPECT_EQ(reason_of(wren.keep.change_user(json{{"user_id", user_id}, {"display_name", "W"}}.dump())), "");
    // A process that died before it confirmed, and the next one.
    EXPECT_EQ(wren.names.reserve("email", "owl@keep.example"), NameState::reserved);
    ASSERT_TRUE(
        wren.ledger.command("change_user", json{{"user_id", user_id}, {"email", "owl@keep.example"}}.dump()));
    EXPECT_EQ(wren.keep.settle_email().confirmed, 1);
    EXPECT_EQ(rook.change_email("OWL@keep.example"), "the email is taken");
    EXPECT_EQ(rook.change_email("rook@keep.example"), "");
    // Who leaves leaves the address.
    EXPECT_EQ(reason_of(wren.keep.delete_user(json{{"user_id", user_id}}.dump())), "");
    EXPECT_EQ(rook.change_email("owl@keep.example"), "");
  }
}

}  // namespace
}  // namespace reeve::testing
