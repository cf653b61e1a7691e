#pragma once
// One JSON object of a document, member by member.

#include "base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storyforge {

[[noreturn]] void refuse(const std::string& pointer, const std::string& what, const std::string& remedy);

/// Every get throws Error invalid_input, with the member's JSON pointer, when the member is missing or not of the kind.
class Members {
 public:
  Members(simdjson::dom::element element, std::string pointer);

  const std::string& pointer() const { return pointer_; }
  std::string text(std::string_view name, std::size_t length_min, std::size_t length_max);
  std::optional<std::string> optional_text(std::string_view name, std::size_t length_min,
                                           std::size_t length_max);
  /// One of the words.
  std::string word(std::string_view name, const std::vector<std::string_view>& words);
  std::string uuid(std::string_view name);
  std::optional<std::string> optional_uuid(std::string_view name);
  /// RFC 3339; in UTC with six fraction digits.
  std::string time(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t smallest, std::int64_t largest);
  bool boolean(std::string_view name);
  /// The canonical text of an object.
  std::string object(std::string_view name);
  simdjson::dom::element element(std::string_view name);
  std::optional<simdjson::dom::element> optional_element(std::string_view name);
  simdjson::dom::array array(std::string_view name);

  /// Refuses members that nobody asked for.
  void finish() const;

  std::string pointer_of(std::string_view name) const;

 private:
  simdjson::dom::object object_;
  std::string pointer_;
  std::vector<std::string> asked_;
};

}  // namespace storyforge
