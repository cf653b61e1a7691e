// What a ledger sees is the version that it pinned, live and at every replay.

#include "tavern.h"

#include "state/replay.h"

namespace reeve::testing {
namespace {

TEST_P(references, a_new_version_changes_nothing_until_a_ledger_pins_it) {
  taverns.make({"shared", "north", "south"});
  EXPECT_EQ(taverns.publish(two_kinds, first_dishes).event.version, 1);
  EXPECT_EQ(taverns.menu("north"), "");
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.publish(two_kinds, second_dishes).event.version, 2);
  EXPECT_EQ(taverns.menu("north"), "bread 3 Bakery; soup 5 Kitchen");
  taverns.pin("south", 2);
  EXPECT_EQ(taverns.menu("north"), "bread 3 Bakery; soup 5 Kitchen");
  EXPECT_EQ(taverns.menu("south"), "bread 4 Bakery; cake 7 Bakery; soup 5 Kitchen");
  for (const char* ledger : {"shared", "north", "south"}) taverns.expect_verified(ledger);
}

TEST_P(references, a_ledger_that_is_open_sees_what_was_pinned_meanwhile) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  Ledger ledger = taverns.open("north");
  const std::string cake = R"({"number":1,"dish":"cake"})";
  const std::string bread = R"({"number":2,"dish":"bread"})";
  EXPECT_EQ(reason_of(ledger.command("order", bread)), "no dish bread");
  taverns.pin("north", 1);
  EXPECT_EQ(reason_of(ledger.command("order", bread)), "");
  EXPECT_EQ(reason_of(ledger.command("order", cake)), "no dish cake");
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 2);
  EXPECT_EQ(reason_of(ledger.commit("dish.ordered", cake)), "");
  EXPECT_EQ(taverns.rows("north", "orders"), "1 cake 7; 2 bread 3");
  taverns.expect_verified("north");
}

TEST_P(references, a_replay_across_two_pins_sees_each_version_in_its_time) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.order("north", 1, "bread"), "");
  taverns.pin("north", 2);
  EXPECT_EQ(taverns.order("north", 2, "bread"), "");
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.order("north", 3, "bread"), "");
  EXPECT_EQ(taverns.rows("north", "orders"), "1 bread 3; 2 bread 4; 3 bread 3");
  taverns.expect_verified("north");
  const state::Replay again = state::replay_scratch(taverns.application("north"));
  EXPECT_EQ(to_hex(again.state_hash), to_hex(taverns.open("north").head().state_hash.bytes));
  const state::Replay written =
      state::replay_scratch(taverns.application("north"), {state::ReplayBy::changeset, {}, {}});
  EXPECT_EQ(to_hex(written.state_hash), to_hex(again.state_hash));
  if (!GetParam()) {
    EXPECT_EQ(to_hex(state::replay(taverns.application("north")).state_hash), to_hex(again.state_hash));
    taverns.expect_verified("north");
  }
}

TEST_P(references, a_foreign_key_holds_to_the_pinned_version) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 1);
  Ledger ledger = taverns.open("north");
  // Cake is in the database, in a version that this ledger has not pinned.
  EXPECT_NE(reason_of(ledger.commit("dish.forced", R"({"number":1,"dish":"cake"})")), "");
  EXPECT_EQ(reason_of(ledger.commit("dish.forced", R"({"number":1,"dish":"soup"})")), "");
  taverns.expect_verified("north");
}

TEST_P(references, a_version_that_lacks_a_row_in_use_is_refused_and_the_rows_are_named) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, second_dishes);
  taverns.publish(two_kinds, first_dishes);
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.order("north", 7, "cake"), "");
  const Head before = taverns.open("north").head();
  const std::string refused = message_of([&] { taverns.pin("north", 2); });
  EXPECT_NE(refused.find("constraint_violation"), std::string::npos) << refused;
  EXPECT_NE(refused.find("foreign key orders_dish_fkey of orders: dishes lacks what these rows point to: "
                         "number 7 -> dish 'cake'"),
            std::string::npos)
      << refused;
  EXPECT_EQ(taverns.open("north").head().sequence.value, before.sequence.value);
  EXPECT_EQ(taverns.menu("north"), "bread 4 Bakery; cake 7 Bakery; soup 5 Kitchen");
  taverns.expect_verified("north");
}

TEST_P(references, an_unknown_version_is_refused) {
  taverns.make({"shared", "north"});
  EXPECT_NE(message_of([&] { taverns.pin("north", 1); }).find("not_found"), std::string::npos);
  taverns.publish(two_kinds, first_dishes);
  for (const std::int64_t version : {-1, 0, 2, 99}) {
    EXPECT_NE(message_of([&] { taverns.pin("north", version); }).find("not_found"), std::string::npos);
  }
  EXPECT_TRUE(taverns.pin("north", 1).is_new);
  EXPECT_FALSE(taverns.pin("north", 1).is_new);
  taverns.expect_verified("north");
}

