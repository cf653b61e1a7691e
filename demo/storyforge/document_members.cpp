#include "storyforge/document_members.h"

#include "base/clock.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace storyforge {

namespace {

constexpr std::size_t uuid_length = 36;

bool is_uuid(std::string_view text) {
  if (text.size() != uuid_length) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const char letter = text[i];
    const bool digit = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
    if (hyphen ? letter != '-' : !digit) return false;
  }
  return true;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

/// As it may stand in a message.
std::string shown(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  return text.size() <= shown_max ? std::string(text) : std::string(text.substr(0, shown_max)) + "...";
}

}  // namespace

void refuse(const std::string& pointer, const std::string& what, const std::string& remedy) {
  throw reeve::Error(reeve::ErrorCode::invalid_input,
                     (pointer.empty() ? "the document" : pointer) + ": " + what, remedy);
}

Members::Members(simdjson::dom::element element, std::string pointer) : pointer_(std::move(pointer)) {
  if (!element.is_object()) refuse(pointer_, "is no object", "write it as story_format.md has it");
  object_ = element.get_object().value_unsafe();
}

std::string Members::pointer_of(std::string_view name) const {
  std::string out = pointer_ + "/";
  for (const char letter : name) {
    if (letter == '~') {
      out += "~0";
    } else if (letter == '/') {
      out += "~1";
    } else {
      out += letter;
    }
  }
  return out;
}

std::optional<simdjson::dom::element> Members::optional_element(std::string_view name) {
  asked_.emplace_back(name);
  const auto found = object_.at_key(name);
  if (found.error() != simdjson::SUCCESS) return std::nullopt;
  return found.value_unsafe();
}

simdjson::dom::element Members::element(std::string_view name) {
  const auto found = optional_element(name);
  if (!found)
    refuse(pointer_of(name), "is missing", "every member that is not optional stands in the document");
  return *found;
}

std::string Members::text(std::string_view name, std::size_t length_min, std::size_t length_max) {
  const auto found = element(name);
  if (!found.is_string()) refuse(pointer_of(name), "is no string", "write a string");
  std::string text(found.get_string().value_unsafe());
  const std::size_t length = code_points(text);
  if (length < length_min || length > length_max) {
    refuse(pointer_of(name), fmt::format("has {} characters", length),
           fmt::format("it takes {} to {}", length_min, length_max));
  }
  return text;
}

std::optional<std::string> Members::optional_text(std::string_view name, std::size_t length_min,
                                                  std::size_t length_max) {
  if (!optional_element(name)) return std::nullopt;
  return text(name, length_min, length_max);
}

std::string Members::word(std::string_view name, const std::vector<std::string_view>& words) {
  std::string given = text(name, 0, std::string::npos);
  if (std::find(words.begin(), words.end(), given) != words.end()) return given;
  refuse(pointer_of(name), fmt::format("there is no \"{}\" here", shown(given)),
         fmt::format("it is one of {}", fmt::join(words, ", ")));
}

std::string Members::uuid(std::string_view name) {
  std::string given = text(name, 0, std::string::npos);
  if (!is_uuid(given)) {
    refuse(pointer_of(name), fmt::format("\"{}\" is no UUID", shown(given)),
           "write 36 characters with hexadecimal digits in lower case");
  }
  return given;
}

std::optional<std::string> Members::optional_uuid(std::string_view name) {
  if (!optional_element(name)) return std::nullopt;
  return uuid(name);
}

std::string Members::time(std::string_view name) {
  const std::string given = text(name, 0, std::string::npos);
  const auto time = reeve::parse_time(given);
  if (!time) {
    refuse(pointer_of(name), fmt::format("\"{}\" is no time", shown(given)),
           "write RFC 3339: 2026-01-02T03:04:05.000006Z");
  }
  return reeve::format_time(*time);
}

std::int64_t Members::integer(std::string_view name, std::int64_t smallest, std::int64_t largest) {
  const auto found = element(name);
  std::optional<std::int64_t> number;
  if (found.is_int64()) {
    number = found.get_int64().value_unsafe();
  } else if (found.is_double()) {
    const double given = found.get_double().value_unsafe();
    // Beyond 2^53 the reader lets none through.
    if (given == std::floor(given) && std::fabs(given) <= 9007199254740992.0)
      number = static_cast<std::int64_t>(given);
  }
  if (!number || *number < smallest || *number > largest) {
    refuse(pointer_of(name), "is not such an integer", fmt::format("it takes {} to {}", smallest, largest));
  }
  return *number;
}

bool Members::boolean(std::string_view name) {
  const auto found = element(name);
  if (!found.is_bool()) refuse(pointer_of(name), "is neither true nor false", "write one of them");
  return found.get_bool().value_unsafe();
}

std::string Members::object(std::string_view name) {
  const auto found = element(name);
  if (!found.is_object()) refuse(pointer_of(name), "is no object", "write an object, {} for nothing");
  std::string text;
  reeve::json::append_canonical(found, text);
  return text;
}

simdjson::dom::array Members::array(std::string_view name) {
  const auto found = element(name);
  if (!found.is_array()) refuse(pointer_of(name), "is no array", "write an array, [] for none");
  return found.get_array().value_unsafe();
}

void Members::finish() const {
  for (const auto& member : object_) {
    if (std::find(asked_.begin(), asked_.end(), member.key) == asked_.end()) {
      refuse(pointer_of(member.key), "is unknown to version 1 of the format",
             "take it out, or put it into a metadata object");
    }
  }
}

}  // namespace storyforge
