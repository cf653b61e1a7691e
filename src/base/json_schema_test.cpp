#include "base/json_schema.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace reeve::json {
namespace {

// "" when the value fits, else `pointer: message`.
std::string verdict(std::string_view schema, std::string_view value) {
  Reader reader;
  const auto violation = Schema::compile("s.json", schema).check(reader.read(value));
  return violation ? violation->pointer + ": " + violation->message : "";
}

// The same for a schema of the member x, which is the only one.
std::string verdict_of_x(const std::string& schema, const std::string& value) {
  return verdict(R"({"properties":{"x":)" + schema + "}}", R"({"x":)" + value + "}");
}

std::string compile_error(std::string_view schema) {
  try {
    Schema::compile("s.json", schema);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_input);
    EXPECT_FALSE(error.place().file.empty());
    return error.place().to_string() + ": " + error.message();
  }
  return "";
}

TEST(json_schema, checks_types) {
  EXPECT_EQ(verdict_of_x(R"({"type":"string"})", "\"a\""), "");
  EXPECT_EQ(verdict_of_x(R"({"type":"string"})", "1"), "/x: is 1, of type integer, expected string");
  EXPECT_EQ(verdict_of_x(R"({"type":"integer"})", "\"1\""), "/x: is \"1\", of type string, expected integer");
  EXPECT_EQ(verdict_of_x(R"({"type":"integer"})", "1.5"), "/x: is 1.5, of type number, expected integer");
  EXPECT_EQ(verdict_of_x(R"({"type":"integer"})", "5.0"), "");
  EXPECT_EQ(verdict_of_x(R"({"type":"integer"})", "1e300"),
            "/x: is 1e+300, of type number, expected integer");
  EXPECT_EQ(verdict_of_x(R"({"type":"number"})", "5"), "");
  EXPECT_EQ(verdict_of_x(R"({"type":"number"})", "true"), "/x: is true, of type boolean, expected number");
  EXPECT_EQ(verdict_of_x(R"({"type":"boolean"})", "0"), "/x: is 0, of type integer, expected boolean");
  EXPECT_EQ(verdict_of_x(R"({"type":"null"})", "null"), "");
  EXPECT_EQ(verdict_of_x(R"({"type":"array"})", "{}"), "/x: is object, expected array");
  EXPECT_EQ(verdict_of_x(R"({"type":"object"})", "[]"), "/x: is array, expected object");
  EXPECT_EQ(verdict_of_x(R"({"type":["string","null"]})", "null"), "");
  EXPECT_EQ(verdict_of_x(R"({"type":["null","string"]})", "[]"), "/x: is array, expected null or string");
  EXPECT_EQ(verdict_of_x("{}", "[{\"any\":1}]"), "");
}

TEST(json_schema, takes_a_decimal_string_only_where_the_type_lists_it) {
  EXPECT_EQ(verdict_of_x(R"({"type":["integer","string"]})", "\"9007199254740993\""), "");
  EXPECT_NE(verdict_of_x(R"({"type":"integer"})", "\"9007199254740993\""), "");
}

TEST(json_schema, the_top_is_an_object) {
  EXPECT_EQ(verdict("{}", "[]"), ": is array, expected object");
  EXPECT_EQ(verdict("{}", "1"), ": is 1, of type integer, expected object");
  EXPECT_EQ(compile_error(R"({"items":{"type":"integer"},"additionalProperties":{"type":"null"}})"), "");
  EXPECT_EQ(compile_error(R"({"type":"array"})"), "s.json:1:2: the top is not an object");
  EXPECT_EQ(compile_error(R"({"type":["object","null"]})"), "s.json:1:2: the top is not an object");
}

