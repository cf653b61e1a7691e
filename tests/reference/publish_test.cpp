// What a version is made of: files that are right, or named with their line.

#include "tavern.h"

#include <thread>

namespace reeve::testing {
namespace {

class publishing : public references {};

TEST_P(publishing, the_same_rows_twice_are_one_version) {
  taverns.make({"shared"});
  const auto first = taverns.publish(two_kinds, first_dishes);
  EXPECT_TRUE(first.is_new);
  // Another order of rows and columns, and another kind of file.
  taverns.workshop.write(
      "again/kinds.ndjson",
      "{\"label\":\"Kitchen\",\"kind\":\"cooked\"}\n\n{\"kind\":\"baked\",\"label\":\"Bakery\"}\n");
  taverns.workshop.write("again/dishes.csv",
                         "\xEF\xBB\xBFprice,dish,kind\r\n5,soup,cooked\r\n3,\"bread\",baked\r\n");
  taverns.workshop.write("again/README.md", "where the rows come from");
  const auto again =
      state::publish_reference(taverns.administrator("shared"), taverns.workshop.path("again"));
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.event.version, 1);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(to_hex(again.event.hash), to_hex(first.event.hash));
  EXPECT_EQ(taverns.publish(two_kinds, second_dishes).event.version, 2);
  EXPECT_EQ(taverns.publish(two_kinds, first_dishes).event.version, 1);
  const auto versions = state::list_references(taverns.application("shared"));
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[1].event.rows.at("dishes"), 3);
  taverns.expect_verified("shared");
}

TEST_P(publishing, what_is_wrong_is_named_with_its_line_and_changes_nothing) {
  taverns.make({"shared"});
  const std::int64_t before = taverns.open("shared").head().sequence.value;
  const auto refused = [&](const std::string& kinds, const std::string& dishes) {
    return message_of([&] { taverns.publish(kinds, dishes); });
  };
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {refused(two_kinds, "dish,kind,prize\nbread,baked,3\n"), "dishes.csv:1 `prize` is no column of dishes"},
      {refused(two_kinds, "dish,kind,price\nbread,baked,three\n"),
       "dishes.csv:2 the member price is not an integer"},
      {refused(two_kinds, "dish,kind,price\nbread,baked,3\nsoup,cooked\n"), "dishes.csv:3 2 fields where"},
      {refused(two_kinds, "dish,kind,price\nbread,baked,0\n"), "dishes.csv:2"},
      {refused(two_kinds, "dish,kind,price\nbread,baked,3\nbread,baked,4\n"), "dishes.csv:3"},
      {refused(two_kinds, "dish,kind,price\nbread,baked,\n"), "dishes.csv:2"},
      {refused(two_kinds, "dish,kind,price\nbread,fried,3\n"),
       "kinds lacks what these rows point to: dish 'bread' -> kind 'fried'"},
      {refused(two_kinds, "dish,kind,price\nbread,\"baked,3\n"), "dishes.csv:2 a quote is opened"},
      {refused(two_kinds, ""), "dishes.csv:1 there is no line with the names"},
      {refused("kind,label,open\nbaked,x,yes\n", first_dishes), "kinds.csv:2 open is not true or false"},
      {refused("kind,label,extra\nbaked,x,{\n", first_dishes), "kinds.csv:2 extra is not JSON"},
      {refused("kind,label\nbaked,\xff\n", first_dishes), "kinds.csv:2 label is not UTF-8"},
      {refused("kind,label\nbaked," + std::string(41, 'x') + "\n", first_dishes), "kinds.csv:2"},
      {refused("kind,label,big\nbaked,x,9223372036854775808\n", first_dishes), "kinds.csv:2"},
  };
  for (const auto& [message, expected] : wrong) {
    EXPECT_NE(message.find(expected), std::string::npos) << message << "\nexpected: " << expected;
  }
  taverns.workshop.write("odd/kinds.csv", two_kinds);
  const auto odd = [&] {
    return message_of(
        [&] { state::publish_reference(taverns.administrator("shared"), taverns.workshop.path("odd")); });
  };
  EXPECT_NE(odd().find("there is no file of the reference table dishes"), std::string::npos) << odd();
  taverns.workshop.write("odd/dishes.csv", first_dishes);
  taverns.workshop.write("odd/dishes.ndjson", "");
  EXPECT_NE(odd().find("dishes has two files"), std::string::npos) << odd();
  taverns.workshop.write("odd/orders.csv", "number\n1\n");
  EXPECT_NE(message_of([&] {
              state::publish_reference(taverns.administrator("shared"), taverns.workshop.path("nowhere"));
            }).find("not_found"),
            std::string::npos);
  EXPECT_EQ(taverns.open("shared").head().sequence.value, before);
  taverns.expect_verified("shared");
}

TEST_P(publishing, a_version_may_be_empty) {
  taverns.make({"shared", "north"});
  taverns.publish(two_kinds, first_dishes);
  taverns.publish("kind,label\n", "dish,kind,price\n");
  taverns.pin("north", 1);
  taverns.pin("north", 2);
  EXPECT_EQ(taverns.menu("north"), "");
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.menu("north"), "bread 3 Bakery; soup 5 Kitchen");
  taverns.expect_verified("north");
}

TEST_P(publishing, a_hundred_thousand_rows_are_a_version_like_any_other) {
  taverns.make({"shared", "north"});
  std::string dishes = "dish,kind,price\n";
  for (int i = 1; i <= 100'000; ++i) {
    dishes += "dish " + std::to_string(i) + (i % 2 == 0 ? ",baked," : ",cooked,") + std::to_string(i) + "\n";
  }
  EXPECT_EQ(taverns.publish(two_kinds, dishes).event.rows.at("dishes"), 100'000);
  taverns.pin("north", 1);
  EXPECT_EQ(taverns.order("north", 1, "dish 77777"), "");
  dishes += "dish 100001,baked,1\n";
  taverns.publish(two_kinds, dishes);
  taverns.pin("north", 2);
  EXPECT_EQ(taverns.order("north", 2, "dish 100001"), "");
  EXPECT_EQ(taverns.rows("north", "orders"), "1 dish 77777 77777; 2 dish 100001 1");
  taverns.expect_verified("north");
}

TEST_P(publishing, two_that_pin_one_version_at_once_both_have_it) {
  taverns.make({"shared", "north", "south"});
  taverns.publish(two_kinds, second_dishes);
  std::vector<std::string> faults(2);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 2; ++i) {
    threads.emplace_back(
        [&, i] { faults[i] = message_of([&] { taverns.pin(i == 0 ? "north" : "south", 1); }); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(faults, std::vector<std::string>(2, "nothing was refused"));
  EXPECT_EQ(taverns.menu("north"), taverns.menu("south"));
  for (const char* ledger : {"north", "south"}) taverns.expect_verified(ledger);
}

TEST_P(publishing, on_postgres_only_shared_publishes) {
  taverns.make({"north"});
  if (GetParam()) {  // who asks in a schema without it hears what to make
    const Error missing = error_of([&] { state::list_references(taverns.administrator("north")); });
    EXPECT_EQ(missing.code(), ErrorCode::not_found);
    EXPECT_NE(missing.remedy().find("ledger=shared"), std::string::npos) << missing.remedy();
  }
  taverns.make({"shared"});
  const std::string refused = message_of([&] {
    state::publish_reference(taverns.administrator("north"), taverns.folder(two_kinds, first_dishes));
  });
  EXPECT_EQ(refused.find("publishes no reference rows") != std::string::npos, GetParam()) << refused;
}

REEVE_ON_BOTH_ENGINES(publishing);

}  // namespace
}  // namespace reeve::testing
