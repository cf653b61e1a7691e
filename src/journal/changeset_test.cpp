#include "journal/changeset.h"

#include "base/hash.h"
#include "journal/varint.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <cmath>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>

namespace reeve::journal {
namespace {

/// Two tables with every kind of value; the second has a key of two columns that is not declared first, and
/// more than eight other columns.
Layout layout() {
  sql::Catalogue catalogue;
  sql::Table& players = catalogue.tables["players"];
  players.name = "players";
  players.columns = {{"player_id", sql::Type::text, false, {}, {}},
                     {"name", sql::Type::text, true, {}, {}},
                     {"reputation", sql::Type::integer, true, {}, {}}};
  players.primary_key = {"player_id"};
  sql::Table& wide = catalogue.tables["wide"];
  wide.name = "wide";
  wide.primary_key = {"second", "first"};
  for (const char* name : {"z", "first", "b", "second", "c", "a", "e", "d", "g", "f", "h"}) {
    wide.columns.push_back(
        {name, name == std::string_view("c") ? sql::Type::double_precision : sql::Type::text, true, {}, {}});
  }
  return Layout::of(catalogue);
}

using OwnedRow = std::vector<Value>;

std::vector<ValueView> views(const OwnedRow& row) {
  std::vector<ValueView> out;
  for (const Value& value : row) out.push_back(ValueView::of(value));
  return out;
}

std::string encode(const Layout& tables, int table, const OwnedRow* before, const OwnedRow* after) {
  const auto old_row = before != nullptr ? views(*before) : std::vector<ValueView>();
  const auto new_row = after != nullptr ? views(*after) : std::vector<ValueView>();
  const Change change{table, before != nullptr ? old_row.data() : nullptr,
                      after != nullptr ? new_row.data() : nullptr};
  std::string out;
  append_changeset(tables, {&change, 1}, out);
  return out;
}

/// Applies what was read to the row that was, as a replay does.
std::optional<OwnedRow> applied(const Layout& tables, const StoredChange& change, const OwnedRow* before) {
  if (change.operation == StoredChange::Operation::remove) return std::nullopt;
  const TableLayout& table = tables.table(change.table);
  OwnedRow row = before != nullptr ? *before : OwnedRow(table.columns.size());
  for (std::size_t i = 0; i < change.key.size(); ++i) {
    row[static_cast<std::size_t>(table.key[i])] = change.key[i].to_value();
  }
  for (std::size_t i = 0; i < change.columns.size(); ++i) {
    row[static_cast<std::size_t>(change.columns[i])] = change.after[i].to_value();
  }
  return row;
}

std::string hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

class RandomRows {
 public:
  explicit RandomRows(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  Value value() {
    switch (below(8)) {
      case 0: return Null{};
      case 1: return static_cast<std::int64_t>(engine_());
      case 2: return static_cast<std::int64_t>(below(300)) - 150;
      case 3: return std::numeric_limits<std::int64_t>::min();
      case 4: return (static_cast<double>(engine_()) - 9e18) / 1e7;
      case 5: return Bytes(below(40), static_cast<std::byte>(below(256)));
      default: return text();
    }
  }
  std::string text() {
    std::string out;
    const std::uint64_t size = below(4) == 0 ? below(400) : below(12);
    for (std::uint64_t i = 0; i < size; ++i) out.push_back(static_cast<char>('a' + below(26)));
    return out;
  }
  /// Near to another, so that splices have something to find.
  Value near(const Value& old) {
    const auto* before = std::get_if<std::string>(&old);
    if (before == nullptr || below(3) == 0) return below(3) == 0 ? old : value();
    std::string after = *before;
    const std::size_t at = below(after.size() + 1);
    after.replace(at, std::min<std::size_t>(below(10), after.size() - at), text());
    return after;
  }

 private:
  std::mt19937_64 engine_;
};

std::uint64_t seed_of(std::string_view test) {
  const char* given = std::getenv("REEVE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << test << ": REEVE_SEED=" << seed << std::endl;
  return seed;
}

TEST(changeset, gives_back_every_change_that_was_written) {
  const Layout tables = layout();
  RandomRows random(seed_of("changeset round trip"));
  for (int round = 0; round < 20'000; ++round) {
    const int table = static_cast<int>(random.below(2));
    const std::size_t width = tables.table(table).columns.size();
    OwnedRow before(width);
    for (Value& value : before) value = random.value();
    for (const int place : tables.table(table).key) before[static_cast<std::size_t>(place)] = random.text();
    OwnedRow after = before;
    for (const int place : tables.table(table).rest) {
      Value& value = after[static_cast<std::size_t>(place)];
      value = random.near(value);
    }
    const std::uint64_t kind = random.below(3);
    const OwnedRow* old_row = kind == 0 ? nullptr : &before;
    const OwnedRow* new_row = kind == 2 ? nullptr : &after;
    const std::string bytes = encode(tables, table, old_row, new_row);

    ChangesetReader reader(tables, bytes);
    StoredChange change;
    ASSERT_TRUE(reader.next(change)) << round;
    ASSERT_EQ(change.table, table);
    ASSERT_EQ(static_cast<std::uint64_t>(change.operation), kind);
    const auto row = applied(tables, change, old_row);
    ASSERT_EQ(row.has_value(), new_row != nullptr);
    if (row) {
      ASSERT_TRUE(equal_rows(tables.table(table), views(*row).data(), views(*new_row).data())) << round;
    }
    for (std::size_t i = 0; i < change.before.size(); ++i) {
      ASSERT_EQ(change.before[i], ValueView::of(before[static_cast<std::size_t>(change.columns[i])]))
          << round;
    }
    ASSERT_FALSE(reader.next(change));
  }
}

TEST(changeset, keeps_only_what_a_splice_adds_to_a_long_text) {
  const Layout tables = layout();
  const std::string start(500, 's');
  const std::string end(500, 'e');
  const OwnedRow before{std::string("p"), start + end, Null{}};
  const OwnedRow after{std::string("p"), start + "middle" + end, Null{}};
  const std::string bytes = encode(tables, 0, &before, &after);
  // The old text is there whole, the new one as its middle: 05, prefix 500, suffix 500, length 6.
  EXPECT_EQ(hex(bytes).substr(hex(bytes).size() - 24), "05f403f403066d6964646c65");
  EXPECT_LT(bytes.size(), 1030U);
  ChangesetReader reader(tables, bytes);
  StoredChange change;
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.after.at(0).text(), start + "middle" + end);
}

TEST(changeset, splices_texts_whose_start_and_end_overlap) {
  const Layout tables = layout();
  for (const auto& [old_text, new_text] : std::vector<std::pair<std::string, std::string>>{
           {std::string(60, 'a'), std::string(61, 'a')},
           {std::string(61, 'a'), std::string(60, 'a')},
           {std::string(100, 'a') + "b" + std::string(100, 'a'), std::string(150, 'a')}}) {
    const OwnedRow before{std::string("p"), old_text, Null{}};
    const OwnedRow after{std::string("p"), new_text, Null{}};
    const std::string bytes = encode(tables, 0, &before, &after);
    ChangesetReader reader(tables, bytes);
    StoredChange change;
    ASSERT_TRUE(reader.next(change));
    EXPECT_EQ(change.after.at(0).text(), new_text);
  }
}

TEST(changeset, masks_count_the_columns_beside_the_key_by_name) {
  const Layout tables = layout();
  // In order of declaration: z first b second c a e d g f h; beside the key by name: a b c d e f g h z.
  OwnedRow before(11);
  before[1] = std::string("k1");
  before[3] = std::string("k2");
  OwnedRow after = before;
  after[0] = std::string("Z");
  after[5] = std::string("A");
  const std::string bytes = encode(tables, 1, &before, &after);
  // Table 1, update: 05. Key second, first. Mask 01 01: a is bit 0, z is bit 8. Then (old new) of a, of z.
  EXPECT_EQ(hex(bytes),
            "05"
            "03026b32"
            "03026b31"
            "0101"
            "00"
            "030141"
            "00"
            "03015a");
}

TEST(changeset, writes_minus_zero_as_zero) {
  const Layout tables = layout();
  OwnedRow row(11);
  row[1] = row[3] = std::string("k");
  row[4] = -0.0;
  const std::string minus = encode(tables, 1, nullptr, &row);
  row[4] = 0.0;
  EXPECT_EQ(hex(minus), hex(encode(tables, 1, nullptr, &row)));
}

TEST(changeset, reads_damaged_bytes_as_corrupt_and_never_beyond_them) {
  const Layout tables = layout();
  RandomRows random(seed_of("changeset damage"));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const int table = static_cast<int>(random.below(2));
    OwnedRow before(tables.table(table).columns.size());
    for (Value& value : before) value = random.value();
    OwnedRow after = before;
    for (Value& value : after) value = random.near(value);
    for (const int place : tables.table(table).key)
      after[static_cast<std::size_t>(place)] = before[static_cast<std::size_t>(place)];
    std::string bytes = encode(tables, table, &before, &after);
    if (random.below(3) == 0) {
      bytes.resize(random.below(bytes.size()));
    } else {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    // Exactly as long as its bytes, so that a sanitizer sees a read past the end.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    ChangesetReader reader(tables, {exact.data(), exact.size()});
    StoredChange change;
    try {
      while (reader.next(change)) {}
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::corrupt) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 5'000);
}

/// No engine stores one, and no JSON has it: who looks at a damaged file hears so.
TEST(changeset, refuses_numbers_that_are_not_finite) {
  const Layout tables = layout();
  for (const double number : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    OwnedRow row(11);
    row[1] = row[3] = std::string("k");
    row[4] = number;
    const std::string bytes = encode(tables, 1, nullptr, &row);
    try {
      changeset_json(tables, bytes);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.what();
    }
  }
}

TEST(changeset, refuses_lengths_that_overflow) {
  const Layout tables = layout();
  for (const std::string_view bytes :
       {std::string_view("\x00\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12),
        std::string_view("\x01\x03\x01k\x01\x03\x01x\x05\xff\xff\xff\xff\xff\xff\xff\xff"
                         "\xff\x01\x01\x00",
                         21),
        std::string_view("\x00\x09", 2), std::string_view("\x0b", 1),
        std::string_view("\x00\x03\x01k\x04", 5)}) {
    ChangesetReader reader(tables, bytes);
    StoredChange change;
    EXPECT_THROW(reader.next(change), Error) << hex(bytes);
  }
}

TEST(changeset, shows_people_a_change_as_canonical_json) {
  const Layout tables = layout();
  const OwnedRow before{std::string("curie"), std::string("Marie Curie"), std::int64_t{3}};
  const OwnedRow after{std::string("curie"), std::string("Marie Curie"), std::int64_t{5}};
  EXPECT_EQ(changeset_json(tables, encode(tables, 0, &before, &after)),
            R"([{"after":{"reputation":5},"before":{"reputation":3},"key":{"player_id":"curie"},)"
            R"("operation":"update","table":"players"}])");
  EXPECT_EQ(changeset_json(tables, encode(tables, 0, nullptr, &after)),
            R"([{"after":{"name":"Marie Curie","reputation":5},"key":{"player_id":"curie"},)"
            R"("operation":"insert","table":"players"}])");
  EXPECT_EQ(changeset_json(tables, ""), "[]");
}

TEST(varint, takes_seven_bits_a_byte_and_zigzag_keeps_small_negatives_small) {
  std::string out;
  append_varint(0, out);
  append_varint(127, out);
  append_varint(128, out);
  append_varint(std::numeric_limits<std::uint64_t>::max(), out);
  EXPECT_EQ(hex(out), "007f8001ffffffffffffffffff01");
  EXPECT_EQ(zigzag(-1), 1U);
  EXPECT_EQ(zigzag(1), 2U);
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(number)), number);
  }
}

}  // namespace
}  // namespace reeve::journal
