// The verbs of secrets, tokens and lockout, as a shell runs them.

#include "cli/run_program.h"
#include "engine/connection.h"

#include <reeve/access.h>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace reeve::tests {
namespace {

bool has_echo(int terminal) {
  termios now{};
  return ::tcgetattr(terminal, &now) != 0 || (now.c_lflag & ECHO) != 0;
}

class access_verbs : public ::testing::Test {
 protected:
  access_verbs() { EXPECT_EQ(run({"secret", "keygen", "master.keys"}).exit_code, 0); }

  Result run(const std::vector<std::string>& arguments, const std::string& input = {}) {
    return reeve(folder_, arguments, input);
  }
  Result set(const std::string& name, const std::string& value) {
    return run({"secret", "set", "access.db", name, "--keys", "master.keys"}, value);
  }
  std::string get(const std::string& name) {
    return run({"secret", "get", "access.db", name, "--keys", "master.keys"}).out;
  }

  Folder folder_;
};

TEST_F(access_verbs, seal_a_secret_from_standard_input_list_rotate_and_erase_it) {
  const Result done = set("openai", "sk-123\n");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out.find("sk-123"), std::string::npos);
  EXPECT_EQ(get("openai"), "sk-123") << "the last newline is none of it";
  EXPECT_EQ(set("two lines", "a\nb\n\n").exit_code, 0);
  EXPECT_EQ(get("two lines"), "a\nb\n");
  const Result list = run({"secret", "list", "access.db", "--format", "json"});
  EXPECT_NE(list.out.find(R"("name":"openai","key_version":1)"), std::string::npos) << list.out;
  const Result rotated = run({"secret", "rotate", "access.db", "--keys", "master.keys", "--format", "json"});
  EXPECT_EQ(rotated.out,
            "{\"key_version\":2,\"resealed\":2,\"keys_erased\":1,\"rewrapped\":0,\"row_key_version\":null,"
            "\"left\":0,\"left_keys\":0,\"resumed\":false,\"stopped\":false}\n");
  EXPECT_EQ(run({"secret", "keygen", "master.keys"}).exit_code, 0);
  const Result wrapped =
      run({"secret", "rotate", "access.db", "--master", "--keys", "master.keys", "--format", "json"});
  EXPECT_NE(wrapped.out.find("\"rewrapped\":1"), std::string::npos) << wrapped.out;
  EXPECT_EQ(get("openai"), "sk-123");
  EXPECT_EQ(run({"secret", "erase", "access.db", "openai"}).exit_code, 0);
  EXPECT_EQ(run({"secret", "erase", "access.db", "openai"}).exit_code, 4);
  EXPECT_EQ(run({"secret", "get", "access.db", "openai", "--keys", "master.keys"}).exit_code, 4);
}

TEST_F(access_verbs, rotate_what_they_can_and_name_what_they_can_not) {
  EXPECT_EQ(set("damaged", "sk-1").exit_code, 0);
  EXPECT_EQ(set("openai", "sk-2").exit_code, 0);
  EXPECT_EQ(run({"secret", "keygen", "master.keys"}).exit_code, 0);
  engine::Connection::open((folder_.path() / "access.db").string(), engine::OpenMode::read_write)
      ->execute("UPDATE reeve_access_secrets SET sealed = x'00' WHERE name = 'damaged'");
  const Result rotated = run({"secret", "rotate", "access.db", "--keys", "master.keys", "--format", "json"});
  EXPECT_EQ(rotated.exit_code, 10);
  EXPECT_EQ(rotated.out,
            "{\"key_version\":2,\"resealed\":1,\"keys_erased\":0,\"rewrapped\":0,\"row_key_version\":null,"
            "\"left\":1,\"left_keys\":0,\"resumed\":false,\"stopped\":false}\n");
  EXPECT_NE(rotated.err.find("the secret damaged of the installation stays under data key 1: "),
            std::string::npos)
      << rotated.err;
  EXPECT_EQ(get("openai"), "sk-2");
  EXPECT_EQ(set("damaged", "sk-3").exit_code, 0);
  EXPECT_EQ(run({"secret", "rotate", "access.db", "--keys", "master.keys"}).exit_code, 0);
}

