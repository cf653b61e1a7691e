// The past across pins of reference rows, and across tables of them that are gone.

#include "tavern.h"

#include <reeve/history.h>

namespace reeve::testing {
namespace {

class references_past : public references {
 protected:
  static std::string text_of(const std::vector<std::vector<Value>>& rows) {
    std::string out;
    for (const auto& row : rows) {
      out += out.empty() ? "" : "; ";
      for (std::size_t column = 0; column < row.size(); ++column) {
        out += column == 0 ? "" : " ";
        const auto* integer = std::get_if<std::int64_t>(&row[column]);
        out += integer != nullptr ? std::to_string(*integer) : std::get<std::string>(row[column]);
      }
    }
    return out;
  }
};

REEVE_ON_BOTH_ENGINES(references_past);

TEST_P(references_past, shows_the_rows_that_were_pinned_then_with_checkpoints_and_without) {
  taverns.make({"shared", "fox"});
  std::map<std::int64_t, std::pair<std::string, std::string>> known;  // menu and state hash by sequence
  const auto note = [&] {
    const Head head = taverns.open("fox").head();
    known[head.sequence.value] = {taverns.menu("fox"), head.state_hash.to_string()};
  };
  note();
  taverns.publish(two_kinds, first_dishes);
  taverns.pin("fox", 1);
  note();
  ASSERT_EQ(taverns.order("fox", 1, "bread"), "");
  note();
  taverns.publish(two_kinds, second_dishes);
  taverns.pin("fox", 2);
  note();
  ASSERT_EQ(taverns.order("fox", 2, "cake"), "");
  note();
  ASSERT_EQ(known.size(), 5U);
  const std::string stored = taverns.workshop.path("stored");
  for (const std::int64_t every : {0, 1, 2, 3}) {
    if (every > 0)
      make_checkpoints(taverns.application("fox"), {.every = every, .anew = true, .checkpoints = stored});
    History history = History::open(taverns.application("fox"), {.checkpoints = stored});
    for (const auto& [sequence, then] : known) {
      EXPECT_EQ(text_of(history.query({sequence}, "menu").rows), then.first) << sequence;
      const PastHead head = history.head({sequence});
      EXPECT_EQ(head.head.state_hash.to_string(), then.second) << sequence;
      EXPECT_TRUE(head.is_proven) << sequence;
    }
    EXPECT_EQ(history.note(), "");
  }
}

using references_past_of_files = references_past;
INSTANTIATE_TEST_SUITE_P(engines, references_past_of_files, ::testing::Values(false),
                         [](const auto&) { return std::string("sqlite"); });

TEST_P(references_past_of_files, is_asked_and_compared_across_a_table_of_them_that_was_dropped) {
  taverns.make({"shared", "fox"});
  taverns.publish(two_kinds, first_dishes);
  taverns.pin("fox", 1);
  const Head pinned = taverns.open("fox").head();
  blueprint::Sources sources = tavern_sources();
  sources.files["migrations/0002_plain.up.sql"] =
      "-- breaking: the menu goes\n-- irreversible: its rows are gone\nDROP VIEW menu;\nDROP TABLE "
      "orders;\nDROP TABLE dishes;\n"
      "CREATE TABLE orders (number bigint PRIMARY KEY, dish text NOT NULL, cost bigint NOT NULL);\n";
  sources.files["events/dish.ordered.v1.sql"] =
      "INSERT INTO orders (number, dish, cost) VALUES (:number, :dish, 1);\n";
  sources.files["commands/order.sql"] = "-- emit: dish.ordered\nSELECT :number AS number, :dish AS dish;\n";
  sources.files["queries/menu.sql"] =
      "-- name: orders :many\nSELECT number, dish, cost FROM orders ORDER BY number;\n\n"
      "-- name: kinds :many\nSELECT kind, label FROM kinds ORDER BY kind;\n";
  state::migrate_up(taverns.application("fox"), sources);
  const Head dropped = taverns.open("fox").head();
  ASSERT_EQ(taverns.order("fox", 1, "bread"), "");
  const Head last = taverns.open("fox").head();
  History history = History::open(taverns.application("fox"));
  for (const Head& head : {pinned, dropped, last}) {
    const PastHead past = history.head(head.sequence);
    EXPECT_EQ(past.head.state_hash.to_string(), head.state_hash.to_string()) << head.sequence.value;
    EXPECT_TRUE(past.is_proven) << head.sequence.value;
  }
  EXPECT_EQ(text_of(history.query(pinned.sequence, "menu").rows), "bread 3 Bakery; soup 5 Kitchen");
  EXPECT_EQ(text_of(history.query(last.sequence, "kinds").rows), "baked Bakery; cooked Kitchen");
  std::string changes;
  const auto tell = [&](const RowChange& change) {
    changes += change.table + " " + change.key +
               (change.operation == RowChange::Operation::remove ? " went; " : " came; ");
    return true;
  };
  history.diff(pinned.sequence, last.sequence, tell);
  EXPECT_EQ(changes,
            R"(dishes {"dish":"bread"} went; dishes {"dish":"soup"} went; orders {"number":1} came; )");
  changes.clear();
  history.diff(last.sequence, pinned.sequence, tell);
  EXPECT_EQ(changes,
            R"(dishes {"dish":"bread"} came; dishes {"dish":"soup"} came; orders {"number":1} went; )");
}

}  // namespace
}  // namespace reeve::testing
