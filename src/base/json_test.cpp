#include "base/json.h"
#include "base/json_fault.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

namespace reeve::json {
namespace {

using namespace std::literals;

std::optional<Error> refusal(std::string_view text, Limits limits = {}) {
  Reader reader(limits);
  try {
    reader.read(text);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

void expect_refused(std::string_view text, std::string_view message) {
  const std::optional<Error> error = refusal(text);
  ASSERT_TRUE(error) << text;
  EXPECT_EQ(error->code(), ErrorCode::invalid_input) << text;
  EXPECT_EQ(error->message(), message) << text;
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']');
}

TEST(json_reader, takes_every_kind_of_value) {
  for (const std::string_view text : {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "1.5e3",
                                      "\"\"",
                                      "[]",
                                      "{}",
                                      " [1 , 2]\n",
                                      "{\"a\":{\"b\":[null]}}",
                                      "\"\\u00e9\\ud83d\\ude00\\\\u0000\"",
                                      "9007199254740992",
                                      "-9007199254740992",
                                      "1e21",
                                      "1e300",
                                      "1e-400",
                                      "\"\xF0\x9F\x98\x80\"",
                                      "\"\\\"\"",
                                      "\"\\/\""}) {
    const std::optional<Error> error = refusal(text);
    EXPECT_FALSE(error) << text << ": " << error->what();
  }
}

TEST(json_reader, refuses_what_is_not_json) {
  expect_refused("", "the JSON has an unexpected end, byte 1");
  expect_refused("  ", "the JSON has an unexpected end, byte 3");
  expect_refused("{\"a\":", "the JSON has an unexpected end at /a, byte 6");
  expect_refused("{\"a\" 1}", "the JSON has an unexpected character at /a, byte 6");
  expect_refused("[1,]", "the JSON has an unexpected character at /1, byte 4");
  expect_refused("{\"a\":1,}", "the JSON has an unexpected character, byte 8");
  expect_refused("{a:1}", "the JSON has an unexpected character, byte 2");
  expect_refused("'a'", "the JSON has an unexpected character, byte 1");
  expect_refused("tru", "the JSON has an unexpected character, byte 1");
  expect_refused("NaN", "the JSON has an unexpected character, byte 1");
  expect_refused("[1 2]", "the JSON has an unexpected character, byte 4");
  expect_refused("\"a", "the JSON has an unexpected end, byte 3");
  expect_refused("\"\\x\"", "the JSON has an unknown escape in text, byte 2");
  expect_refused("\"\\u12g4\"", "the JSON has an unknown escape in text, byte 2");
  expect_refused("\"a\nb\"", "the JSON has a control character in text, byte 3");
  expect_refused("\xEF\xBB\xBF{}", "the JSON has an unexpected character, byte 1");
  expect_refused("/* c */ 1", "the JSON has an unexpected character, byte 1");
}

TEST(json_reader, refuses_anything_after_the_value) {
  expect_refused("{} {}", "the JSON has something after its value, byte 4");
  expect_refused("1 x", "the JSON has something after its value, byte 3");
  expect_refused("[]]", "the JSON has something after its value, byte 3");
  expect_refused("{}\0"sv, "the JSON has something after its value, byte 3");
}

TEST(json_reader, refuses_malformed_numbers) {
  for (const std::string_view text : {"[01]", "[1.]", "[.5]", "[-]", "[+1]", "[1e]", "[1e+]", "[0x10]",
                                      "[1.2.3]", "[--1]", "[1_000]", "[-01]", "[Infinity]", "[-Infinity]"}) {
    const std::optional<Error> error = refusal(text);
    ASSERT_TRUE(error) << text;
    EXPECT_NE(error->message(), "the text is not JSON") << text;
  }
  expect_refused("{\"n\":01}", "the JSON has a malformed number at /n, byte 6");
}

TEST(json_reader, refuses_integers_beyond_2_to_the_53rd) {
  for (const std::string_view number :
       {"9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "18446744073709551616", "123456789012345678901234567890", "1e17",
        "-9007199254740994.0"}) {
    const std::optional<Error> error = refusal("{\"ids\":[1," + std::string(number) + "]}");
    ASSERT_TRUE(error) << number;
    EXPECT_EQ(error->message(), "the JSON has an integer beyond 2^53 at /ids/1, byte 11") << number;
    EXPECT_EQ(error->remedy(), "write it as a string of decimal digits");
  }
}

TEST(json_reader, refuses_numbers_that_no_double_holds) {
  expect_refused("[1e400]", "the JSON has a number beyond the range of a double at /0, byte 2");
  expect_refused("-1.8e308", "the JSON has a number beyond the range of a double, byte 1");
}

TEST(json_reader, refuses_a_member_twice_at_any_depth) {
  expect_refused("{\"a\":1,\"a\":2}", "the JSON has a member twice at /a, byte 8");
  expect_refused("{\"x\":[{\"a/b\":1,\"~\":0,\"a/b\":2}]}",
                 "the JSON has a member twice at /x/0/a~1b, byte 22");
  expect_refused("{\"a\":1,\"\\u0061\":2}", "the JSON has a member twice at /a, byte 8");
  expect_refused("{\"\":1,\"\":2}", "the JSON has a member twice at /, byte 7");
}

TEST(json_reader, finds_a_member_twice_among_many) {
  for (const std::size_t count : {2U, 7U, 23U, 24U, 25U, 26U, 100U, 5000U}) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i)
      text += "\"member_with_a_long_name_" + std::to_string(i) + "\":0,";
    std::string good = text + "\"member_with_a_long_name_x\":0}";
    EXPECT_FALSE(refusal(good)) << count;
    for (const std::size_t twin : {std::size_t{0}, count / 2, count - 1}) {
      EXPECT_TRUE(refusal(text + "\"member_with_a_long_name_" + std::to_string(twin) + "\":0}"))
          << count << twin;
    }
  }
}

TEST(json_reader, tells_names_apart_that_begin_and_end_alike) {
  EXPECT_FALSE(refusal("{\"12345678a12345678\":1,\"12345678b12345678\":2}"));
  EXPECT_FALSE(refusal("{\"ab\":1,\"ba\":2,\"a\":3,\"\":4}"));
}

TEST(json_reader, refuses_the_character_zero) {
  expect_refused("{\"a\":\"x\\u0000\"}", "the JSON has U+0000 in text at /a, byte 8");
  expect_refused("{\"\\u0000\":1}", "the JSON has U+0000 in text, byte 3");
  expect_refused("\"\0\""sv, "the JSON has a control character in text, byte 2");
}

TEST(json_reader, refuses_half_a_surrogate_pair) {
  for (const std::string_view text :
       {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\"", "\"\\ude00\\ud83d\"", "\"\\udfff\"", "\"\\uDBFF\\uE000\""}) {
    expect_refused(text, "the JSON has half a surrogate pair in text, byte 2");
  }
}

TEST(json_reader, refuses_text_that_is_not_utf8) {
  expect_refused("{\"a\":\"\xFF\"}", "the JSON has text that is not UTF-8 at /a, byte 7");
  expect_refused("\"\xED\xA0\x80\"", "the JSON has text that is not UTF-8, byte 2");
  expect_refused("\"\xC3\"", "the JSON has text that is not UTF-8, byte 2");
  expect_refused("\x80", "the JSON has bytes that are not UTF-8, byte 1");
}

TEST(json_reader, bounds_size_and_depth) {
  EXPECT_FALSE(refusal(nested(64)));
  const std::optional<Error> deep = refusal(nested(65));
  ASSERT_TRUE(deep);
  EXPECT_EQ(deep->code(), ErrorCode::limit_exceeded);
  EXPECT_EQ(deep->message().substr(0, 33), "the JSON has more than 64 levels ");
  EXPECT_EQ(refusal(nested(100'000))->code(), ErrorCode::limit_exceeded);
  EXPECT_EQ(refusal(std::string(100'000, '['))->code(), ErrorCode::limit_exceeded);
  EXPECT_FALSE(refusal(nested(2), {.depth_max = 2}));
  EXPECT_EQ(refusal("[[1],[[]]]", {.depth_max = 2})->code(), ErrorCode::limit_exceeded);

  const std::string text = "\"" + std::string(98, 'a') + "\"";
  EXPECT_FALSE(refusal(text, {.bytes_max = 100}));
  const std::optional<Error> large = refusal(text, {.bytes_max = 99});
  ASSERT_TRUE(large);
  EXPECT_EQ(large->code(), ErrorCode::limit_exceeded);
  EXPECT_FALSE(refusal(std::string(1024 * 1024 - 2, ' ') + "{}"));
}

TEST(json_reader, is_good_again_after_a_refusal) {
  Reader reader;
  EXPECT_THROW(reader.read("{\"a\":"), Error);
  EXPECT_EQ(std::string_view(reader.read("{\"a\":\"" + std::string(20'000, 'x') + "\"}")["a"]).size(),
            20'000U);
  EXPECT_THROW(reader.read(nested(65)), Error);
  EXPECT_EQ(std::int64_t(reader.read("{\"a\":7}")["a"]), 7);
}

TEST(json_reader, cuts_a_long_pointer_in_its_message) {
  const std::optional<Error> error = refusal("{\"" + std::string(5000, 'n') + "\":01}");
  ASSERT_TRUE(error);
  EXPECT_LT(error->message().size(), 400U);
}

// Damaged texts: the reader never crashes, and the scanner that explains a refusal always finds a reason.
TEST(json_reader, explains_every_refusal) {
  const std::string good =
      R"({"a":[1,-2.5e3,true,null],"b":{"c":"\u00e9\ud83d\ude00\n","d":"x"},"e":9007199254740991,"f":""})";
  const std::string_view pieces = "{}[]\",:\\u0123d8e+-. \n\xC3\xBC\xFFtn";
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  int refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = good;
    for (auto edits = random() % 3U + 1U; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char piece = pieces[random() % pieces.size()];
      switch (random() % 3U) {
        case 0: text[at] = piece; break;
        case 1: text.insert(at, 1, piece); break;
        default: text.erase(at, 1);
      }
    }
    if (const std::optional<Error> error = refusal(text)) {
      ++refused;
      ASSERT_NE(error->message(), "the text is not JSON") << text << " seed " << seed;
    } else {
      ASSERT_FALSE(find_fault(text, {})) << text << " seed " << seed;
      const std::string once = canonical(text);
      ASSERT_EQ(canonical(once), once) << text << " seed " << seed;
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace reeve::json