TEST(json_schema, refuses_members_that_are_not_declared) {
  const std::string_view schema =
      R"({"properties":{"a":{"properties":{"b":{}}},"free":{"type":"object"},"open":{
          "additionalProperties":true,"properties":{"b":{"type":"string"}}},
          "map":{"additionalProperties":{"type":"integer"}}}})";
  EXPECT_EQ(verdict(schema, R"({"a":{"b":1},"free":{"c":1},"open":{"c":1},"map":{"k":1}})"), "");
  EXPECT_EQ(verdict(schema, R"({"c":1})"), "/c: is not declared");
  EXPECT_EQ(verdict(schema, R"({"a":{"c/~":1}})"), "/a/c~1~0: is not declared");
  EXPECT_EQ(verdict(schema, R"({"open":{"b":1}})"), "/open/b: is 1, of type integer, expected string");
  EXPECT_EQ(verdict(schema, R"({"map":{"k":"v"}})"), "/map/k: is \"v\", of type string, expected integer");
  EXPECT_EQ(verdict(R"({"type":"object"})", R"({"a":1})"), "/a: is not declared");
  EXPECT_EQ(verdict(R"({"additionalProperties":true})", R"({"a":1})"), "");
  EXPECT_EQ(verdict_of_x(R"({"additionalProperties":false})", R"({"a":1})"), "/x/a: is not declared");
}

TEST(json_schema, names_what_is_missing) {
  const std::string_view schema = R"({"required":["b","a"],"properties":{"a":{},"b":{},"c":{}}})";
  EXPECT_EQ(verdict(schema, R"({"a":1,"b":null})"), "");
  EXPECT_EQ(verdict(schema, R"({"b":1,"c":1})"), "/a: is missing");
  EXPECT_EQ(verdict(schema, "{}"), "/a: is missing");
  EXPECT_EQ(verdict_of_x(R"({"properties":{"y":{}},"required":["y"]})", "{}"), "/x/y: is missing");
  EXPECT_EQ(verdict_of_x(R"({"required":["y"]})", R"({"z":1})"), "/x/y: is missing");
  EXPECT_EQ(verdict_of_x(R"({"required":["y"],"additionalProperties":{"type":"string"}})", R"({"y":1})"),
            "/x/y: is 1, of type integer, expected string");
}

TEST(json_schema, finds_each_of_many_members_in_any_order) {
  std::string properties;
  std::string value = "{";
  constexpr int count = 70;
  for (int i = 0; i < count; ++i) {
    const std::string name = "\"m" + std::to_string(i * 37 % count) + "\"";
    properties += (i > 0 ? "," : "") + name + R"(:{"const":)" + std::to_string(i * 37 % count) + "}";
    const std::string other = std::to_string(i * 11 % count);
    value += (i > 0 ? ",\"m" : "\"m") + other + "\":" + other;
  }
  const std::string schema = R"({"required":["m0","m69"],"properties":{)" + properties + "}}";
  EXPECT_EQ(verdict(schema, value + "}"), "");
  EXPECT_EQ(verdict(schema, value + ",\"n\":1}"), "/n: is not declared");
  EXPECT_EQ(verdict(schema, R"({"m69":69,"m5":5})"), "/m0: is missing");
  EXPECT_EQ(verdict(schema, R"({"m69":69,"m5":6})"), "/m5: is 6, expected 5");
}

TEST(json_schema, counts_members_and_items) {
  const std::string open = R"({"additionalProperties":true,"minProperties":1,"maxProperties":2})";
  EXPECT_EQ(verdict(open, "{}"), ": has 0 members, expected at least 1");
  EXPECT_EQ(verdict(open, R"({"a":1,"b":1})"), "");
  EXPECT_EQ(verdict(open, R"({"a":1,"b":1,"c":1})"), ": has 3 members, expected at most 2");
  EXPECT_EQ(verdict_of_x(R"({"minItems":1,"maxItems":2.0})", "[]"), "/x: has 0 items, expected at least 1");
  EXPECT_EQ(verdict_of_x(R"({"maxItems":2})", "[1,2,3]"), "/x: has 3 items, expected at most 2");
  EXPECT_EQ(verdict_of_x(R"({"items":{"type":"integer"}})", "[1,2,\"3\"]"),
            "/x/2: is \"3\", of type string, expected integer");
}

TEST(json_schema, finds_an_item_twice) {
  const std::string schema = R"({"uniqueItems":true})";
  EXPECT_EQ(verdict_of_x(schema, R"([1,2,"1",[1],{"a":1},{"a":2},true,null])"), "");
  EXPECT_EQ(verdict_of_x(schema, "[1,2,1.0]"), "/x: has an item twice");
  EXPECT_EQ(verdict_of_x(schema, R"([{"a":1,"b":[2]},{"b":[2],"a":1}])"), "/x: has an item twice");
  EXPECT_EQ(verdict_of_x(R"({"uniqueItems":false})", "[1,1]"), "");
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += std::to_string(i) + ",";
  EXPECT_EQ(verdict_of_x(schema, "[" + many + "-1]"), "");
  EXPECT_EQ(verdict_of_x(schema, "[" + many + "5e0]"), "/x: has an item twice");
}