TEST_P(references, a_tampered_reference_row_is_found_and_named) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  taverns.pin("north", 1);
  const std::string change = " SET price = 1 WHERE dish = 'soup'";
  if (GetParam()) {
    taverns.database->execute("UPDATE reeve.dishes" + change);
  } else {
    engine::Connection::open(taverns.workshop.path("north.db"), engine::OpenMode::read_write)
        ->execute("UPDATE dishes" + change);
  }
  const state::Verification found = state::verify(taverns.application("north"));
  ASSERT_EQ(found.differences.size(), 1U) << describe(found);
  EXPECT_EQ(found.differences[0].table, "dishes");
  EXPECT_EQ(found.differences[0].key, R"({"dish":"soup"})");
  EXPECT_EQ(found.differences[0].message, "price is 1, the journal says 5");
}

TEST_P(references, a_tampered_pin_or_kept_version_is_found) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 1);
  taverns.pin("north", 2);
  const std::string schema = GetParam() ? "reeve." : "";
  const auto tamper = [&](const std::string& sql) {
    if (GetParam()) {
      taverns.database->execute(sql);
    } else {
      engine::Connection::open(taverns.workshop.path("north.db"), engine::OpenMode::read_write)->execute(sql);
    }
  };
  tamper("UPDATE " + schema +
         "reeve_meta SET value = '00000000-0000-8000-8000-000000000000' WHERE name = 'reference'");
  state::Verification found = state::verify(taverns.application("north"));
  EXPECT_NE(describe(found).find("reeve_meta names another version of the reference rows"), std::string::npos)
      << describe(found);
  tamper("UPDATE " + schema + "reeve_sources SET content = replace(content, '\"price\":3', '\"price\":2')");
  found = state::verify(taverns.application("north"));
  EXPECT_FALSE(found.equal());
}

REEVE_ON_BOTH_ENGINES(references);

TEST(reference_rows, both_engines_give_one_state_hash) {
  const Taverns files(false, {});
  const Taverns schema(true, "r_equal_hashes");
  std::vector<std::string> hashes;
  for (const Taverns* taverns : {&files, &schema}) {
    taverns->make({"shared", "north"});
    taverns->publish(
        "kind,label,weight,extra,since,big,open,code,day\n"
        "baked,\"B\u00e4ckerei, \u5305\u5b50 "
        "\U0001F950\",0.1,\"{\"\"z\"\":[1,null],\"\"a\"\":\"\"\u00e9\"\"}\","
        "2026-01-02T03:04:05.000006Z,9223372036854775807,true,0188d2a4-0000-7000-8000-000000000001,2024-02-"
        "29\n"
        "cooked,\"\",-1e300,,,-9223372036854775808,false,,\n",
        first_dishes);
    hashes.push_back(to_hex(taverns->pin("north", 1).state_hash));
    taverns->expect_verified("north");
  }
  EXPECT_EQ(hashes.at(0), hashes.at(1));
}

TEST(reference_rows, applications_on_postgres_may_select_them_and_nothing_else) {
  const Taverns taverns(true, "r_select_only");
  taverns.make({"shared", "north", "south"});
  taverns.publish(two_kinds, first_dishes);
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("north", 1);
  taverns.pin("south", 2);
  taverns.application("north");
  const auto app = engine::Connection::open_postgres(taverns.database->plain("app"), {.schema = "reeve"});
  for (const char* sql : {"INSERT INTO kinds SELECT * FROM kinds", "UPDATE dishes SET price = 1",
                          "DELETE FROM dishes", "TRUNCATE dishes"}) {
    EXPECT_NE(message_of([&] { app->execute(sql); }).find("denied"), std::string::npos) << sql;
  }
  // Row-level security shows what the session's ledger has pinned, and without a ledger nothing.
  EXPECT_EQ(app->value("SELECT count(*) FROM dishes"), Value(std::int64_t{0}));
  const auto ledger =
      taverns.database->value("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = 'north'");
  app->execute("SET reeve.ledger_id = '" + std::get<std::string>(*ledger) + "'");
  EXPECT_EQ(app->value("SELECT count(*) FROM dishes"), Value(std::int64_t{2}));
  // Once for all who pin it.
  taverns.pin("south", 1);
  EXPECT_EQ(taverns.database->value("SELECT count(*) FROM reeve.dishes"), Value(std::int64_t{5}));
}

}  // namespace
}  // namespace reeve::testing
