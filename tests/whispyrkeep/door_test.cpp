// Who is let into an account: by a password, for as long as a session lasts, and nobody else.

#include "keep_ledgers.h"

#include "access/master_keys.h"
#include "base/clock.h"
#include "live/stores_test.h"
#include "whispyrkeep/door.h"

namespace reeve::testing {
namespace {

using whispyrkeep::Door;
using whispyrkeep::LogIn;

constexpr const char* email = "wren@keep.example";
constexpr const char* password = "salt and bells";

class door : public KeepLedgers {
 protected:
  door() { access::add_master_key(workshop_.path("master.keys"), system_random()); }

  Access open_access(std::uint32_t passes) {
    return Access::open(workshop_.path("access.db"), {.master_key_file = workshop_.path("master.keys"),
                                                      .clock = &clock_,
                                                      .passwords = {.passes = passes, .memory_kib = 64}});
  }
  static std::string code_of(const LogIn& log_in) {
    return log_in.refused ? std::string(name_of(log_in.refused->code)) : "";
  }
  void register_wren(const std::string& hash) {
    accept("register_user",
           {{"user_id", user_id}, {"email", email}, {"password_hash", hash}, {"display_name", "Wren"}});
  }
  static std::string hash_of(Ledger& ledger) {
    return rows_of(ledger, "password_of", {{"email", email}})[0]["password_hash"];
  }

  live::HandClock clock_;
};

TEST_F(door, lets_in_who_knows_the_password_until_the_session_ends_and_nobody_else) {
  open("door");
  Access access = open_access(2);
  register_wren(access.hash_password(password));
  const auto store = live::open_store("memory:", {.clock = &clock_});
  RateLimits limits(*store, read_limits(file_));
  Sessions sessions(*store, {.clock = &clock_});
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    clock_.add(3'600 * live::second);  // the passwords of before are forgotten
    Door wren(*ledger, account_, {&limits, &access, &sessions});
    const LogIn in = wren.log_in(email, password, "192.0.2.1");
    ASSERT_EQ(code_of(in), "");
    EXPECT_EQ(wren.user_of(in.token), user_id);
    EXPECT_EQ(Door(*ledger, "rook", {&limits, &access, &sessions}).user_of(in.token), std::nullopt);
    EXPECT_EQ(wren.user_of(in.token + "0"), std::nullopt);
    // The same is said of an address that is nobody's.
    const LogIn wrong = wren.log_in(email, "salt and balls", "192.0.2.1");
    const LogIn nobody = wren.log_in("rook@keep.example", password, "192.0.2.1");
    EXPECT_EQ(code_of(wrong), "denied");
    EXPECT_EQ(wrong.refused->reason, nobody.refused->reason);
    EXPECT_EQ(wrong.token + nobody.token, "");
    // The right password is not heard either when too many were tried.
    for (int i = 0; i < 3; ++i) EXPECT_EQ(code_of(wren.log_in(email, "salt", "192.0.2.2")), "denied");
    EXPECT_EQ(code_of(wren.log_in(email, password, "192.0.2.3")), "limit_exceeded");
    clock_.add(60 * live::second);
    const LogIn again = wren.log_in(email, password, "192.0.2.3");
    ASSERT_EQ(code_of(again), "");

    EXPECT_TRUE(wren.log_out(in.token));
    EXPECT_EQ(wren.user_of(in.token), std::nullopt);
    EXPECT_EQ(wren.user_of(again.token), user_id);
    clock_.add(1'800 * live::second);
    EXPECT_EQ(wren.user_of(again.token), std::nullopt) << "it was not used for half an hour";
  }
}

TEST_F(door, hashes_anew_what_was_cheap_and_ends_sessions_with_their_password) {
  open("door_costs");
  Access cheap = open_access(1);
  register_wren(cheap.hash_password(password));
  const auto store = live::open_store("memory:", {.clock = &clock_});
  RateLimits limits(*store, read_limits(file_));
  Sessions sessions(*store, {.clock = &clock_});
  Access dear = open_access(3);
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    clock_.add(3'600 * live::second);
    Door wren(*ledger, account_, {&limits, &dear, &sessions});
    const std::string before = hash_of(*ledger);
    const LogIn in = wren.log_in(email, password, "192.0.2.1");
    ASSERT_EQ(code_of(in), "");
    EXPECT_NE(hash_of(*ledger), before);
    EXPECT_NE(hash_of(*ledger).find("t=3"), std::string::npos);
    const std::string after = hash_of(*ledger);
    ASSERT_EQ(code_of(wren.log_in(email, password, "192.0.2.1")), "");
    EXPECT_EQ(hash_of(*ledger), after) << "once";

    ASSERT_TRUE(wren.change_password(user_id, "another one"));
    EXPECT_EQ(wren.user_of(in.token), std::nullopt);
    EXPECT_EQ(code_of(wren.log_in(email, password, "192.0.2.1")), "denied");
    EXPECT_EQ(code_of(wren.log_in(email, "another one", "192.0.2.1")), "");
  }
  // Hashes are stored, and no password is.
  for (const auto& entry : std::filesystem::directory_iterator(workshop_.folder()))
    if (entry.is_regular_file()) {
      const std::string bytes = read_text(entry.path());
      EXPECT_EQ(bytes.find(password), std::string::npos) << entry.path();
      EXPECT_EQ(bytes.find("another one"), std::string::npos) << entry.path();
    }
}

TEST_F(door, is_closed_while_redis_is_away) {
  open("door_away");
  Access access = open_access(1);
  register_wren(access.hash_password(password));
  RedisServer server;
  const auto store = live::open_store(server.url(), {.wait_ms_max = 2'000});
  RateLimits limits(*store, read_limits(file_));
  Sessions sessions(*store);
  Door wren(*sqlite_, account_, {&limits, &access, &sessions});
  const LogIn in = wren.log_in(email, password, "192.0.2.1");
  ASSERT_EQ(code_of(in), "");
  server.stop();
  EXPECT_EQ(code_of(wren.log_in(email, password, "192.0.2.1")), "unavailable");
  EXPECT_EQ(live::code_of([&] { wren.user_of(in.token); }), ErrorCode::unavailable);
  server.start();
  EXPECT_EQ(code_of(wren.log_in(email, password, "192.0.2.1")), "");
}

}  // namespace
}  // namespace reeve::testing
