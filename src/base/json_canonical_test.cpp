#include "base/json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace reeve::json {
namespace {

using namespace std::literals;

std::string number_text(double number) {
  std::string text;
  append_canonical_number(number, text);
  return text;
}

std::string string_text(std::string_view value) {
  std::string text;
  append_canonical_string(value, text);
  return text;
}

// RFC 8785, appendix B.
TEST(canonical_json, writes_the_numbers_of_rfc_8785) {
  struct {
    std::uint64_t bits;
    std::string_view text;
  } const rows[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& row : rows) EXPECT_EQ(number_text(std::bit_cast<double>(row.bits)), row.text);
}

TEST(canonical_json, refuses_numbers_that_are_not_finite) {
  EXPECT_THROW(number_text(std::bit_cast<double>(0x7fffffffffffffffU)), Error);
  EXPECT_THROW(number_text(std::bit_cast<double>(0x7ff0000000000000U)), Error);
}

TEST(canonical_json, numbers_round_trip) {
  const unsigned seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = random();
    // Half of them of everyday size: random exponents hardly ever are.
    double number =
        i % 2 == 0 ? std::bit_cast<double>(bits) : static_cast<double>(bits % 1'000'000'007U) / 1000.0;
    if (!std::isfinite(number)) continue;
    const std::string text = number_text(number);
    double again = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), again);
    ASSERT_EQ(result.ptr, text.data() + text.size()) << text << " seed " << seed;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(again), std::bit_cast<std::uint64_t>(number))
        << text << " seed " << seed;
    ASSERT_LE(text.size(), 25U) << text;
  }
}

TEST(canonical_json, integers_have_no_fraction) {
  EXPECT_EQ(canonical("[1.0,1e2,-0,-0.0,0.5e1,9007199254740992,-9007199254740992,100]"),
            "[1,100,0,0,5,9007199254740992,-9007199254740992,100]");
  EXPECT_EQ(canonical("[1e21,1e-7,123456.789,0.000001,4.50,2e-3,1e30,-1.5]"),
            "[1e+21,1e-7,123456.789,0.000001,4.5,0.002,1e+30,-1.5]");
}

TEST(canonical_json, escapes_what_rfc_8785_escapes) {
  EXPECT_EQ(string_text("\b\t\n\f\r\"\\"), R"("\b\t\n\f\r\"\\")");
  EXPECT_EQ(string_text("\x01\x0b\x1f"), "\"\\u0001\\u000b\\u001f\"");
  EXPECT_EQ(string_text("/\x7F\xE2\x80\xA8<"), "\"/\x7F\xE2\x80\xA8<\"");
  EXPECT_EQ(string_text(""), "\"\"");
  EXPECT_EQ(canonical(R"("\u20ac$\u000f\nA'\u0042\"\\\/\ud83d\ude00")"),
            "\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\/\xF0\x9F\x98\x80\"");
}

TEST(canonical_json, finds_an_escape_at_every_position) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'"', '\\', '\n', '\x1f', ' ', '!', '#', '[', ']', '\x7f', '\xbf'}) {
        std::string text(size, '\xC3');
        text[at] = c;
        std::string expected = "\"";
        for (const char each : text) {
          if (each == '"' || each == '\\') expected += '\\';
          if (each == '\n') {
            expected += "\\n";
          } else if (each == '\x1f') {
            expected += "\\u001f";
          } else {
            expected += each;
          }
        }
        ASSERT_EQ(string_text(text), expected + "\"") << size << ' ' << at;
      }
    }
  }
}

// RFC 8785, 3.2.3.
TEST(canonical_json, sorts_members_by_utf16_code_units) {
  EXPECT_EQ(canonical(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})"),
            "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
            "\"\xEF\xAC\xB3\":3}");
  EXPECT_EQ(canonical(R"({"b":1,"a":{"d":[{"z":0,"y":0}],"c":2},"":3,"aa":4,"B":5})"),
            R"({"":3,"B":5,"a":{"c":2,"d":[{"y":0,"z":0}]},"aa":4,"b":1})");
}

std::u16string to_utf16(const std::vector<std::uint32_t>& code_points) {
  std::u16string out;
  for (const std::uint32_t c : code_points) {
    if (c >= 0x10000U) {
      out += static_cast<char16_t>(0xD800U + ((c - 0x10000U) >> 10U));
      out += static_cast<char16_t>(0xDC00U + ((c - 0x10000U) & 0x3FFU));
    } else {
      out += static_cast<char16_t>(c);
    }
  }
  return out;
}

std::string to_utf8(const std::vector<std::uint32_t>& code_points) {
  std::string out;
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  for (const std::uint32_t c : code_points) {
    if (c < 0x80U) {
      put(c);
    } else if (c < 0x800U) {
      put(0xC0U | c >> 6U);
      put(0x80U | (c & 63U));
    } else if (c < 0x10000U) {
      put(0xE0U | c >> 12U);
      put(0x80U | (c >> 6U & 63U));
      put(0x80U | (c & 63U));
    } else {
      put(0xF0U | c >> 18U);
      put(0x80U | (c >> 12U & 63U));
      put(0x80U | (c >> 6U & 63U));
      put(0x80U | (c & 63U));
    }
  }
  return out;
}

TEST(canonical_json, member_less_agrees_with_utf16) {
  const std::uint32_t alphabet[] = {'a',    'b',    0x7FF,  0x800,   0xD7FF,  0xE000,
                                    0xFB33, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const auto name = [&] {
    std::vector<std::uint32_t> code_points(random() % 4U);
    for (std::uint32_t& c : code_points) c = alphabet[random() % std::size(alphabet)];
    return code_points;
  };
  for (int i = 0; i < 100'000; ++i) {
    const auto left = name();
    const auto right = name();
    ASSERT_EQ(member_less(to_utf8(left), to_utf8(right)), to_utf16(left) < to_utf16(right))
        << "seed " << seed;
  }
}

TEST(canonical_json, does_not_depend_on_the_order_of_members) {
  std::mt19937 random(4);
  for (const std::size_t count : {1U, 5U, 23U, 24U, 25U, 300U}) {
    std::vector<std::string> members;
    for (std::size_t i = 0; i < count; ++i)
      members.push_back("\"m" + std::to_string(i) + "\": " + std::to_string(i));
    std::string first;
    for (int round = 0; round < 5; ++round) {
      std::string text = "{";
      for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? " , " : "") + members[i];
      const std::string written = canonical(text + "}");
      if (round == 0) first = written;
      ASSERT_EQ(written, first);
      std::shuffle(members.begin(), members.end(), random);
    }
    EXPECT_EQ(canonical(first), first);
  }
}

// A tree that no Reader made may hold them; RFC 8785 knows doubles only.
TEST(canonical_json, writes_larger_integers_as_doubles) {
  simdjson::dom::parser parser;
  std::string out;
  append_canonical(parser.parse("[9007199254740993,-9223372036854775807,18446744073709551615]"s), out);
  EXPECT_EQ(out, "[9007199254740992,-9223372036854776000,18446744073709552000]");
}

TEST(canonical_json, appends_to_what_is_there) {
  Reader reader;
  std::string out = "x=";
  append_canonical(reader.read("[ true , null,false ]"), out);
  EXPECT_EQ(out, "x=[true,null,false]");
}

}  // namespace
}  // namespace reeve::json
