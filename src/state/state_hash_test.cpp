#include "state/state_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

namespace reeve::state {
namespace {

std::string document(std::string_view name) {
  const char* root = std::getenv("REEVE_SOURCE_DIR");
  std::ifstream in(std::filesystem::path(root != nullptr ? root : ".") / "docs" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

using Columns = std::vector<std::pair<std::string, sql::Type>>;

journal::Layout layout(const Columns& columns, const std::string& table = "players",
                       std::vector<std::string> key = {"player_id"}) {
  sql::Catalogue catalogue;
  sql::Table& entry = catalogue.tables[table];
  entry.name = table;
  for (const auto& [name, type] : columns) entry.columns.push_back({name, type, true, {}, {}});
  entry.primary_key = std::move(key);
  return journal::Layout::of(catalogue);
}

const Columns players{
    {"player_id", sql::Type::text}, {"name", sql::Type::text}, {"reputation", sql::Type::integer}};

ValueView text(std::string_view value) { return ValueView::of(value); }
ValueView integer(std::int64_t value) { return ValueView::of(value); }

std::string state_hash(const journal::Layout& tables, const std::vector<std::vector<ValueView>>& rows) {
  StateSums sums(tables);
  for (const auto& row : rows) sums.add(0, row.data());
  return to_hex(sums.state_hash());
}

std::string without_spaces(std::string value) {
  std::erase_if(value, [](char letter) { return letter == ' ' || letter == '\n'; });
  return value;
}

TEST(state_hash, has_the_worked_example_of_its_document) {
  const journal::Layout tables = layout(players);
  const std::vector<ValueView> row{text("curie"), text("Marie Curie"), integer(5)};
  std::string bytes;
  RowEncoder(tables).append(0, row.data(), bytes);
  Digest digest;
  crypto_generichash_blake2b(digest.data(), digest.size(),
                             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);

  const std::string document_text = document("state_hash.md");
  EXPECT_NE(document_text.find(hash_profile), std::string::npos);
  EXPECT_NE(without_spaces(document_text).find("row" + hex(bytes)), std::string::npos) << hex(bytes);
  EXPECT_NE(document_text.find("digest     " + to_hex(digest) + "\n"), std::string::npos) << to_hex(digest);
  const std::string hash = state_hash(tables, {row});
  EXPECT_NE(document_text.find("state_hash " + hash + "\n"), std::string::npos) << hash;
}

/// One block of ChaCha with 8 rounds, word by word.
std::array<std::uint32_t, 16> chacha8_block(const std::array<unsigned char, 32>& key, std::uint32_t counter) {
  std::array<std::uint32_t, 16> start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (std::size_t word = 0; word < 8; ++word) {
    std::memcpy(&start[4 + word], key.data() + 4 * word, 4);
  }
  start[12] = counter;
  std::array<std::uint32_t, 16> x = start;
  const auto quarter = [&x](std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = std::rotl(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = std::rotl(x[b] ^ x[c], 7);
  };
  for (int round = 0; round < 8; round += 2) {
    for (std::size_t column = 0; column < 4; ++column) {
      quarter(column, 4 + column, 8 + column, 12 + column);
    }
    for (std::size_t diagonal = 0; diagonal < 4; ++diagonal) {
      quarter(diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4);
    }
  }
  for (std::size_t word = 0; word < 16; ++word) {
    x[word] += start[word];
  }
  return x;
}

/// The expansion in the order of the document: eight blocks at a time, word by word.
std::array<unsigned char, 2048> plain_expansion(const std::array<unsigned char, 32>& key) {
  std::array<unsigned char, 2048> stream{};
  for (std::uint32_t counter = 0; counter < 32; ++counter) {
    const std::array<std::uint32_t, 16> block = chacha8_block(key, counter);
    for (std::size_t word = 0; word < 16; ++word) {
      std::memcpy(stream.data() + (counter / 8) * 512 + word * 32 + (counter % 8) * 4, &block[word], 4);
    }
  }
  return stream;
}

/// ECRYPT's test vector set 6 is of 20 rounds; this is of 8, key and nonce of zeros, the first block
/// (draft-strombergson-chacha-test-vectors, TC1, 256 bits, 8 rounds).
TEST(state_hash, expands_by_chacha_with_eight_rounds) {
  const std::array<std::uint32_t, 16> block = chacha8_block({}, 0);
  std::array<std::uint8_t, 16> first{};
  std::memcpy(first.data(), block.data(), first.size());
  EXPECT_EQ(to_hex(first), "3e00ef2f895f40d67f5bb8e81f09a5a1");
  TableSum sum;
  add_expansion(Digest{}, sum);
  EXPECT_EQ(std::memcmp(sum.data(), plain_expansion({}).data(), sizeof sum), 0);
  subtract_expansion(Digest{}, sum);
  EXPECT_EQ(sum, TableSum{});
}

TEST(state_hash, expands_to_the_same_lanes_on_every_processor) {
  for (const Processor processor : processors()) {
    TableSum sum;
    for (int round = 0; round < 50; ++round) {
      const Digest digest = Hasher("test").number(static_cast<std::uint64_t>(round)).finish();
      const TableSum before = sum;
      add_expansion(digest, sum, processor);
      const std::array<unsigned char, 2048> stream = plain_expansion(digest);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        ASSERT_EQ(sum.lane[lane], static_cast<std::uint16_t>(before.lane[lane] +
                                                             (stream[2 * lane] | stream[2 * lane + 1] << 8)))
            << "processor " << static_cast<int>(processor) << ", lane " << lane;
      }
      TableSum back = sum;
      subtract_expansion(digest, back, processor);
      ASSERT_EQ(back, before);
    }
  }
}

/// The same from the document's formulas, by plain functions.
TEST(state_hash, is_what_its_document_says_for_several_rows) {
  const journal::Layout tables = layout(players);
  const std::vector<std::vector<ValueView>> rows{{text("a"), text("A"), integer(1)},
                                                 {text("b"), ValueView(), integer(-2)},
                                                 {text("c"), text(""), ValueView()}};
  std::array<std::uint16_t, 1024> sum{};
  for (const auto& row : rows) {
    std::string bytes;
    RowEncoder(tables).append(0, row.data(), bytes);
    std::array<unsigned char, 32> key{};
    crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size(), nullptr, 0);
    const std::array<unsigned char, 2048> stream = plain_expansion(key);
    for (std::size_t lane = 0; lane < sum.size(); ++lane) {
      sum[lane] = static_cast<std::uint16_t>(sum[lane] + (stream[2 * lane] | stream[2 * lane + 1] << 8));
    }
  }
  std::string sum_bytes;
  for (const std::uint16_t lane : sum) {
    sum_bytes.push_back(static_cast<char>(lane & 0xff));
    sum_bytes.push_back(static_cast<char>(lane >> 8));
  }
  const Digest of_table = Hasher("reeve.sum.1").raw(sum_bytes.data(), sum_bytes.size()).finish();
  const Digest expected =
      Hasher("reeve.state.1").text("players").raw(of_table.data(), of_table.size()).finish();
  EXPECT_EQ(state_hash(tables, rows), to_hex(expected));
}

TEST(state_hash, does_not_depend_on_the_order_of_rows_or_columns_or_on_nulls_that_are_new) {
  const std::vector<ValueView> one{text("a"), text("A"), integer(1)};
  const std::vector<ValueView> two{text("b"), text("B"), integer(2)};
  const std::string hash = state_hash(layout(players), {one, two});
  EXPECT_EQ(state_hash(layout(players), {two, one}), hash);

  Columns shuffled{players[2], players[0], {"added", sql::Type::jsonb}, players[1]};
  EXPECT_EQ(state_hash(layout(shuffled), {{integer(1), text("a"), ValueView(), text("A")},
                                          {integer(2), text("b"), ValueView(), text("B")}}),
            hash);
  Columns widened = players;
  widened[2].second = sql::Type::bigint;
  EXPECT_EQ(state_hash(layout(widened), {one, two}), hash);
}

TEST(state_hash, tells_states_apart_that_are_not_the_same) {
  std::vector<std::string> seen;
  const auto differs = [&](const journal::Layout& tables, const std::vector<std::vector<ValueView>>& rows) {
    const std::string hash = state_hash(tables, rows);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), hash), 0) << seen.size();
    seen.push_back(hash);
  };
  const journal::Layout tables = layout(players);
  differs(tables, {});
  differs(tables, {{text("a"), text("A"), integer(1)}});
  differs(tables, {{text("a"), text("A"), integer(1)}, {text("a"), text("A"), integer(1)}});
  differs(tables, {{text("a"), text("A"), ValueView()}});
  differs(tables, {{text("a"), ValueView(), integer(1)}});
  differs(tables, {{text("a"), text(""), integer(1)}});
  differs(tables, {{text("aA"), text(""), integer(1)}});
  differs(layout(players, "others"), {{text("a"), text("A"), integer(1)}});
  differs(layout(players, "players", {"player_id", "name"}), {{text("a"), text("A"), integer(1)}});
  Columns other_type = players;
  other_type[1].second = sql::Type::uuid;
  differs(layout(other_type), {{text("a"), text("A"), integer(1)}});
  other_type[1].second = sql::Type::jsonb;
  differs(layout(other_type), {{text("a"), text("A"), integer(1)}});
  other_type = players;
  other_type[2].second = sql::Type::boolean;
  differs(layout(other_type), {{text("a"), text("A"), integer(1)}});
  other_type[2].second = sql::Type::double_precision;
  differs(layout(other_type), {{text("a"), text("A"), ValueView::of(1.0)}});
  Columns renamed = players;
  renamed[2].first = "fame";
  differs(layout(renamed), {{text("a"), text("A"), integer(1)}});
}

TEST(state_hash, comes_back_when_what_was_added_is_taken_away) {
  const journal::Layout tables = layout(players);
  StateSums sums(tables);
  const Digest empty = sums.state_hash();
  const std::vector<ValueView> one{text("a"), text("A"), integer(1)};
  const std::vector<ValueView> two{text("b"), text("B"), integer(std::numeric_limits<std::int64_t>::min())};
  sums.add(0, one.data());
  const Digest with_one = sums.state_hash();
  sums.change(0, one.data(), two.data());
  EXPECT_NE(sums.state_hash(), with_one);
  sums.change(0, two.data(), one.data());
  EXPECT_EQ(sums.state_hash(), with_one);
  sums.change(0, one.data(), nullptr);
  EXPECT_EQ(sums.state_hash(), empty);
}

TEST(state_hash, sees_minus_zero_as_zero) {
  Columns columns = players;
  columns[2].second = sql::Type::double_precision;
  EXPECT_EQ(state_hash(layout(columns), {{text("a"), text("A"), ValueView::of(0.0)}}),
            state_hash(layout(columns), {{text("a"), text("A"), ValueView::of(-0.0)}}));
}

}  // namespace
}  // namespace reeve::state
