// Sessions on every store.

#include "access/session_text.h"
#include "base/clock.h"
#include "live/stores_test.h"

#include <reeve/sessions.h>

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace reeve {
namespace {

using live::minute;
using live::noon;
using live::second;

class sessions : public live::StoreTest {
 protected:
  Sessions make(SessionOptions options = {}) {
    options.clock = &clock;
    return Sessions(*store, options);
  }
};
INSTANTIATE_TEST_SUITE_P(on, sessions, ::testing::ValuesIn(live::store_kinds), live::name_of_kind);

TEST_P(sessions, are_found_by_their_token_with_all_that_was_said_of_them) {
  Sessions all = make();
  const std::string odd("phone\0\r\n\xFF,3:", 12);
  const CreatedSession created = all.create("ada", "acme", odd);
  EXPECT_EQ(created.token.size(), 97U);
  const auto found = all.find(created.token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, created.session.id);
  EXPECT_EQ(found->user, "ada");
  EXPECT_EQ(found->ledger, "acme");
  EXPECT_EQ(found->created, noon);
  EXPECT_EQ(found->last_seen, noon);
  EXPECT_EQ(found->ends, noon + 30 * minute);
  EXPECT_EQ(found->metadata, odd);
}

TEST_P(sessions, are_not_found_by_anything_else) {
  Sessions all = make();
  const CreatedSession created = all.create("ada");
  std::string other = created.token;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& text :
       {std::string(), other, created.session.id, created.token + "0", created.token.substr(1),
        std::string(97, '0'), std::string(32, '0') + "." + std::string(64, '0'), std::string(100'000, 'a'),
        "00000000000000000000000000000000" + created.token.substr(32)}) {
    EXPECT_FALSE(all.find(text));
  }
  EXPECT_FALSE(all.revoke(other));
  EXPECT_TRUE(all.find(created.token));
}

TEST_P(sessions, store_no_secret) {
  Sessions all = make();
  const CreatedSession created = all.create("ada");
  const std::string secret = created.token.substr(33);
  for (const live::Entry& entry : store->list("")) {
    EXPECT_EQ(entry.key.find(secret.substr(0, 16)), std::string::npos);
    EXPECT_EQ(entry.value.find(secret.substr(0, 16)), std::string::npos);
  }
}

TEST_P(sessions, half_of_whose_hash_fits_are_not_found) {
  Sessions all = make();
  const CreatedSession created = all.create("ada");
  const auto presented = access::read_token(created.token);
  const auto entry = store->get(presented->name.key());
  access::StoredSession stored = access::decode(entry->value);
  stored.hash.back() ^= 1U;  // beyond the half by which it is looked up
  store->put(entry->key, access::encode(stored), minute);
  EXPECT_FALSE(all.find(created.token));
}

TEST_P(sessions, last_while_they_are_used_and_end_exactly_when_they_were_not) {
  Sessions all = make({.idle = 10 * minute, .longest = 60 * minute, .noted_every = 0});
  const std::string token = all.create("ada").token;
  for (int i = 0; i < 4; ++i) {
    clock.add(10 * minute - 1);
    const auto found = all.find(token);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->last_seen, clock.now());
    EXPECT_EQ(found->ends, clock.now() + 10 * minute);
  }
  clock.add(10 * minute);
  EXPECT_FALSE(all.find(token));
}

TEST_P(sessions, end_at_the_latest_however_they_are_used) {
  Sessions all = make({.idle = 10 * minute, .longest = 25 * minute, .noted_every = 0});
  const std::string token = all.create("ada").token;
  for (int i = 0; i < 4; ++i) {
    clock.add(6 * minute);
    ASSERT_TRUE(all.find(token));
  }
  EXPECT_EQ(all.find(token)->ends, noon + 25 * minute);
  clock.set(noon + 25 * minute - 1);
  EXPECT_TRUE(all.find(token));
  clock.add(1);
  EXPECT_FALSE(all.find(token));
}

TEST_P(sessions, whose_longest_time_was_made_shorter_end_by_it) {
  const std::string token = make().create("ada").token;
  clock.add(20 * minute);
  Sessions strict = make({.idle = 10 * minute, .longest = 15 * minute});
  EXPECT_TRUE(strict.list("ada").empty());
  EXPECT_FALSE(strict.find(token));
}

TEST_P(sessions, note_their_use_no_more_often_than_they_are_told) {
  Sessions all = make({.idle = 10 * minute, .longest = 60 * minute, .noted_every = minute});
  const std::string token = all.create("ada").token;
  const std::int64_t version = store->list("").front().version;
  clock.add(minute - 1);
  EXPECT_EQ(all.find(token)->last_seen, noon);
  EXPECT_EQ(store->list("").front().version, version);
  clock.add(1);
  EXPECT_EQ(all.find(token)->last_seen, noon + minute);
  clock.set(noon);
  EXPECT_TRUE(all.find(token)) << "the clock went back";
}

TEST_P(sessions, are_revoked_one_by_one_by_token_or_id) {
  Sessions all = make();
  const CreatedSession one = all.create("ada");
  const CreatedSession two = all.create("ada");
  EXPECT_TRUE(all.revoke(one.token));
  EXPECT_FALSE(all.revoke(one.token));
  EXPECT_FALSE(all.find(one.token));
  EXPECT_TRUE(all.find(two.token));
  EXPECT_TRUE(all.revoke(two.session.id));
  EXPECT_FALSE(all.find(two.token));
  EXPECT_FALSE(all.revoke("no id"));
}

TEST_P(sessions, of_a_user_are_revoked_together_and_nobody_elses) {
  Sessions all = make();
  std::vector<std::string> tokens;
  for (int i = 0; i < 3; ++i) tokens.push_back(all.create("ada", "acme").token);
  const std::string elsewhere = all.create("ada", "other").token;
  const std::string neighbour = all.create("ada2", "acme").token;
  EXPECT_EQ(all.list("ada", "acme").size(), 3U);
  EXPECT_EQ(all.revoke_all("ada", "acme"), 3);
  for (const std::string& token : tokens) EXPECT_FALSE(all.find(token));
  EXPECT_TRUE(all.find(elsewhere));
  EXPECT_TRUE(all.find(neighbour));
  EXPECT_EQ(all.list_all().size(), 2U);
}

TEST_P(sessions, are_listed_page_by_page) {
  Sessions all = make();
  std::set<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.insert(all.create("user " + std::to_string(i)).session.id);
  std::set<std::string> listed;
  std::string after;
  for (;;) {
    const auto page = all.list_all(3, after);
    for (const Session& session : page) listed.insert(session.id);
    if (page.size() < 3) break;
    after = page.back().id;
  }
  EXPECT_EQ(listed, ids);
  EXPECT_EQ(live::code_of([&] { all.list_all(3, "x"); }), ErrorCode::invalid_input);
}

TEST_P(sessions, that_are_used_while_they_are_revoked_stay_revoked) {
  Sessions all = make({.idle = 10 * minute, .longest = 60 * minute, .noted_every = 0});
  for (int round = 0; round < 10; ++round) {
    const std::string token = all.create("ada").token;
    std::thread user([&] {
      for (int i = 0; i < 5; ++i) all.find(token);
    });
    all.revoke_all("ada");
    user.join();
    EXPECT_FALSE(all.find(token));
  }
}

TEST_P(sessions, beyond_the_bounds_are_refused) {
  Sessions all = make();
  const auto refuses = [](auto&& call) { EXPECT_EQ(live::code_of(call), ErrorCode::invalid_input); };
  refuses([&] { all.create(""); });
  refuses([&] { all.create(std::string(201, 'u')); });
  refuses([&] { all.create("ada", std::string(201, 'l')); });
  refuses([&] { all.create("ada", "", std::string(4097, 'm')); });
  refuses([&] { make({.idle = 0}); });
  refuses([&] { make({.idle = minute, .longest = second}); });
  refuses([&] { make({.idle = minute, .longest = minute, .noted_every = minute}); });
  EXPECT_TRUE(
      all.find(all.create(std::string(200, '\0'), std::string(200, '/'), std::string(4096, 'm')).token));
}

TEST(session_text, of_any_other_form_is_corrupt) {
  const std::string whole = access::encode({.hash = {}, .user = "ada", .ledger = "", .metadata = "m"});
  EXPECT_EQ(access::decode(whole).user, "ada");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(live::code_of([&] { access::decode(whole.substr(0, size)); }), ErrorCode::corrupt);
  }
  EXPECT_EQ(live::code_of([&] { access::decode(whole + "0:,"); }), ErrorCode::corrupt);
  EXPECT_EQ(live::code_of([&] { access::decode("2" + whole.substr(1)); }), ErrorCode::corrupt);
  EXPECT_EQ(live::code_of([&] { access::decode("1999999:,"); }), ErrorCode::corrupt);
}

/// What a value of the document's example is, in docs/live.md.
TEST(session_text, is_that_of_the_document) {
  access::SessionSecret secret{};
  const access::SessionName name(access::owner_tag("ada", "acme"), access::hash_of(secret));
  EXPECT_EQ(name.token(secret), "14fb3210f268c7fe975b9368eec495aa." + std::string(64, '0'));
  EXPECT_EQ(name.key(), "session/14fb3210f268c7fe975b9368eec495aa/7d1ff893b142eba700399d39e9bcc8b8");
  EXPECT_EQ(access::encode({.hash = access::hash_of(secret),
                            .user = "ada",
                            .ledger = "acme",
                            .created = noon,
                            .last_seen = noon,
                            .metadata = "phone"}),
            "164:7d1ff893b142eba700399d39e9bcc8b81286c5f77033442b3ca2708499f17ae0,3:ada,4:acme,"
            "16:1767355200000000,16:1767355200000000,5:phone,");
}

}  // namespace
}  // namespace reeve
