#include "state/fold.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace reeve::state {
namespace {

using Values = std::vector<ValueView>;

/// One table: key, number, text.
journal::Layout words() {
  journal::TableLayout table;
  table.name = "words";
  table.columns = {{"word", sql::Type::text}, {"uses", sql::Type::bigint}, {"meaning", sql::Type::text}};
  table.key = {0};
  table.rest = {2, 1};
  journal::Layout layout;
  layout.tables.push_back(table);
  return layout;
}

Values row(std::string_view word, std::int64_t uses, std::optional<std::string_view> meaning = std::nullopt) {
  return {ValueView::of(word), ValueView::of(uses), meaning ? ValueView::of(*meaning) : ValueView()};
}

class fold : public ::testing::Test {
 protected:
  static std::string changeset(
      const std::vector<std::pair<std::optional<Values>, std::optional<Values>>>& rows) {
    const journal::Layout layout = words();
    std::vector<journal::Change> changes;
    for (const auto& [before, after] : rows) {
      changes.push_back({0, before ? before->data() : nullptr, after ? after->data() : nullptr});
    }
    std::string out;
    journal::append_changeset(layout, changes, out);
    return out;
  }

  void add(Fold& folded, const std::string& changeset) {
    const std::string_view view = changeset;
    folded.prepare({&view, 1});
    folded.add(view);
  }

  std::string fault(Fold& folded, const std::string& changeset) {
    try {
      add(folded, changeset);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt);
      return std::string(error.message());
    }
    return "none";
  }

  Fold make() {
    return {layout, [this](int, const auto& keys, const auto& found) {
              ++reads;
              for (const auto& key : keys) {
                const auto known = database.find(std::string(key[0].text()));
                if (known != database.end()) {
                  found(known->second.data());
                }
              }
            }};
  }

  /// Of these rows, summed from the beginning.
  Digest hash_of(const std::vector<Values>& rows) const {
    StateSums sums(layout);
    for (const Values& one : rows) {
      sums.add(0, one.data());
    }
    return sums.state_hash();
  }

  const journal::Layout layout = words();
  std::map<std::string, Values> database;
  int reads = 0;
};

TEST_F(fold, keeps_the_state_hash_that_the_rows_have_after_every_event) {
  Fold folded = make();
  add(folded, changeset({{std::nullopt, row("a", 1)}, {std::nullopt, row("b", 1, "bee")}}));
  EXPECT_EQ(folded.state_hash(), hash_of({row("a", 1), row("b", 1, "bee")}));
  add(folded, changeset({{row("b", 1, "bee"), row("b", 2, "")}}));
  add(folded, changeset({{row("a", 1), std::nullopt}}));
  EXPECT_EQ(folded.state_hash(), hash_of({row("b", 2, "")}));
  add(folded, changeset({{std::nullopt, row("a", 5, "x")}}));
  EXPECT_EQ(folded.state_hash(), hash_of({row("a", 5, "x"), row("b", 2, "")}));
  EXPECT_EQ(reads, 0) << "everything came with the changesets";
}

TEST_F(fold, is_net_since_the_database_had_all) {
  Fold folded = make();
  add(folded, changeset({{std::nullopt, row("came and went", 1)}, {std::nullopt, row("stays", 1)}}));
  add(folded, changeset({{row("came and went", 1), std::nullopt}}));
  std::vector<journal::Change> net;
  folded.net(net);
  ASSERT_EQ(net.size(), 1U);
  EXPECT_EQ(net[0].before, nullptr);
  EXPECT_EQ(net[0].after[0].text(), "stays");
  folded.landed();
  add(folded, changeset({{row("stays", 1), row("stays", 2)}}));
  add(folded, changeset({{row("stays", 2), row("stays", 1)}}));
  folded.net(net);
  EXPECT_TRUE(net.empty()) << "it is as it was";
}

