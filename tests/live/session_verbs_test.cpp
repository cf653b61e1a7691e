// `reeve session` on every store that others share.

#include "cli/run_program.h"
#include "live/stores_test.h"

#include <reeve/sessions.h>

#include <gmock/gmock.h>

namespace reeve::tests {
namespace {

using ::testing::HasSubstr;

/// By the system's clock, which is the command's.
class session_verbs : public live::StoreTest {
 protected:
  session_verbs() : shared(live::open_store(url)), sessions(*shared) {}
  std::unique_ptr<live::Store> shared;
  Sessions sessions;
  Folder place;
};
INSTANTIATE_TEST_SUITE_P(on, session_verbs, ::testing::Values("sqlite", "postgres", "redis"),
                         live::name_of_kind);

TEST_P(session_verbs, list_and_revoke) {
  const CreatedSession one = sessions.create("ada", "acme");
  sessions.create("ada", "acme");
  const CreatedSession eve = sessions.create("eve\n\xFF");
  const Result listed =
      reeve(place, {"session", "list", url, "--user", "ada", "--ledger", "acme", "--format", "csv"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("id,user,ledger,created,last_seen,ends"));
  EXPECT_THAT(listed.out, HasSubstr(one.session.id + ",ada,acme,"));
  EXPECT_THAT(listed.out, ::testing::Not(HasSubstr(one.token.substr(33))));
  EXPECT_EQ(std::count(listed.out.begin(), listed.out.end(), '\n'), 3);
  EXPECT_THAT(reeve(place, {"session", "list", url, "--format", "json"}).out, HasSubstr(eve.session.id));

  EXPECT_EQ(reeve(place, {"session", "revoke", url, one.session.id}).exit_code, 0);
  EXPECT_FALSE(sessions.find(one.token));
  EXPECT_EQ(reeve(place, {"session", "revoke", url, one.session.id}).exit_code, 4);
  EXPECT_THAT(
      reeve(place, {"session", "revoke", url, "--user", "ada", "--ledger", "acme", "--format", "csv"}).out,
      HasSubstr("revoked\r\n1"));
  EXPECT_TRUE(sessions.find(eve.token));
  EXPECT_EQ(reeve(place, {"session", "revoke", url}).exit_code, 2);
  EXPECT_EQ(reeve(place, {"session", "revoke", url, one.session.id, "--user", "ada"}).exit_code, 2);
}

TEST(session_verbs_of, a_store_that_is_not_there_make_none) {
  const Folder place;
  EXPECT_EQ(reeve(place, {"session", "list", "nowhere.db"}).exit_code, 4);
  EXPECT_FALSE(std::filesystem::exists(place.path() / "nowhere.db"));
  write_file(place.path() / "empty.db", "");
  EXPECT_EQ(reeve(place, {"session", "list", "empty.db"}).exit_code, 4);
  EXPECT_EQ(std::filesystem::file_size(place.path() / "empty.db"), 0U);
  const Result away = reeve(place, {"session", "list", "redis://:sesame@127.0.0.1:1/0"});
  EXPECT_EQ(away.exit_code, 9);
  EXPECT_THAT(away.err, ::testing::Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace reeve::tests