TEST(json_schema, checks_enum_and_const_by_value) {
  const std::string schema = R"({"enum":["a",1,null,{"k":[1,2]}]})";
  for (const char* value : {"\"a\"", "1", "1.0", "null", R"({"k":[1,2.0]})"}) {
    EXPECT_EQ(verdict_of_x(schema, value), "") << value;
  }
  EXPECT_EQ(verdict_of_x(schema, "\"b\""), "/x: is \"b\", expected one of \"a\", 1, null, an object");
  EXPECT_NE(verdict_of_x(schema, R"({"k":[1]})"), "");
  EXPECT_NE(verdict_of_x(schema, R"({"k":[1,2],"l":0})"), "");
  EXPECT_NE(verdict_of_x(schema, R"({"l":[1,2]})"), "");
  EXPECT_NE(verdict_of_x(schema, "false"), "");
  EXPECT_EQ(verdict_of_x(R"({"const":"a"})", "\"b\""), "/x: is \"b\", expected \"a\"");
  EXPECT_EQ(verdict_of_x(R"({"const":null})", "null"), "");
  EXPECT_NE(verdict_of_x(R"({"const":null})", "0"), "");
}

TEST(json_schema, checks_bounds_of_numbers) {
  EXPECT_EQ(verdict_of_x(R"({"minimum":1,"maximum":5})", "1"), "");
  EXPECT_EQ(verdict_of_x(R"({"minimum":1,"maximum":5})", "5.0"), "");
  EXPECT_EQ(verdict_of_x(R"({"minimum":1})", "0.5"), "/x: is 0.5, expected at least 1");
  EXPECT_EQ(verdict_of_x(R"({"maximum":5})", "6"), "/x: is 6, expected at most 5");
  EXPECT_EQ(verdict_of_x(R"({"exclusiveMinimum":0})", "0"), "/x: is 0, expected more than 0");
  EXPECT_EQ(verdict_of_x(R"({"exclusiveMaximum":1.5})", "1.5"), "/x: is 1.5, expected less than 1.5");
  EXPECT_EQ(verdict_of_x(R"({"minimum":1})", "\"text\""), "");
}

TEST(json_schema, counts_text_in_code_points) {
  const std::string schema = R"({"minLength":2,"maxLength":3})";
  const std::string smile = "\xF0\x9F\x98\x80";
  EXPECT_EQ(verdict_of_x(schema, '"' + smile + smile + smile + '"'), "");
  EXPECT_EQ(verdict_of_x(schema, '"' + smile + '"'), "/x: has 1 characters, expected at least 2");
  EXPECT_EQ(verdict_of_x(schema, "\"abcd\""), "/x: has 4 characters, expected at most 3");
  EXPECT_EQ(verdict_of_x(schema, "\"ab\""), "");
  EXPECT_EQ(verdict_of_x(R"({"minLength":1})", "\"\""), "/x: has 0 characters, expected at least 1");
}

TEST(json_schema, checks_formats) {
  EXPECT_EQ(verdict_of_x(R"({"format":"uuid"})", "\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\""), "");
  EXPECT_EQ(verdict_of_x(R"({"format":"uuid"})", "\"x\""), "/x: is \"x\", expected a UUID in lower case");
  EXPECT_EQ(verdict_of_x(R"({"format":"date"})", "\"2024-02-29\""), "");
  EXPECT_EQ(verdict_of_x(R"({"format":"date"})", "\"2023-02-29\""),
            "/x: is \"2023-02-29\", expected a date such as 2026-01-31");
  EXPECT_EQ(verdict_of_x(R"({"format":"date-time"})", "\"2024-02-29T10:00:00+01:00\""), "");
  EXPECT_NE(verdict_of_x(R"({"format":"date-time"})", "\"2024-02-29\""), "");
  EXPECT_EQ(verdict_of_x(R"({"format":"date"})", "7"), "");
}

