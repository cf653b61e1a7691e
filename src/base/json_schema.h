#pragma once
// JSON Schema (2020-12) in the subset of docs/blueprint.md, compiled once and checked against simdjson's
// tree without allocation. Patterns run on RE2, which is linear in its input.

#include "base/json.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::json {

/// What a property of the top object is declared as; SQL parameters take their types from it.
enum class PropertyType { string, uuid, date, date_time, integer, number, boolean, object_or_array, any };

struct Violation {
  std::string pointer;  ///< JSON Pointer (RFC 6901) of the offending value; "" is the top
  /// `is "x", expected one of "a", "b"`. A personal value is not shown, and one above 64 bytes is cut.
  std::string message;
};

class Schema {
 public:
  /// `file` is used in places. Throws Error invalid_input with file:line:column of an unknown or ill-typed
  /// keyword and what is supported instead; a pattern that RE2 refuses is such an error too.
  static Schema compile(std::string_view file, std::string_view text);

  /// The first violation, or nothing. Thread-safe. Of one value: its type, then enum and const, then its
  /// bounds, then its members or items in the order of the text, then what is missing of them.
  std::optional<Violation> check(simdjson::dom::element value) const;

  /// Properties of the top object in order of declaration.
  struct Property {
    std::string name;
    PropertyType type = PropertyType::any;
    bool required = false;
    bool personal = false;  ///< `"personal": "NAME OF THE SUBJECT'S MEMBER"`
    std::string personal_subject;
  };
  const std::vector<Property>& properties() const;

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

 private:
  struct Node;
  Schema();
  std::unique_ptr<Node> root_;
  std::vector<Property> properties_;
};

}  // namespace reeve::json
