// The same schemas and values before another validator: both must agree.

#include "base/json_schema.h"

#include <gtest/gtest.h>

// Not undone below: GCC reports it of std::regex, which valijson uses, where the code is instantiated.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include <random>
#include <string>

namespace reeve::json {
namespace {

using nlohmann::json;

// Few names, few numbers, few texts: so that values often fit and often just don't.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  json schema(int depth) {
    json schema = json::object();
    if (chance(2)) add_type(schema);
    if (chance(8)) schema["const"] = value(1);
    if (chance(8)) {
      for (int i = 0; i < 3; ++i) schema["enum"].push_back(value(1));
    }
    if (chance(4)) schema["minimum"] = number();
    if (chance(4)) schema["maximum"] = number();
    if (chance(8)) schema["exclusiveMinimum"] = number();
    if (chance(8)) schema["exclusiveMaximum"] = number();
    if (chance(4)) schema["minLength"] = below(4);
    if (chance(4)) schema["maxLength"] = below(5);
    if (chance(8)) schema["pattern"] = patterns[below(std::size(patterns))];
    if (chance(4)) schema["minItems"] = below(3);
    if (chance(4)) schema["maxItems"] = below(5);
    if (chance(4)) schema["uniqueItems"] = chance(2);
    if (chance(6)) schema["minProperties"] = below(3);
    if (chance(6)) schema["maxProperties"] = below(4);
    if (depth > 0) add_children(schema, depth);
    return schema;
  }

  json top() {
    json schema = this->schema(2);
    schema["type"] = "object";
    for (const char* keyword : {"const", "enum", "minProperties", "maxProperties"}) schema.erase(keyword);
    return schema;
  }

  json value(int depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0: return nullptr;
      case 1: return chance(2);
      case 2:
      case 3: return number();
      case 4:
      case 5: return texts[below(std::size(texts))];
      case 6: {
        json array = json::array();
        for (std::size_t i = below(5); i > 0; --i) array.push_back(value(depth - 1));
        return array;
      }
      default: return object(depth);
    }
  }

  json object(int depth) {
    json object = json::object();
    for (const char* name : names) {
      if (chance(2)) object[name] = value(depth - 1);
    }
    return object;
  }

 private:
  static constexpr const char* names[] = {"a", "b", "c/d"};
  static constexpr const char* texts[] = {"", "a", "ab", "b1", "\xC3\xBC\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  static constexpr const char* patterns[] = {"a", "^a", "b[0-9]$", "^[ab]*$"};
  static constexpr const char* types[] = {"null",   "boolean", "integer", "number",
                                          "string", "array",   "object"};

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  // No 5.0: the other validator says that it is no integer, and JSON Schema that it is one.
  json number() {
    const int integer = static_cast<int>(below(6)) - 2;
    if (chance(3)) return integer + 0.5;
    return integer;
  }

  void add_type(json& schema) {
    if (chance(2)) {
      schema["type"] = types[below(std::size(types))];
      return;
    }
    const std::size_t first = below(std::size(types));
    schema["type"] = {types[first], types[(first + 1 + below(std::size(types) - 1)) % std::size(types)]};
  }

  void add_children(json& schema, int depth) {
    if (chance(3)) schema["items"] = this->schema(depth - 1);
    const bool declares = !chance(3);
    if (declares) {
      schema["properties"] = json::object();
      for (const char* name : names) {
        if (!chance(4)) schema["properties"][name] = this->schema(depth - 1);
      }
      if (chance(3) && schema["properties"].contains("a")) schema["required"] = {"a"};
    }
    if (chance(3)) {
      schema["additionalProperties"] = true;
    } else if (chance(3)) {
      schema["additionalProperties"] = this->schema(depth - 1);
    }
  }

  std::mt19937 random_;
};

// Says aloud what Reeve takes for granted: what is not declared is refused.
void close_objects(json& schema, bool is_top) {
  if ((is_top || schema.contains("properties")) && !schema.contains("additionalProperties")) {
    schema["additionalProperties"] = false;
  }
  if (schema.contains("properties")) {
    for (auto& [name, property] : schema["properties"].items()) close_objects(property, false);
  }
  if (schema.contains("items")) close_objects(schema["items"], false);
  if (schema["additionalProperties"].is_object()) close_objects(schema["additionalProperties"], false);
  if (schema["additionalProperties"].is_null()) schema.erase("additionalProperties");
}

bool other_takes(const json& schema_json, const json& value) {
  valijson::Schema schema;
  valijson::SchemaParser parser;
  const valijson::adapters::NlohmannJsonAdapter schema_adapter(schema_json);
  parser.populateSchema(schema_adapter, schema);
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter value_adapter(value);
  return validator.validate(schema, value_adapter, nullptr);
}

TEST(json_schema, agrees_with_another_validator) {
  const unsigned seed = std::random_device{}();
  Generator generator(seed);
  Reader reader;
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const json schema_json = generator.top();
    const Schema schema = Schema::compile("s.json", schema_json.dump());
    json closed = schema_json;
    close_objects(closed, true);
    for (int round = 0; round < 4; ++round) {
      const json value = generator.object(3);
      const auto violation = schema.check(reader.read(value.dump()));
      (violation ? refused : taken)++;
      ASSERT_EQ(!violation, other_takes(closed, value))
          << "seed " << seed << "\nschema " << schema_json.dump() << "\nvalue " << value.dump() << '\n'
          << (violation ? violation->pointer + ": " + violation->message : "no violation");
    }
  }
  EXPECT_GT(taken, 1000) << "seed " << seed;
  EXPECT_GT(refused, 1000) << "seed " << seed;
}

}  // namespace
}  // namespace reeve::json
