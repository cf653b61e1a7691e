#pragma once
// A compiled schema: what json_schema_compile.cpp builds and json_schema.cpp checks against.

#include "base/json_schema.h"

#include <re2/re2.h>

#include <cstdint>
#include <limits>

namespace reeve::json {

/// Bits, because `type` may be a list.
enum TypeBit : unsigned {
  type_null = 1,
  type_boolean = 2,
  type_integer = 4,
  type_number = 8,
  type_string = 16,
  type_array = 32,
  type_object = 64,
};

struct TypeName {
  std::string_view name;
  TypeBit bit;
};
inline constexpr TypeName type_names[] = {
    {"null", type_null},     {"boolean", type_boolean}, {"integer", type_integer}, {"number", type_number},
    {"string", type_string}, {"array", type_array},     {"object", type_object},
};

enum class Format { none, uuid, date, date_time };

struct Bounds {
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();
};

struct SchemaNode {
  struct Member {
    std::string name;
    std::unique_ptr<SchemaNode> node;  ///< null when the name is only required, not declared
    bool required = false;
  };

  unsigned types = 0;   ///< no bit: any type
  bool secret = false;  ///< personal, or inside of it: its values are in no message
  std::string personal_subject;

  std::vector<simdjson::dom::element> enumeration;
  std::optional<simdjson::dom::element> constant;

  std::optional<double> minimum;
  std::optional<double> maximum;
  std::optional<double> exclusive_minimum;
  std::optional<double> exclusive_maximum;

  Bounds length;
  std::unique_ptr<RE2> pattern;
  Format format = Format::none;

  Bounds items_count;
  bool unique_items = false;
  std::unique_ptr<SchemaNode> items;

  Bounds member_count;
  std::vector<Member> members;         ///< in order of declaration
  std::vector<std::uint32_t> by_name;  ///< members sorted by name, when there are many
  std::size_t required_count = 0;
  bool declares_properties = false;
  std::optional<bool> additional;  ///< as written; nothing: refused where properties are declared
  std::unique_ptr<SchemaNode> additional_node;

  /// Null when the name is neither declared nor required. `hint` is where the search begins: members mostly
  /// come in order of declaration.
  const Member* find(std::string_view name, std::size_t hint) const;
  bool allows_additional() const { return additional.value_or(!declares_properties); }
};

/// The whole: enumeration and constant point into the tree that `reader` holds.
struct Schema::Node {
  std::unique_ptr<Reader> reader;
  std::unique_ptr<SchemaNode> top;
};

/// Throws as Schema::compile does.
std::unique_ptr<SchemaNode> compile_schema(std::string_view file, std::string_view text, Reader& reader);

}  // namespace reeve::json
