// Secrets are looked for in all that an installation leaves: databases with their logs and dumps, the server's log with the parameters of
// every statement, errors, and what the command line writes.

#include "canary.h"
#include "cli/run_program.h"
#include "installation.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace reeve::testing {
namespace {

Secret canary() {
  Secret random(24);
  system_random().fill(random.bytes());
  return secret_to_base64(random);
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  std::ostringstream content;
  content << input.rdbuf();
  return content.str();
}

class canaries : public ::testing::Test {
 protected:
  void expect_nowhere(const std::string& where, const std::string& content) const {
    for (const auto& [what, forms] : forms_) {
      for (std::size_t form = 0; form < forms.size(); ++form) {
        EXPECT_EQ(::memmem(content.data(), content.size(), forms[form].bytes().data(), forms[form].size()),
                  nullptr)
            << what << " is in " << where << ", in form " << form;
      }
    }
  }
  std::size_t expect_in_no_file(const std::filesystem::path& folder) const {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "master.keys") continue;
      expect_nowhere(entry.path().string(), content_of(entry.path()));
      ++files;
    }
    return files;
  }
  void look_for(const std::string& what, const Secret& secret) {
    forms_.emplace(what, forms_of(secret.text()));
  }

  /// All that an application does with secrets, and a ledger with a sealed one in its rows.
  void use(Access& access, const std::string& key_file) {
    const Secret value = canary();
    const Secret password = canary();
    look_for("the secret", value);
    look_for("the password", password);
    look_for("the master key", *access::MasterKeys(key_file, "").find(1));
    access.set_secret({"ann", "openai"}, value.text());
    ASSERT_TRUE(access.find_secret({"ann", "openai"}));
    const SealedSecret sealed = access.seal({"ann", "accounts/a/token"}, value.text());
    access.rotate({.batch = 1});
    const CreatedToken token = access.create_token({.ledgers = {"ann"}, .verbs = {Verb::read}});
    look_for("the token", Secret::copy_of(token.text.text().substr(21, 52)));
    ASSERT_TRUE(access.authorize(token.text.text(), "ann", Verb::read).allowed());
    access.set_password("ann", password.text());
    ASSERT_TRUE(access.sign_in("ann", password.text()).accepted());
    keep_in_a_ledger(sealed);
    refuse_everything(access, value, password, token.text, sealed);
  }

  Workshop workshop_;

 private:
  void keep_in_a_ledger(const SealedSecret& sealed) {
    Ledger ledger = Ledger::create(workshop_.path("ledger.db"), workshop_.blueprint(vault_sources()));
    ASSERT_TRUE(ledger.commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})").accepted());
    const Secret text = secret_to_base64(Secret::copy_of(sealed.bytes));
    ASSERT_TRUE(
        ledger
            .commit("account.opened",
                    fmt::format(
                        R"({{"account_id":"a","owner_id":"ann","notes":{{"api_key":"{}","version":{}}}}})",
                        text.text(), sealed.key_version))
            .accepted());
  }

  void refuse_everything(Access& access, const Secret& value, const Secret& password, const Secret& token,
                         const SealedSecret& sealed) {
    const auto refused = [&](const char* what, auto&& work) {
      try {
        work();
        ADD_FAILURE() << what << " was not refused";
      } catch (const Error& error) {
        expect_nowhere(std::string("the error of ") + what,
                       std::string(error.what()) + error.message() + error.remedy());
      }
    };
    const std::string longer(value.text());
    refused("a value that is too long", [&] {
      std::string much;
      while (much.size() <= 65'536) much += longer;
      access.set_secret({"ann", "much"}, much);
    });
    refused("another name", [&] { access.unseal({"ann", "accounts/b/token"}, sealed.bytes); });
    refused("bytes that were never sealed", [&] { access.unseal({"ann", "x"}, value.text()); });
    refused("a password that is too long", [&] {
      std::string much;
      while (much.size() <= 1'024) much += password.text();
      access.set_password("ann", much);
    });
    refused("a password against a broken hash",
            [&] { static_cast<void>(access.check_password(password.text(), value.text())); });
    const Authorization said = access.authorize(std::string(token.text()) + "x", "ann", Verb::read);
    expect_nowhere("an authorization",
                   said.token_id + std::string(name_of(said.reason)) + Authorization::to_error().what());
  }

  std::map<std::string, std::vector<Secret>> forms_;
};

TEST_F(canaries, are_found_where_they_are) {
  const Secret secret = canary();
  for (const Secret& form : forms_of(secret.text())) EXPECT_GT(form.size(), 20U);
  const Secret in_base64 = secret_to_base64(Secret::copy_of("x" + std::string(secret.text())));
  int found = 0;
  for (const Secret& form : forms_of(secret.text())) {
    found += in_base64.text().find(form.text()) != std::string_view::npos ? 1 : 0;
  }
  EXPECT_GE(found, 1);
}

TEST_F(canaries, are_in_no_file_log_dump_or_error_on_sqlite) {
  const std::string keys = workshop_.path("master.keys");
  access::add_master_key(keys, system_random());
  Access access = Access::open(workshop_.path("access.db"), {.master_key_file = keys});
  use(access, keys);
  EXPECT_GE(expect_in_no_file(workshop_.folder()), 3U)
      << "with the logs beside them: nobody has closed the databases";
  const tests::Folder folder;
  const tests::Result dump = tests::shell(folder, "sqlite3 " + workshop_.path("access.db") + " .dump");
  EXPECT_NE(dump.out.find("reeve_access_secrets"), std::string::npos) << dump.err;
  expect_nowhere("the dump", dump.out);
  const tests::Result exported = tests::reeve(folder, {"export", workshop_.path("ledger.db")});
  EXPECT_NE(exported.out.find("api_key"), std::string::npos) << exported.err;
  expect_nowhere("the export of the journal", exported.out);
}

TEST_F(canaries, are_in_no_file_log_dump_or_error_on_postgresql) {
  PostgresServer server(
      {.settings = {"log_statement=all", "log_min_duration_statement=0", "log_parameter_max_length=-1",
                    "log_parameter_max_length_on_error=-1"}});
  const std::string url = server.create_database("canaries");
  const std::string keys = workshop_.path("master.keys");
  access::add_master_key(keys, system_random());
  Access access = Access::open(url, {.master_key_file = keys});
  use(access, keys);
  const tests::Folder folder;
  const tests::Result dump = tests::shell(folder, "/usr/lib/postgresql/15/bin/pg_dump '" + url + "'");
  EXPECT_NE(dump.out.find("reeve_access_secrets"), std::string::npos) << dump.err;
  expect_nowhere("the dump", dump.out);
  server.stop();
  EXPECT_NE(content_of(server.folder() / "log").find("reeve_access_secrets"), std::string::npos)
      << "it logs every statement";
  EXPECT_GT(expect_in_no_file(server.folder()), 100U);
}

TEST_F(canaries, are_in_nothing_that_the_command_line_writes) {
  const Secret value = canary();
  look_for("the secret", value);
  const tests::Folder folder;
  const std::string text(value.text());
  std::string written;
  const auto run = [&](const std::vector<std::string>& arguments, const std::string& input = {}) {
    for (const bool as_json : {false, true}) {
      std::vector<std::string> given = arguments;
      if (as_json) given.insert(given.end(), {"--format", "json"});
      const tests::Result result = tests::reeve(folder, given, input);
      written += result.out + result.err;
    }
  };
  run({"secret", "keygen", "master.keys"});
  run({"secret", "set", "access.db", "openai", "--keys", "master.keys"}, text);
  run({"secret", "set", "access.db", "", "--keys", "master.keys"}, text);
  run({"secret", "set", "access.db", "openai", "--keys", "nowhere"}, text);
  run({"secret", "set", "nowhere/access.db", "openai", "--keys", "master.keys"}, text);
  run({"secret", "set", "access.db", "openai"}, text);
  run({"secret", "list", "access.db"});
  run({"secret", "rotate", "access.db", "--keys", "master.keys"});
  run({"token", "check", "access.db", "--ledger", "ann", "--verb", "read"}, text);
  tests::write_file(folder.path() / "bad.keys", "1:" + text + "\n");
  std::filesystem::permissions(folder.path() / "bad.keys", std::filesystem::perms::owner_read);
  run({"secret", "get", "access.db", "openai", "--keys", "bad.keys"});
  EXPECT_NE(written.find("bad.keys"), std::string::npos);
  expect_nowhere("what was written", written);
}

}  // namespace
}  // namespace reeve::testing