TEST(json_schema, a_pattern_matches_anywhere_unless_anchored) {
  EXPECT_EQ(verdict_of_x(R"({"pattern":"b+"})", "\"abbc\""), "");
  EXPECT_EQ(verdict_of_x(R"({"pattern":"^b+$"})", "\"abbc\""),
            "/x: is \"abbc\", expected text that matches ^b+$");
  EXPECT_EQ(verdict_of_x(R"({"pattern":"^\\p{L}.$"})", "\"\u00fc\u20ac\""), "");
  EXPECT_EQ(verdict_of_x(R"({"pattern":"^b$"})", "\"b\\n\""),
            "/x: is \"b\\n\", expected text that matches ^b$");
}

// A backtracking matcher takes exponential time, or overflows its stack, on these.
TEST(json_schema, a_pattern_is_linear_in_a_long_text) {
  const std::string text(300'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_NE(verdict_of_x(R"({"pattern":"^(a+)+$"})", '"' + text + "!\""), "");
  EXPECT_EQ(verdict_of_x(R"({"pattern":"^(a|b|ab)*$"})", '"' + text + '"'), "");
  EXPECT_EQ(verdict_of_x(R"({"pattern":"^(a?){50}a*$"})", '"' + text + '"'), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(json_schema, bounds_its_patterns) {
  EXPECT_EQ(compile_error(R"({"properties":{"x":{"pattern":")" + std::string(1024, 'a') + "\"}}}"), "");
  EXPECT_EQ(compile_error(R"({"properties":{"x":{"pattern":")" + std::string(1025, 'a') + "\"}}}"),
            "s.json:1:21: the pattern is longer than 1024 bytes");
  EXPECT_NE(compile_error(R"({"properties":{"x":{"pattern":"(a"}}})"), "");
  EXPECT_NE(compile_error(R"j({"properties":{"x":{"pattern":"(?=a)"}}})j"), "");
  EXPECT_NE(compile_error(R"({"properties":{"x":{"pattern":"(a)\\1"}}})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"x":{"pattern":"((\\p{L}{1000}){1000}){1000}"}}})"), "");
}

TEST(json_schema, an_error_has_file_line_and_column) {
  EXPECT_EQ(compile_error("{\n  \"properties\": {\n    \"a\": {\"minLenght\": 1}\n  }\n}"),
            "s.json:3:11: the keyword \"minLenght\" is not supported");
  // The name of a member is no keyword, and the same word elsewhere is not taken for the place.
  EXPECT_EQ(
      compile_error("{\"title\": \"oneOf\",\n \"properties\": {\"oneOf\": {},\n  \"b\": {\"oneOf\": []}}}"),
      "s.json:3:9: the keyword \"oneOf\" is not supported");
  EXPECT_EQ(compile_error("{\"a\":\n  1,,}"), "s.json:2:5: the schema has an unexpected character");
  EXPECT_EQ(compile_error(""), "s.json:1:1: the schema has an unexpected end");
  EXPECT_EQ(compile_error("{\n\"type\":\"object\",\n\"type\":\"object\"}"),
            "s.json:3:1: the schema has a member twice");
  EXPECT_EQ(compile_error("[]"), "s.json:1:1: a schema is not an object");
}

TEST(json_schema, an_unknown_keyword_tells_what_is_supported) {
  try {
    Schema::compile("s.json", R"({"allOf":[]})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        error.remedy(),
        "supported are type, properties, required, additionalProperties, minProperties, maxProperties, "
        "items, "
        "minItems, maxItems, uniqueItems, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, "
        "minLength, maxLength, pattern, format, title, description, $schema, personal");
  }
}

TEST(json_schema, refuses_ill_typed_keywords) {
  for (const char* schema : {R"({"type":7})",
                             R"({"type":"text"})",
                             R"({"type":[]})",
                             R"({"type":["string",1]})",
                             R"({"properties":[]})",
                             R"({"properties":{"x":true}})",
                             R"({"required":"x"})",
                             R"({"required":[1]})",
                             R"({"required":["x"]})",
                             R"({"additionalProperties":"no"})",
                             R"({"minProperties":-1})",
                             R"({"minProperties":1.5})",
                             R"({"maxProperties":"1"})",
                             R"({"items":[]})",
                             R"({"items":true})",
                             R"({"minItems":null})",
                             R"({"uniqueItems":1})",
                             R"({"enum":[]})",
                             R"({"enum":"a"})",
                             R"({"minimum":"1"})",
                             R"({"maximum":true})",
                             R"({"exclusiveMinimum":true})",
                             R"({"minLength":-0.5})",
                             R"({"maxLength":1e30})",
                             R"({"pattern":1})",
                             R"({"format":"email"})",
                             R"({"format":1})",
                             R"({"title":1})",
                             R"({"description":[]})",
                             R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
                             R"({"$ref":"#"})",
                             R"({"default":1})"}) {
    EXPECT_EQ(compile_error(schema).substr(0, 9), "s.json:1:") << schema;
  }
  EXPECT_EQ(compile_error(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"t"})"), "");
}

