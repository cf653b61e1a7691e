// API tokens: who is let through, who is not, and what each hears.

#include "access/token_text.h"
#include "base/base32.h"
#include "base/secret.h"
#include "installation.h"

#include <algorithm>

namespace reeve::testing {
namespace {

using Reason = Authorization::Reason;

class tokens : public Installation {
 protected:
  static NewToken readers(std::vector<std::string> ledgers) {
    return {.label = "a reader", .ledgers = std::move(ledgers), .verbs = {Verb::read}};
  }
  static Reason reason_of(Access& access, std::string_view token, std::string_view ledger = "ann",
                          Verb verb = Verb::read) {
    return access.authorize(token, ledger, verb).reason;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, tokens, ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres),
                         name_of);

TEST_P(tokens, allow_their_ledgers_and_verbs_and_nothing_else) {
  Access access = open();
  const CreatedToken token =
      access.create_token({.ledgers = {"ann", "org/7/*"}, .verbs = {Verb::write, Verb::read, Verb::read}});
  const std::string_view text = token.text.text();
  EXPECT_EQ(reason_of(access, text), Reason::allowed);
  EXPECT_EQ(reason_of(access, text, "org/7/books", Verb::write), Reason::allowed);
  EXPECT_EQ(reason_of(access, text, "bob"), Reason::ledger);
  EXPECT_EQ(reason_of(access, text, "anna"), Reason::ledger);
  EXPECT_EQ(reason_of(access, text, "org/77/books"), Reason::ledger);
  EXPECT_EQ(reason_of(access, text, ""), Reason::ledger);
  EXPECT_EQ(reason_of(access, text, "ann", Verb::admin), Reason::verb);
  EXPECT_EQ(reason_of(access, text, "ann", Verb::work), Reason::verb);
  const CreatedToken keeper = access.create_token({.ledgers = {"*"}, .verbs = {Verb::admin}});
  EXPECT_EQ(reason_of(access, keeper.text.text(), "ann", Verb::read), Reason::verb)
      << "admin includes nothing";
}

TEST_P(tokens, that_were_changed_cut_forged_or_are_unknown_are_refused) {
  Access access = open();
  const CreatedToken token = access.create_token(readers({"*"}));
  const std::string text(token.text.text());
  EXPECT_EQ(reason_of(access, ""), Reason::malformed);
  EXPECT_EQ(reason_of(access, text.substr(0, 79)), Reason::malformed);
  std::string changed = text;
  changed[40] = changed[40] == 'a' ? 'b' : 'a';
  EXPECT_EQ(reason_of(access, changed), Reason::mistyped);
  EXPECT_EQ(reason_of(access, access::make_token(system_random()).text.text()), Reason::unknown);
  // Another secret under a known id, with a check sum that is right.
  std::string forged =
      "rvk_" + token.id + "_" + std::string(access::make_token(system_random()).text.text().substr(21, 52));
  const Digest check = digest_of_secret("reeve.token.check.1", forged);
  std::string end(7, '\0');
  to_base32({check.data(), 4}, end);
  const Authorization said = access.authorize(forged + end, "ann", Verb::read);
  EXPECT_EQ(said.reason, Reason::forged);
  EXPECT_EQ(said.token_id, token.id) << "the log says whose";
}

TEST_P(tokens, that_were_revoked_or_have_expired_are_refused_from_that_moment) {
  Access access = open();
  NewToken wanted = readers({"ann"});
  wanted.expires = clock_.now() + 10 * second;
  const CreatedToken token = access.create_token(wanted);
  clock_.pass(10 * second - 1);
  EXPECT_EQ(reason_of(access, token.text.text()), Reason::allowed);
  clock_.pass(1);
  EXPECT_EQ(reason_of(access, token.text.text()), Reason::expired);
  EXPECT_EQ(error_of([&] { access.create_token(wanted); }).code(), ErrorCode::invalid_input);

  const CreatedToken lasting = access.create_token(readers({"ann"}));
  Access another = open();
  EXPECT_EQ(reason_of(another, lasting.text.text()), Reason::allowed);
  EXPECT_TRUE(access.revoke_token(lasting.id));
  EXPECT_FALSE(access.revoke_token(lasting.id));
  EXPECT_FALSE(access.revoke_token("nobody"));
  EXPECT_EQ(reason_of(another, lasting.text.text()), Reason::revoked);
}

TEST_P(tokens, say_the_same_to_whoever_is_refused) {
  const Error error = Authorization::to_error();
  EXPECT_EQ(error.code(), ErrorCode::denied);
  EXPECT_EQ(std::string(error.what()), "the token does not allow this (use one that does)");
}

TEST_P(tokens, are_listed_with_the_hour_of_their_last_use_and_without_their_text) {
  Access access = open();
  const CreatedToken token = access.create_token(readers({"ann", "bob*"}));
  ASSERT_EQ(access.list_tokens().size(), 1U);
  EXPECT_FALSE(access.list_tokens()[0].last_used);
  EXPECT_EQ(reason_of(access, token.text.text(), "eve"), Reason::ledger);
  EXPECT_FALSE(access.list_tokens()[0].last_used) << "a refusal is no use";
  EXPECT_EQ(reason_of(access, token.text.text()), Reason::allowed);
  const auto first = access.list_tokens()[0].last_used;
  ASSERT_TRUE(first);
  EXPECT_EQ(*first % (3600 * second), 0);
  clock_.pass(3600 * second);
  EXPECT_EQ(reason_of(access, token.text.text()), Reason::allowed);
  const TokenEntry entry = access.list_tokens()[0];
  EXPECT_EQ(*entry.last_used, *first + 3600 * second);
  EXPECT_EQ(entry.id, token.id);
  EXPECT_EQ(entry.label, "a reader");
  EXPECT_EQ(entry.ledgers, (std::vector<std::string>{"ann", "bob*"}));
  EXPECT_EQ(entry.verbs, std::vector<Verb>{Verb::read});
}

TEST_P(tokens, without_ledgers_or_verbs_are_not_made) {
  Access access = open();
  for (const NewToken& token :
       std::vector<NewToken>{{.ledgers = {}, .verbs = {Verb::read}},
                             {.ledgers = {"ann"}, .verbs = {}},
                             {.ledgers = {""}, .verbs = {Verb::read}},
                             {.ledgers = {"a\nb"}, .verbs = {Verb::read}},
                             {.label = "a\nb", .ledgers = {"ann"}, .verbs = {Verb::read}}}) {
    EXPECT_EQ(error_of([&] { access.create_token(token); }).code(), ErrorCode::invalid_input);
  }
  EXPECT_TRUE(access.list_tokens().empty());
}

TEST(verbs, are_a_closed_list) {
  for (const Verb verb : {Verb::read, Verb::write, Verb::work, Verb::admin})
    EXPECT_EQ(verb_of(name_of(verb)), verb);
  EXPECT_FALSE(verb_of("execute"));
}

}  // namespace
}  // namespace reeve::testing
