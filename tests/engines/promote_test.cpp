// Promotion: in both directions, killed and gone on with, fenced, refused where it would overwrite.

#include "database.h"
#include "support/dark_tower_campaign.h"
#include "support/reeve_run.h"

#include "state/migrate.h"
#include "state/promote.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

namespace reeve::testing {
namespace {

class promotion : public ::testing::Test {
 protected:
  /// A file with a played organization.
  std::string played(int commands) {
    std::string file = workshop.path("tower.db");
    Ledger ledger = Ledger::create(file, project_file("blueprints/dark_tower").string());
    DarkTowerCampaign campaign(test_seed("promoted organization"));
    for (int i = 0; i < commands; ++i) submit(ledger, campaign.next());
    return file;
  }

  Workshop workshop;
};

TEST_F(promotion, there_and_back_gives_the_same_hashes) {
  const std::string file = played(600);
  const Database database("there_and_back");
  const auto there = state::promote(file, database.administrator(), {});
  EXPECT_TRUE(there.equal());
  const std::string back = workshop.path("back.db");
  const auto again = state::promote(database.administrator(), back, {});
  EXPECT_TRUE(again.equal());
  EXPECT_EQ(there.events, again.events);
  EXPECT_EQ(to_hex(there.chain_hash), to_hex(again.chain_hash));
  EXPECT_EQ(to_hex(there.target_state_hash), to_hex(again.target_state_hash));
  expect_equal(back);
  // What came back is a ledger like any other: the next commit works.
  Ledger ledger = Ledger::open(back);
  EXPECT_EQ(ledger.head().sequence.value, there.events);
}

/// A ledger that is where it came from finds what it left there, and goes on behind it.
TEST_F(promotion, back_to_where_it_left_brings_what_was_written_since) {
  const std::string file = workshop.path("vault.db");
  create_ledger(file, workshop.blueprint(vault_sources()));
  EXPECT_EQ(reason_of(Ledger::open(file).commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})")), "");
  const std::string other = workshop.path("other.db");
  const Database database("back_and_forth");
  const auto move = [](const std::string& from, const std::string& to) {
    EXPECT_TRUE(state::promote(from, to, {}).equal()) << from;
  };
  const auto write = [](const std::string& url) {
    Ledger ledger = Ledger::open(url);
    EXPECT_EQ(reason_of(ledger.commit("day.ended", "{}")), "");
    return ledger.head().sequence.value;
  };
  move(file, database.administrator());
  write(database.application());
  move(database.administrator(), other);
  const std::int64_t last = write(other);
  EXPECT_EQ(error_of([&] { Ledger::open(file).commit("day.ended", "{}"); }).code(), ErrorCode::conflict);
  move(other, database.administrator());
  EXPECT_EQ(write(database.application()), last + 1);
  move(database.administrator(), file);
  EXPECT_EQ(write(file), last + 2);
  expect_equal(file);
  EXPECT_EQ(error_of([&] { write(database.application()); }).code(), ErrorCode::conflict);
  // Under another name it is found all the same; and nothing is moved to itself.
  EXPECT_NE(error_of([&] { state::promote(file, database.administrator("spring"), {}); })
                .message()
                .find("already, as"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { state::promote(file, file, {}); }).code(), ErrorCode::invalid_input);
  // One that somebody wrote to on both sides went apart.
  const std::string copy = workshop.path("copy.db");
  EXPECT_TRUE(state::promote(file, copy, {.progress = {}, .fence = false}).equal());
  write(copy);
  EXPECT_EQ(error_of([&] { state::promote(copy, file, {}); }).code(), ErrorCode::conflict);
}

/// None before there is a schema.
std::int64_t events_in(const Database& database) {
  if (database.value("SELECT to_regclass('reeve.reeve_events')::text") == Value()) return 0;
  return std::get<std::int64_t>(*database.value("SELECT count(*) FROM reeve.reeve_events"));
}

TEST_F(promotion, a_run_that_was_killed_is_gone_on_with) {
  const std::string file = played(900);
  const Database database("killed_promotion");
  std::mt19937_64 random(test_seed("promotion kills"));
  const Kills kills = run_with_kills({"promote", "--batch", "20", file, database.administrator()}, 5, 100,
                                     random, {[&] { return events_in(database); }});
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  // Once complete it says the same again.
  const auto repeated = state::promote(file, database.administrator(), {});
  EXPECT_TRUE(repeated.equal());
  EXPECT_TRUE(state::verify(database.application()).equal());
}

/// Events under three schemas, the last of them with events too.
void live_through_migrations(const std::string& file, const Workshop& workshop) {
  Ledger ledger = Ledger::create(file, workshop.blueprint(vault_sources()));
  for (const auto& [type, payload] : std::vector<std::pair<const char*, const char*>>{
           {"owner.joined", R"({"owner_id":"ann","name":"Ann","born":"1969-07-20"})"},
           {"account.opened", R"({"account_id":"a","owner_id":"ann","rate":2})"},
           {"account.opened", R"({"account_id":"b","owner_id":"ann","notes":{"z":[1,null]}})"},
           {"pair.joined", R"({"one":"p","other":"q"})"},
           {"account.credited", R"({"account_id":"a","amount":7})"}}) {
    ASSERT_EQ(reason_of(ledger.commit(type, payload)), "");
  }
  blueprint::Sources grades = vault_sources();
  add_grades(grades);
  state::migrate_up(file, grades);
  ASSERT_EQ(reason_of(ledger.command("pay_all", R"({"amount":5})")), "");
  state::migrate_down(file, 1);
  state::migrate_up(file, vault_sources());
  ASSERT_EQ(reason_of(ledger.commit("day.ended", "{}")), "");
  state::migrate_up(file, grades);
  ASSERT_EQ(reason_of(ledger.command("pay_all", R"({"amount":9})")), "");
}

TEST_F(promotion, of_a_ledger_that_was_migrated_in_the_middle_of_its_journal_goes_both_ways) {
  const std::string file = workshop.path("vault.db");
  live_through_migrations(file, workshop);
  const Database database("migrated_in_the_middle");
  const auto there = state::promote(file, database.administrator(), {.progress = {}, .batch_events = 2});
  ASSERT_TRUE(there.equal());
  EXPECT_TRUE(state::verify(database.application()).equal());
  {
    Ledger ledger = Ledger::open(database.application());
    EXPECT_EQ(reason_of(ledger.command("pay_all", R"({"amount":1})")), "");
  }
  // In its new place it is migrated again, and goes back as a file.
  state::migrate_down(database.administrator(), 1);
  state::migrate_up(database.administrator(), vault_sources());
  Ledger::open(database.application()).commit("day.ended", "{}");
  const state::Verification found = state::verify(database.application());
  EXPECT_TRUE(found.equal()) << describe(found);
  const std::string back = workshop.path("back.db");
  const auto again = state::promote(database.administrator(), back, {});
  EXPECT_TRUE(again.equal());
  EXPECT_GT(again.events, there.events);
  expect_equal(back);
  EXPECT_EQ(reason_of(Ledger::open(back).commit("day.ended", "{}")), "");
}

TEST_F(promotion, that_was_interrupted_between_migrations_is_gone_on_with) {
  const std::string file = workshop.path("vault.db");
  live_through_migrations(file, workshop);
  const Database database("interrupted_between_migrations");
  const std::int64_t events = Ledger::open(file).head().sequence.value;
  std::int64_t resumed = 0;
  for (std::int64_t last = 2; last <= events; last += 3) {
    // Stopped by an event whose chain hash was changed, which is then put right.
    const auto source = engine::Connection::open(file, engine::OpenMode::read_write);
    source->execute("UPDATE reeve_events SET actor = 'x' WHERE sequence = " + std::to_string(last));
    EXPECT_EQ(error_of([&] {
                state::promote(file, database.administrator(),
                               {.progress = {}, .fence = false, .batch_events = 1});
              }).code(),
              ErrorCode::corrupt);
    source->execute("UPDATE reeve_events SET actor = '' WHERE sequence = " + std::to_string(last));
    EXPECT_EQ(error_of([&] { Ledger::open(database.application()); }).code(), ErrorCode::conflict);
    resumed = last;
  }
  const auto done = state::promote(file, database.administrator(), {.progress = {}, .batch_events = 1});
  EXPECT_TRUE(done.equal());
  EXPECT_GT(done.resumed_at, 0);
  EXPECT_LT(done.resumed_at, resumed + 1);
  const state::Verification found = state::verify(database.application());
  EXPECT_TRUE(found.equal()) << describe(found);
}

TEST_F(promotion, a_source_that_moved_takes_no_more_writes) {
  const std::string file = played(60);
  Ledger open_before = Ledger::open(file);
  const Database database("fenced");
  ASSERT_TRUE(state::promote(file, database.administrator(), {}).equal());
  const std::string user = R"({"user_id":"30000000-0000-4000-8000-000000000001","email":"z@z.example",)"
                           R"("display_name":"Z","password_hash":"$argon2id$v=19$x$y","role":"user"})";
  const Error moved = error_of([&] { open_before.command("create_user", user); });
  EXPECT_EQ(moved.code(), ErrorCode::conflict);
  EXPECT_NE(std::string(moved.message()).find("moved to postgresql://"), std::string::npos)
      << moved.message();
  expect_equal(file);
  // The same on PostgreSQL's side, once the ledger goes back.
  Ledger there = Ledger::open(database.application());
  ASSERT_TRUE(state::promote(database.administrator(), workshop.path("back.db"), {}).equal());
  EXPECT_EQ(error_of([&] { there.command("create_user", user); }).code(), ErrorCode::conflict);
  // What the rules say of it is another matter: it is asked.
  EXPECT_NO_THROW(Ledger::open(workshop.path("back.db")).command("create_user", user));
}

TEST_F(promotion, a_source_whose_rows_were_changed_is_told_and_goes_on) {
  const std::string file = workshop.path("changed.db");
  {
    Ledger ledger = Ledger::create(file, project_file("blueprints/dark_tower").string());
    ASSERT_EQ(
        reason_of(ledger.command("found_organization", R"({"subdomain":"acme","display_name":"Acme"})")), "");
  }
  engine::Connection::open(file, engine::OpenMode::read_write)
      ->execute("UPDATE organization SET display_name = display_name || '!'");
  const Database database("changed_source");
  const auto done = state::promote(file, database.administrator(), {});
  EXPECT_FALSE(done.equal());
  EXPECT_EQ(engine::Connection::open(file, engine::OpenMode::read_only)
                ->value("SELECT count(*) FROM reeve_meta WHERE name = 'moved_to'"),
            Value(std::int64_t{0}));
  EXPECT_EQ(error_of([&] { Ledger::open(database.application()); }).code(), ErrorCode::conflict);
}

TEST_F(promotion, a_run_that_fails_before_its_beginning_leaves_no_name_behind) {
  const std::string file = played(40);
  engine::Connection::open(file, engine::OpenMode::read_write)
      ->execute("UPDATE reeve_groups SET chain_hash = '" + std::string(64, 'a') +
                "' WHERE first_sequence = 1");
  const Database database("failed_beginning");
  EXPECT_EQ(error_of([&] { state::promote(file, database.administrator(), {}); }).code(), ErrorCode::corrupt);
  EXPECT_EQ(database.value("SELECT count(*) FROM reeve.reeve_ledgers"), Value(std::int64_t{0}));
}

TEST_F(promotion, somebody_elses_database_is_left_alone) {
  const std::string file = played(10);
  const std::string other = workshop.path("other.db");
  engine::Connection::open_scratch()->execute("ATTACH '" + other + "' AS o; CREATE TABLE o.t (x)");
  const std::string before = read_text(other);
  EXPECT_EQ(error_of([&] { state::promote(file, other, {}); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(read_text(other), before);
}

TEST(location, never_shows_a_password) {
  for (const char* url : {"postgresql://ann:secret@host/db", "postgresql://ann:se@cret@host/db",
                          "postgresql://ann:se/cret@host/db", "postgresql:///db?password=secret&ledger=x"}) {
    const std::string name = state::Location::of(url).name();
    EXPECT_EQ(name.find("cret"), std::string::npos) << name;
    EXPECT_EQ(name.find("ann"), std::string::npos) << name;
  }
}

TEST(location, that_has_a_password_is_printed_without_it_by_every_verb_that_names_it) {
  const Workshop workshop;
  const Database database("passwords");
  create_ledger(database.administrator("one"), workshop.blueprint(vault_sources()));
  const auto with_password = [](std::string url) { return url.insert(url.find('@'), ":TOPSECRET"); };
  const auto made = [&](const char* name) { return with_password(database.administrator(name)); };
  const auto used = [&](const char* name) { return with_password(database.application(name)); };
  const std::string printed = workshop.path("printed");
  for (const std::string& verb :
       {"fork '" + made("one") + "' '" + made("two") + "'",
        "work '" + used("one") + "' '" + used("two") + "' --until-empty", "verify '" + used("one") + "'",
        "work '" + used("two") + "' --until-empty --format json"}) {
    EXPECT_EQ(std::system((reeve_program() + " " + verb + " >>'" + printed + "' 2>&1").c_str()), 0) << verb;
  }
  std::ifstream text(printed);
  const std::string all{std::istreambuf_iterator<char>(text), {}};
  EXPECT_NE(all.find("ledger two"), std::string::npos) << all;
  EXPECT_EQ(all.find("TOPSECRET"), std::string::npos) << all;
}

TEST_F(promotion, nothing_that_is_there_is_overwritten) {
  const std::string file = played(40);
  const Database database("not_overwritten");
  ASSERT_TRUE(state::promote(file, database.administrator("acme"), {.progress = {}, .fence = false}).equal());
  const std::string other = workshop.path("other.db");
  create_ledger(other, project_file("blueprints/dark_tower").string());
  EXPECT_EQ(error_of([&] { state::promote(other, database.administrator("acme"), {}); }).code(),
            ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { state::promote(other, file, {}); }).code(), ErrorCode::conflict);
  // The other one was not fenced by an attempt that failed before anything was brought over.
  expect_equal(other);
  // A source that went on by itself is no longer the one that arrived.
  Ledger ledger = Ledger::open(file);
  DarkTowerCampaign campaign(7);
  const std::int64_t before = ledger.head().sequence.value;
  for (int i = 0; i < 2'000 && ledger.head().sequence.value == before; ++i) submit(ledger, campaign.next());
  ASSERT_GT(ledger.head().sequence.value, before);
  EXPECT_EQ(error_of([&] { state::promote(file, database.administrator("acme"), {}); }).code(),
            ErrorCode::conflict);
}

}  // namespace
}  // namespace reeve::testing