TEST_F(access_verbs, take_no_secret_as_an_argument_and_nothing_for_one) {
  EXPECT_EQ(run({"secret", "set", "access.db", "openai", "sk-123", "--keys", "master.keys"}).exit_code, 2);
  const Result nothing = set("openai", "");
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_NE(nothing.err.find("standard input"), std::string::npos);
  EXPECT_EQ(set("openai", std::string(65'537, 'x')).exit_code, 14);
}

TEST_F(access_verbs, say_what_is_missing_without_a_master_key) {
  EXPECT_EQ(set("openai", "sk-123").exit_code, 0);
  const Result without = run({"secret", "get", "access.db", "openai"});
  EXPECT_EQ(without.exit_code, 4);
  EXPECT_NE(without.err.find("master key 1 is missing in the variable REEVE_MASTER_KEYS"), std::string::npos);
  std::filesystem::permissions(folder_.path() / "master.keys", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const Result open = run({"secret", "get", "access.db", "openai", "--keys", "master.keys"});
  EXPECT_EQ(open.exit_code, 3);
  EXPECT_NE(open.err.find("chmod 600"), std::string::npos);
}

TEST_F(access_verbs, make_no_database_of_what_is_mistyped) {
  write_file(folder_.path() / "empty.db", "");
  for (const std::string place : {"nowhere.db", "empty.db"}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"secret", "list", place},
                                               {"secret", "get", place, "openai", "--keys", "master.keys"},
                                               {"secret", "rotate", place, "--keys", "master.keys"},
                                               {"secret", "erase", place, "openai"},
                                               {"token", "list", place},
                                               {"token", "revoke", place, "0"},
                                               {"lockout", "list", place},
                                               {"lockout", "clear", place, "ada"}}) {
      const Result found = run(arguments);
      EXPECT_EQ(found.exit_code, 4) << found.out << found.err;
      EXPECT_NE(found.err.find("there is no access database " + place), std::string::npos) << found.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "nowhere.db"));
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "empty.db"), 0U);
}

TEST_F(access_verbs, advise_to_change_the_rights_of_nothing_but_their_own_files) {
  EXPECT_EQ(run({"new", "book"}).exit_code, 0);
  EXPECT_EQ(run({"init", "other.db", "--blueprint", "book"}).exit_code, 0);
  std::filesystem::permissions(folder_.path() / "other.db", std::filesystem::perms(0644));
  write_file(folder_.path() / "notes.txt", "notes");
  for (const std::string place : {".", "/dev/null", "other.db", "notes.txt"}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"token", "list", place},
                                               {"secret", "list", place},
                                               {"secret", "set", place, "openai", "--keys", "master.keys"},
                                               {"secret", "set", "access.db", "openai", "--keys", place},
                                               {"forget", "other.db", "ada", "--keys", place},
                                               {"sign", "other.db", "--key", place}}) {
      const Result refused = run(arguments, "value");
      EXPECT_NE(refused.exit_code, 0) << refused.out;
      EXPECT_NE(refused.exit_code, 3) << refused.err;
      EXPECT_EQ(refused.err.find("chmod"), std::string::npos) << refused.err;
    }
  }
  EXPECT_EQ(read_file(folder_.path() / "notes.txt"), "notes");
  EXPECT_EQ(set("openai", "sk-123").exit_code, 0);
  std::filesystem::permissions(folder_.path() / "access.db", std::filesystem::perms(0644));
  const Result open = run({"token", "list", "access.db"});
  EXPECT_EQ(open.exit_code, 3) << open.err;
  EXPECT_NE(open.err.find("chmod 600 "), std::string::npos) << open.err;
  EXPECT_EQ(run({"keygen", "other.db", "book.key"}).exit_code, 0);
  std::filesystem::permissions(folder_.path() / "book.key", std::filesystem::perms(0644));
  const Result signing = run({"sign", "other.db", "--key", "book.key"});
  EXPECT_EQ(signing.exit_code, 3) << signing.err;
  EXPECT_NE(signing.err.find("chmod 600 book.key"), std::string::npos) << signing.err;
}