TEST(json_schema, lists_properties_with_their_types) {
  const Schema schema = Schema::compile("s.json", R"({"required":["id","n"],"properties":{
    "id":{"type":"string","format":"uuid"},"day":{"type":["string","null"],"format":"date"},
    "at":{"type":"string","format":"date-time"},"name":{"type":"string","personal":"id"},
    "n":{"type":"integer"},
    "r":{"type":["null","number"]},"b":{"type":"boolean"},"o":{"type":"object"},"l":{"type":"array"},
    "ol":{"type":["array","object","null"]},"a":{},"m":{"type":["integer","string"]}}})");
  const std::pair<std::string, PropertyType> expected[] = {{"id", PropertyType::uuid},
                                                           {"day", PropertyType::date},
                                                           {"at", PropertyType::date_time},
                                                           {"name", PropertyType::string},
                                                           {"n", PropertyType::integer},
                                                           {"r", PropertyType::number},
                                                           {"b", PropertyType::boolean},
                                                           {"o", PropertyType::object_or_array},
                                                           {"l", PropertyType::object_or_array},
                                                           {"ol", PropertyType::object_or_array},
                                                           {"a", PropertyType::any},
                                                           {"m", PropertyType::any}};
  ASSERT_EQ(schema.properties().size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const Schema::Property& property = schema.properties()[i];
    EXPECT_EQ(property.name, expected[i].first);
    EXPECT_EQ(property.type, expected[i].second) << property.name;
    EXPECT_EQ(property.required, property.name == "id" || property.name == "n");
    EXPECT_EQ(property.personal, property.name == "name");
    EXPECT_EQ(property.personal_subject, property.name == "name" ? "id" : "");
  }
}

TEST(json_schema, personal_names_another_member_of_the_top) {
  EXPECT_NE(compile_error(R"({"properties":{"a":{"personal":"b"}}})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"a":{"personal":"a"}}})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"a":{"personal":""},"b":{}}})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"a":{"personal":1},"b":{}}})"), "");
  EXPECT_NE(compile_error(R"({"personal":"a","properties":{"a":{}}})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"b":{},"a":{"properties":{"c":{"personal":"b"}}}}})"), "");
  EXPECT_EQ(compile_error(R"({"properties":{"a":{"personal":"b"},"b":{}}})"), "");
}

TEST(json_schema, a_message_shows_no_personal_value_and_cuts_a_long_one) {
  const std::string_view schema = R"({"properties":{"id":{},"name":{"type":"string","maxLength":99,
    "pattern":"^x","personal":"id"},"deep":{"items":{"type":"integer"},"personal":"id"}}})";
  EXPECT_EQ(verdict(schema, R"({"name":"Ada"})"),
            "/name: is a value that is not shown, expected text that matches ^x");
  EXPECT_EQ(verdict(schema, R"({"name":77})"),
            "/name: is a value that is not shown, of type integer, expected string");
  EXPECT_EQ(verdict(schema, R"({"deep":["Ada"]})"),
            "/deep/0: is a value that is not shown, of type string, expected integer");
  const std::string text = std::string(63, 'a') + "\xC3\xBC" + std::string(1000, 'b');
  EXPECT_EQ(verdict_of_x(R"({"const":"a"})", '"' + text + '"'),
            "/x: is \"" + std::string(63, 'a') + "...\", expected \"a\"");
}

TEST(json_schema, survives_a_move_and_is_shared_by_threads) {
  Schema first = Schema::compile("s.json", R"({"properties":{"x":{"enum":["a","b"],"pattern":"[ab]"}}})");
  const Schema schema = std::move(first);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Reader reader;
      for (int round = 0; round < 1000; ++round) {
        if (schema.check(reader.read(R"({"x":"b"})")) || !schema.check(reader.read(R"({"x":"c"})"))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace reeve::json
