#include "cli/event_line.h"

#include <fmt/format.h>

namespace reeve::cli {

namespace {

constexpr const char* shape =
    "write {\"type\":\"TYPE\",\"payload\":{}} or {\"command\":\"NAME\",\"parameters\":{}}; beside it may "
    "stand "
    "actor, key, id, time, expected and, for an event, version";

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorCode::invalid_input, std::move(message), shape);
}

std::string text_of(std::string_view name, simdjson::dom::element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) refuse(fmt::format("the member `{}` is not a text", name));
  return std::string(text);
}

std::int64_t integer_of(std::string_view name, simdjson::dom::element value, std::int64_t min,
                        std::int64_t max) {
  std::int64_t integer = 0;
  if (value.get(integer) != simdjson::SUCCESS || integer < min || integer > max) {
    refuse(fmt::format("the member `{}` is not an integer from {} on", name, min));
  }
  return integer;
}

/// False when there is no such option.
bool read_option(std::string_view name, simdjson::dom::element value, CommitOptions& options) {
  if (name == "actor") {
    options.actor = text_of(name, value);
  } else if (name == "key") {
    options.key = text_of(name, value);
  } else if (name == "id") {
    options.id = text_of(name, value);
  } else if (name == "time") {
    options.time = text_of(name, value);
  } else if (name == "expected") {
    options.expected = Sequence{integer_of(name, value, 0, std::int64_t{1} << 53)};
  } else if (name == "version") {
    options.version = static_cast<int>(integer_of(name, value, 1, 1'000'000));
  } else {
    return false;
  }
  return true;
}

}  // namespace

EventLineParser::EventLineParser() : reader_({.bytes_max = event_line_bytes_max, .depth_max = 65}) {}

EventLine EventLineParser::parse(std::string_view line) {
  simdjson::dom::object members;
  if (reader_.read(line).get(members) != simdjson::SUCCESS) refuse("the line is not a JSON object");
  EventLine result;
  std::string_view payload_name;
  bool has_type = false;
  for (const auto& [name, value] : members) {
    if (name == "type" || name == "command") {
      if (has_type || result.is_command) refuse("the line has both a `type` and a `command`");
      (name == "type" ? has_type : result.is_command) = true;
      result.name = text_of(name, value);
    } else if (name == "payload" || name == "parameters") {
      if (!payload_name.empty()) refuse("the line has both a `payload` and `parameters`");
      payload_name = name;
      json::append_canonical(value, result.payload);
    } else if (!read_option(name, value, result.options)) {
      refuse(fmt::format("the member `{}` is not known", name));
    }
  }
  if (!has_type && !result.is_command) refuse("the line has neither a `type` nor a `command`");
  if (result.is_command && payload_name == "payload") refuse("a command has `parameters`, not a `payload`");
  if (has_type && payload_name == "parameters") refuse("an event has a `payload`, not `parameters`");
  if (result.is_command && result.options.version != 0) refuse("a command has no `version`");
  if (payload_name.empty()) result.payload = "{}";
  return result;
}

}  // namespace reeve::cli