TEST_F(fold, reads_what_it_does_not_hold_and_again_what_it_forgot) {
  database["old"] = row("old", 3, "oak");
  Fold folded = make();
  folded.sums().add(0, database["old"].data());
  add(folded, changeset({{row("old", 3, "oak"), row("old", 4, "oak")}}));
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(folded.state_hash(), hash_of({row("old", 4, "oak")}));
  folded.landed();
  database["old"] = row("old", 4, "oak");
  folded.forget();
  EXPECT_EQ(folded.bytes_held(), 0U);
  add(folded, changeset({{row("old", 4, "oak"), std::nullopt}}));
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(folded.state_hash(), hash_of({}));
}

TEST_F(fold, of_a_table_that_began_empty_reads_nothing) {
  Fold folded = make();
  folded.begin(0, TableSum{});
  EXPECT_EQ(fault(folded, changeset({{row("gone", 1), std::nullopt}})),
            R"(table words, row {"word":"gone"}: it is changed, and is not there)");
  add(folded, changeset({{std::nullopt, row("a", 1)}}));
  folded.state_hash();
  folded.landed();
  EXPECT_EQ(reads, 0);
  // What was there and is forgotten is no longer held.
  folded.forget();
  database["a"] = row("a", 1);
  add(folded, changeset({{row("a", 1), row("a", 2)}}));
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(folded.state_hash(), hash_of({row("a", 2)}));
}

TEST_F(fold, is_the_same_with_less_memory_once_it_is_compact) {
  Fold folded = make();
  folded.begin(0, TableSum{});
  add(folded, changeset({{std::nullopt, row("a", 0, "first")}, {std::nullopt, row("b", 0, "bee")}}));
  for (std::int64_t uses = 0; uses < 100; ++uses) {
    add(folded, changeset({{row("a", uses, "first"), row("a", uses + 1, "first")}}));
  }
  add(folded, changeset({{row("b", 0, "bee"), std::nullopt}}));
  folded.state_hash();
  folded.landed();
  const std::size_t before = folded.bytes_held();
  folded.compact();
  EXPECT_LT(folded.bytes_held(), before / 10);
  // Nothing of what a row was comes back with it.
  add(folded, changeset({{row("a", 100, "first"), std::nullopt}}));
  add(folded, changeset({{std::nullopt, row("a", 7)}, {std::nullopt, row("b", 8)}}));
  EXPECT_EQ(folded.state_hash(), hash_of({row("a", 7), row("b", 8)}));
  std::vector<journal::Change> net;
  folded.net(net);
  ASSERT_EQ(net.size(), 2U);
  EXPECT_EQ(net[0].before[2].text(), "first");
  EXPECT_EQ(net[1].before, nullptr);
  EXPECT_EQ(reads, 0);
}

TEST_F(fold, takes_back_and_folds_again_without_moving_the_sums) {
  Fold folded = make();
  const std::string first = changeset({{std::nullopt, row("a", 1)}});
  const std::string second = changeset({{row("a", 1), row("a", 2)}});
  add(folded, first);
  add(folded, second);
  const Digest hash = folded.state_hash();
  folded.take_back();
  std::vector<journal::Change> net;
  folded.net(net);
  EXPECT_TRUE(net.empty());
  folded.add(first);
  folded.landed();
  folded.add(second);
  folded.net(net);
  ASSERT_EQ(net.size(), 1U);
  EXPECT_EQ(net[0].before[1].integer(), 1);
  EXPECT_EQ(folded.state_hash(), hash);
}

TEST_F(fold, names_the_row_that_is_not_as_a_changeset_says) {
  database["old"] = row("old", 3, "oak");
  Fold folded = make();
  EXPECT_EQ(fault(folded, changeset({{row("old", 2, "oak"), row("old", 4, "oak")}})),
            R"(table words, row {"word":"old"}: uses is 3, the journal says 2)");
  EXPECT_EQ(fault(folded, changeset({{row("gone", 1), std::nullopt}})),
            R"(table words, row {"word":"gone"}: it is changed, and is not there)");
  EXPECT_EQ(fault(folded, changeset({{std::nullopt, row("old", 1)}})),
            R"(table words, row {"word":"old"}: it is inserted, and is there already)");
  EXPECT_EQ(fault(folded, std::string("\x7f\x01", 2)).substr(0, 30), "a stored changeset is damaged:");
}

}  // namespace
}  // namespace reeve::state