TEST_F(access_verbs, make_a_token_that_is_shown_once_and_check_it) {
  const Result made = run({"token", "create", "access.db", "--ledger", "ann,org/*", "--verb", "read,write",
                           "--label", "a phone", "--days", "2"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(made.out.size(), 81U) << made.out;
  const std::string id = made.out.substr(4, 16);
  EXPECT_EQ(
      run({"token", "check", "access.db", "--ledger", "ann", "--verb", "read,write"}, made.out).exit_code, 0);
  const Result other =
      run({"token", "check", "access.db", "--ledger", "bob", "--verb", "read", "--format", "json"}, made.out);
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_EQ(other.out,
            "{\"id\":\"" + id +
                "\",\"ledger\":\"bob\",\"verb\":\"read\",\"allowed\":false,\"reason\":\"ledger\"}\n");
  const Result list = run({"token", "list", "access.db", "--format", "csv"});
  EXPECT_NE(list.out.find(id + ",a phone,valid,ann org/*,read write,"), std::string::npos) << list.out;
  EXPECT_EQ(list.out.find(made.out.substr(21, 52)), std::string::npos);
  EXPECT_EQ(run({"token", "revoke", "access.db", id}).exit_code, 0);
  EXPECT_EQ(run({"token", "revoke", "access.db", id}).exit_code, 4);
  const Result revoked = run({"token", "check", "access.db", "--ledger", "ann", "--verb", "read"}, made.out);
  EXPECT_EQ(revoked.exit_code, 3);
  EXPECT_NE(revoked.out.find("revoked"), std::string::npos);
}

TEST_F(access_verbs, refuse_tokens_that_are_for_nothing_or_have_ended) {
  EXPECT_EQ(run({"token", "create", "access.db", "--ledger", "ann", "--verb", "execute"}).exit_code, 2);
  EXPECT_EQ(run({"token", "create", "access.db", "--verb", "read"}).exit_code, 2);
  EXPECT_EQ(run({"token", "create", "access.db", "--ledger", "ann", "--verb", "read", "--expires",
                 "2001-01-01T00:00:00Z"})
                .exit_code,
            2);
  EXPECT_EQ(run({"token", "create", "access.db", "--ledger", "ann", "--verb", "read", "--expires", "soon"})
                .exit_code,
            2);
}

TEST_F(access_verbs, show_who_is_locked_out_and_let_them_try_again) {
  {
    Access access =
        Access::open((folder_.path() / "access.db").string(), {.passwords = {.passes = 1, .memory_kib = 64}});
    for (int i = 0; i < 5; ++i) access.sign_in("ann", "wrong", "192.0.2.1");
  }
  const Result list = run({"lockout", "list", "access.db", "--format", "csv"});
  EXPECT_NE(list.out.find("subject,ann,5,"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("source,192.0.2.1,5,"), std::string::npos) << list.out;
  EXPECT_EQ(run({"lockout", "clear", "access.db"}).exit_code, 2);
  EXPECT_EQ(run({"lockout", "clear", "access.db", "ann"}).exit_code, 0);
  EXPECT_EQ(run({"lockout", "clear", "access.db", "ann"}).exit_code, 4);
  EXPECT_EQ(run({"lockout", "clear", "access.db", "--source", "192.0.2.1"}).exit_code, 0);
}

/// A terminal shows what is typed, unless it is told not to.
TEST_F(access_verbs, ask_on_a_terminal_and_show_nothing_of_what_is_typed) {
  const std::string program =
      (std::filesystem::absolute(std::getenv("REEVE_BUILD_DIR") != nullptr ? std::getenv("REEVE_BUILD_DIR")
                                                                           : "build") /
       "reeve")
          .string();
  const std::string place = folder_.path().string();
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    if (::chdir(place.c_str()) != 0) ::_exit(126);
    ::execl(program.c_str(), "reeve", "secret", "set", "access.db", "typed", "--keys", "master.keys",
            nullptr);
    ::_exit(127);
  }
  std::string shown;
  bool is_answered = false;
  char bytes[512];
  for (ssize_t size = 0; (size = ::read(terminal, bytes, sizeof bytes)) > 0;) {
    shown.append(bytes, static_cast<std::size_t>(size));
    if (!is_answered && shown.find("value of typed: ") != std::string::npos) {
      is_answered = true;
      // The echo is turned off behind the prompt; what comes before that is thrown away.
      for (int attempt = 0; attempt < 1000 && has_echo(terminal); ++attempt) ::usleep(1000);
      EXPECT_EQ(::write(terminal, "what-is-typed\n", 14), 14);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  EXPECT_EQ(WEXITSTATUS(status), 0) << shown;
  EXPECT_EQ(shown.find("what-is-typed"), std::string::npos) << shown;
  EXPECT_EQ(get("typed"), "what-is-typed");
}

}  // namespace
}  // namespace reeve::tests
