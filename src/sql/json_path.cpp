#include "sql/json_path.h"

#include "base/json.h"
#include "sql/functions_internal.h"

#include <charconv>

namespace reeve::sql {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// `.name`, `."a name"` or `.*`, of which the point is read already.
std::optional<JsonStep> read_member(std::string_view& path) {
  JsonStep step;
  if (path.starts_with('*')) {
    path.remove_prefix(1);
    step.kind = JsonStep::Kind::every_member;
    return step;
  }
  if (path.starts_with('"')) {
    const auto end = path.find('"', 1);
    if (end == std::string_view::npos) return {};
    step.name = path.substr(1, end - 1);
    if (step.name.find('\\') != std::string::npos) return {};
    path.remove_prefix(end + 1);
    return step;
  }
  std::size_t end = 0;
  while (end < path.size() && is_name(path[end])) ++end;
  if (end == 0 || (path[0] >= '0' && path[0] <= '9')) return {};
  step.name = path.substr(0, end);
  path.remove_prefix(end);
  if (path.starts_with('(')) return {};
  return step;
}

/// `0]`, `*]` or `last]`.
std::optional<JsonStep> read_element(std::string_view& path) {
  const auto end = path.find(']');
  if (end == std::string_view::npos) return {};
  const std::string_view inside = path.substr(0, end);
  path.remove_prefix(end + 1);
  JsonStep step;
  if (inside == "*" || inside == "last") {
    step.kind = inside == "*" ? JsonStep::Kind::every_element : JsonStep::Kind::last_element;
    return step;
  }
  step.kind = JsonStep::Kind::element;
  const auto [stop, failure] = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
  if (failure != std::errc() || stop != inside.data() + inside.size() || step.index < 0) return {};
  return step;
}

using Found = std::vector<element>;

void take_member(element from, const JsonStep& step, Found& out, bool unwrap) {
  if (from.type() == element_type::ARRAY && unwrap) {
    for (const element item : simdjson::dom::array(from)) take_member(item, step, out, false);
    return;
  }
  if (from.type() != element_type::OBJECT) return;
  for (const auto& [key, value] : simdjson::dom::object(from))
    if (step.kind == JsonStep::Kind::every_member || key == step.name) out.push_back(value);
}

void take_element(element from, const JsonStep& step, Found& out) {
  Found elements;
  if (from.type() == element_type::ARRAY) {
    for (const element item : simdjson::dom::array(from)) elements.push_back(item);
  } else {
    elements.push_back(from);
  }
  if (step.kind == JsonStep::Kind::every_element) {
    out.insert(out.end(), elements.begin(), elements.end());
  } else if (step.kind == JsonStep::Kind::last_element) {
    if (!elements.empty()) out.push_back(elements.back());
  } else if (step.index < static_cast<std::int64_t>(elements.size())) {
    out.push_back(elements[static_cast<std::size_t>(step.index)]);
  }
}

Found follow(const ValueView& document, const ValueView& path) {
  thread_local json::Reader reader(
      json::Limits{.bytes_max = std::size_t{16} * 1024 * 1024, .depth_max = 128});
  const auto steps = read_json_path(path.text());
  if (!steps) fail("this is no plain path");
  Found here = {reader.read(document.text())};
  for (const JsonStep& step : *steps) {
    Found next;
    const bool of_object = step.kind == JsonStep::Kind::member || step.kind == JsonStep::Kind::every_member;
    for (const element item : here) {
      if (of_object)
        take_member(item, step, next, true);
      else
        take_element(item, step, next);
    }
    here = std::move(next);
  }
  return here;
}

Value path_exists(Arguments a) { return std::int64_t{follow(a[0], a[1]).empty() ? 0 : 1}; }

Value path_first(Arguments a) {
  const Found found = follow(a[0], a[1]);
  if (found.empty()) return Null{};
  std::string out;
  json::append_canonical(found[0], out);
  return out;
}

constexpr ScalarFunction table[] = {
    {"reeve_jsonb_path_exists", 2, strict<path_exists>},
    {"reeve_jsonb_path_query_first", 2, strict<path_first>},
};

}  // namespace

std::optional<std::vector<JsonStep>> read_json_path(std::string_view path) {
  if (!path.starts_with('$')) return {};
  path.remove_prefix(1);
  std::vector<JsonStep> steps;
  while (!path.empty()) {
    const char mark = path[0];
    path.remove_prefix(1);
    std::optional<JsonStep> step;
    if (mark == '.') step = read_member(path);
    if (mark == '[') step = read_element(path);
    if (!step) return {};
    steps.push_back(std::move(*step));
  }
  return steps;
}

std::span<const ScalarFunction> json_path_functions() { return table; }

}  // namespace reeve::sql
