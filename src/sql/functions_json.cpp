// jsonb: documents come and go as canonical text (RFC 8785).

#include "base/json.h"
#include "sql/functions_internal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

namespace reeve::sql {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

struct MemberLess {
  bool operator()(const std::string& left, const std::string& right) const {
    return json::member_less(left, right);
  }
};
/// Members by name, each as canonical text.
using Members = std::map<std::string, std::string, MemberLess>;
using Elements = std::vector<std::string>;

/// Keeps the parser's memory for the next document; it holds nothing of the last one's meaning.
json::Reader& reader() {
  thread_local json::Reader instance(
      json::Limits{.bytes_max = std::size_t{16} * 1024 * 1024, .depth_max = 128});
  return instance;
}

element read(const ValueView& document) { return reader().read(document.text()); }

std::string text_of(element value) {
  std::string out;
  json::append_canonical(value, out);
  return out;
}

std::string string_json(std::string_view text) {
  std::string out;
  json::append_canonical_string(text, out);
  return out;
}

Members members_of(element value) {
  Members out;
  for (const auto& [key, member] : simdjson::dom::object(value))
    out.emplace(std::string(key), text_of(member));
  return out;
}

Elements elements_of(element value) {
  Elements out;
  for (const element item : simdjson::dom::array(value)) out.push_back(text_of(item));
  return out;
}

std::string written(const Members& members) {
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ',';
    json::append_canonical_string(key, out);
    out += ':';
    out += value;
  }
  return out + "}";
}

std::string written(const Elements& elements) {
  std::string out = "[";
  for (const std::string& value : elements) {
    if (out.size() > 1) out += ',';
    out += value;
  }
  return out + "]";
}

std::optional<std::int64_t> index_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<element> at(simdjson::dom::array array, std::int64_t index) {
  if (index < 0) index += static_cast<std::int64_t>(array.size());
  element out;
  if (index < 0 || array.at(static_cast<std::size_t>(index)).get(out) != simdjson::SUCCESS) return {};
  return out;
}

std::optional<element> member(element document, const ValueView& key) {
  if (key.kind() == ValueView::Kind::integer) {
    if (document.type() == element_type::ARRAY) return at(simdjson::dom::array(document), key.integer());
    // PostgreSQL keeps a scalar as an array of one.
    const bool itself =
        document.type() != element_type::OBJECT && (key.integer() == 0 || key.integer() == -1);
    return itself ? document : std::optional<element>{};
  }
  if (document.type() != element_type::OBJECT) return {};
  element out;
  if (simdjson::dom::object(document).at_key(key.text()).get(out) != simdjson::SUCCESS) return {};
  return out;
}

Value as_json(const std::optional<element>& found) { return found ? Value{text_of(*found)} : Value{Null{}}; }

Value as_text(const std::optional<element>& found) {
  if (!found || found->is_null()) return Null{};
  if (found->type() == element_type::STRING) return std::string(std::string_view(*found));
  std::string out;
  append_json_text(*found, out);
  return out;
}

Value get(Arguments a) { return as_json(member(read(a[0]), a[1])); }
Value get_text(Arguments a) { return as_text(member(read(a[0]), a[1])); }

/// The steps of a path: a JSON array of strings. Read before the document, for there is one reader.
std::vector<std::string> steps_of(const ValueView& path) {
  std::vector<std::string> out;
  for (const element step : simdjson::dom::array(read(path))) {
    if (step.is_null()) fail("a path element is NULL");
    out.emplace_back(std::string_view(step));
  }
  return out;
}

std::optional<element> walk(element document, const std::vector<std::string>& steps) {
  std::optional<element> here = document;
  for (const std::string& step : steps) {
    if (here->type() == element_type::ARRAY) {
      const auto index = index_of(step);
      here = index ? at(simdjson::dom::array(*here), *index) : std::optional<element>{};
    } else {
      here = member(*here, ValueView::of(std::string_view(step)));
    }
    if (!here) return {};
  }
  return here;
}

Value path(Arguments a) {
  const auto steps = steps_of(a[1]);
  return as_json(walk(read(a[0]), steps));
}

Value path_text(Arguments a) {
  const auto steps = steps_of(a[1]);
  return as_text(walk(read(a[0]), steps));
}

Value concat(Arguments a) {
  const element first = read(a[0]);
  const bool left_object = first.type() == element_type::OBJECT;
  const bool left_array = first.type() == element_type::ARRAY;
  Members members;
  Elements elements;
  if (left_object) members = members_of(first);
  if (left_array) elements = elements_of(first);
  const std::string left_text = text_of(first);
  const element second = read(a[1]);
  if (left_object && second.type() == element_type::OBJECT) {
    for (auto& [key, value] : members_of(second)) members[key] = value;
    return written(members);
  }
  if (!left_array) elements = {left_text};
  if (second.type() == element_type::ARRAY) {
    for (std::string& value : elements_of(second)) elements.push_back(std::move(value));
  } else {
    elements.push_back(text_of(second));
  }
  return written(elements);
}

Value remove(Arguments a) {
  const element document = read(a[0]);
  const bool by_index = a[1].kind() == ValueView::Kind::integer;
  if (document.type() == element_type::OBJECT) {
    if (by_index) fail("cannot delete from object using integer index");
    Members members = members_of(document);
    members.erase(std::string(a[1].text()));
    return written(members);
  }
  if (document.type() != element_type::ARRAY) fail("cannot delete from scalar");
  Elements elements = elements_of(document);
  if (by_index) {
    std::int64_t index = a[1].integer();
    if (index < 0) index += static_cast<std::int64_t>(elements.size());
    if (index >= 0 && index < static_cast<std::int64_t>(elements.size()))
      elements.erase(elements.begin() + index);
  } else {
    std::erase(elements, string_json(a[1].text()));
  }
  return written(elements);
}

/// Several members, or the elements that are these texts.
Value remove_several(Arguments a) {
  const auto keys = steps_of(a[1]);
  const element document = read(a[0]);
  if (document.type() == element_type::OBJECT) {
    Members members = members_of(document);
    for (const std::string& key : keys) members.erase(key);
    return written(members);
  }
  if (document.type() != element_type::ARRAY) fail("cannot delete from scalar");
  Elements elements = elements_of(document);
  for (const std::string& key : keys) std::erase(elements, string_json(key));
  return written(elements);
}

/// The names of an object's members as a JSON array, in PostgreSQL's order.
Value object_keys(Arguments a) {
  const element document = read(a[0]);
  if (document.type() != element_type::OBJECT) fail("cannot call jsonb_object_keys on what is not an object");
  std::vector<std::string> keys;
  for (const auto& [key, value] : simdjson::dom::object(document)) keys.emplace_back(key);
  std::sort(keys.begin(), keys.end(), [](const std::string& left, const std::string& right) {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  });
  for (std::string& key : keys) key = string_json(key);
  return written(keys);
}

/// The document with its part at a path edited, by `in_object(members, key)` or `in_array(elements, index, inside)`:
/// whichever the last step leads into. A path that leads nowhere changes nothing.
template <typename InObject, typename InArray>
std::string edited(element document, std::span<const std::string> steps, const InObject& in_object,
                   const InArray& in_array) {
  const std::string& step = steps[0];
  const bool last = steps.size() == 1;
  if (document.type() == element_type::OBJECT) {
    Members members = members_of(document);
    element inner;
    if (last) {
      in_object(members, step);
    } else if (simdjson::dom::object(document).at_key(step).get(inner) == simdjson::SUCCESS) {
      members[step] = edited(inner, steps.subspan(1), in_object, in_array);
    }
    return written(members);
  }
  if (document.type() != element_type::ARRAY) return text_of(document);
  Elements elements = elements_of(document);
  const auto given = index_of(step);
  if (!given) fail("path element is not an integer");
  const auto size = static_cast<std::int64_t>(elements.size());
  const std::int64_t index = *given < 0 ? *given + size : *given;
  const bool inside = index >= 0 && index < size;
  if (last) {
    in_array(elements, index, inside);
  } else if (inside) {
    elements[static_cast<std::size_t>(index)] =
        edited(*at(simdjson::dom::array(document), index), steps.subspan(1), in_object, in_array);
  }
  return written(elements);
}

bool is_scalar(element document) {
  return document.type() != element_type::OBJECT && document.type() != element_type::ARRAY;
}

Value set(Arguments a) {
  const auto steps = steps_of(a[1]);
  const std::string value = text_of(read(a[2]));
  const element document = read(a[0]);
  if (is_scalar(document)) fail("cannot set path in scalar");
  if (steps.empty()) return text_of(document);
  const bool create = a[3].integer() != 0;
  return edited(
      document, steps,
      [&](Members& members, const std::string& key) {
        if (create || members.find(key) != members.end()) members[key] = value;
      },
      [&](Elements& elements, std::int64_t index, bool inside) {
        if (inside) {
          elements[static_cast<std::size_t>(index)] = value;
        } else if (create) {
          elements.insert(index < 0 ? elements.begin() : elements.end(), value);
        }
      });
}

Value insert(Arguments a) {
  const auto steps = steps_of(a[1]);
  const std::string value = text_of(read(a[2]));
  const element document = read(a[0]);
  if (is_scalar(document)) fail("cannot set path in scalar");
  if (steps.empty()) return text_of(document);
  const bool after = a[3].integer() != 0;
  return edited(
      document, steps,
      [&](Members& members, const std::string& key) {
        if (members.find(key) != members.end()) fail("cannot replace existing key: use jsonb_set");
        members[key] = value;
      },
      [&](Elements& elements, std::int64_t index, bool inside) {
        const auto place = inside      ? elements.begin() + index + (after ? 1 : 0)
                           : index < 0 ? elements.begin()
                                       : elements.end();
        elements.insert(place, value);
      });
}

Value remove_path(Arguments a) {
  const auto steps = steps_of(a[1]);
  const element document = read(a[0]);
  if (is_scalar(document)) fail("cannot delete path in scalar");
  if (steps.empty()) return text_of(document);
  return edited(
      document, steps, [](Members& members, const std::string& key) { members.erase(key); },
      [](Elements& elements, std::int64_t index, bool inside) {
        if (inside) elements.erase(elements.begin() + index);
      });
}

bool exists_key(element document, std::string_view key) {
  if (document.type() == element_type::OBJECT) return member(document, ValueView::of(key)).has_value();
  if (document.type() == element_type::STRING) return std::string_view(document) == key;
  if (document.type() != element_type::ARRAY) return false;
  for (const element item : simdjson::dom::array(document))
    if (item.type() == element_type::STRING && std::string_view(item) == key) return true;
  return false;
}

Value exists(Arguments a) { return std::int64_t{exists_key(read(a[0]), a[1].text()) ? 1 : 0}; }

template <bool All>
Value exists_several(Arguments a) {
  const auto keys = steps_of(a[1]);
  const element document = read(a[0]);
  const auto has = [&](const std::string& key) { return exists_key(document, key); };
  const bool out =
      All ? std::all_of(keys.begin(), keys.end(), has) : std::any_of(keys.begin(), keys.end(), has);
  return std::int64_t{out ? 1 : 0};
}

bool contains_value(element left, element right, bool top);

bool contains_item(simdjson::dom::array left, element wanted) {
  for (const element item : left) {
    if (is_scalar(item) != is_scalar(wanted)) continue;
    if (is_scalar(item) ? text_of(item) == text_of(wanted) : contains_value(item, wanted, false)) return true;
  }
  return false;
}

bool contains_value(element left, element right, bool top) {
  if (left.type() == element_type::OBJECT && right.type() == element_type::OBJECT) {
    for (const auto& [key, value] : simdjson::dom::object(right)) {
      const auto found = member(left, ValueView::of(key));
      if (!found) return false;
      if (is_scalar(value) ? !is_scalar(*found) || text_of(*found) != text_of(value)
                           : !contains_value(*found, value, false))
        return false;
    }
    return true;
  }
  if (left.type() == element_type::ARRAY && right.type() == element_type::ARRAY) {
    for (const element item : simdjson::dom::array(right))
      if (!contains_item(simdjson::dom::array(left), item)) return false;
    return true;
  }
  if (top && left.type() == element_type::ARRAY && is_scalar(right))
    return contains_item(simdjson::dom::array(left), right);
  return is_scalar(left) && is_scalar(right) && text_of(left) == text_of(right);
}

Value contains(Arguments a) {
  // Two documents at once: the second needs a parser of its own.
  json::Reader second(json::Limits{.bytes_max = std::size_t{16} * 1024 * 1024, .depth_max = 128});
  const element left = read(a[0]);
  return std::int64_t{contains_value(left, second.read(a[1].text()), true) ? 1 : 0};
}

Value array_length(Arguments a) {
  const element document = read(a[0]);
  if (document.type() != element_type::ARRAY) fail("cannot get array length of what is not an array");
  return static_cast<std::int64_t>(elements_of(document).size());
}

Value type_name(Arguments a) {
  switch (read(a[0]).type()) {
    case element_type::OBJECT: return std::string("object");
    case element_type::ARRAY: return std::string("array");
    case element_type::STRING: return std::string("string");
    case element_type::BOOL: return std::string("boolean");
    case element_type::NULL_VALUE: return std::string("null");
    default: return std::string("number");
  }
}

std::string without_nulls(element document) {
  if (document.type() == element_type::OBJECT) {
    Members members;
    for (const auto& [key, value] : simdjson::dom::object(document))
      if (!value.is_null()) members.emplace(std::string(key), without_nulls(value));
    return written(members);
  }
  if (document.type() == element_type::ARRAY) {
    Elements elements;
    for (const element item : simdjson::dom::array(document)) elements.push_back(without_nulls(item));
    return written(elements);
  }
  return text_of(document);
}

Value strip_nulls(Arguments a) { return without_nulls(read(a[0])); }
Value text_jsonb(Arguments a) { return text_of(read(a[0])); }

Value to_jsonb(Arguments a) {
  if (a[1].is_null()) return Null{};
  std::string out;
  append_json(a[0].text()[0], a[1], out);
  return out;
}

Value build_array(Arguments a) {
  std::string out = "[";
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (i > 1) out += ',';
    append_json(a[0].text()[i - 1], a[i], out);
  }
  return out + "]";
}

Value build_object(Arguments a) {
  Members members;
  for (std::size_t i = 1; i + 1 < a.size(); i += 2) {
    if (a[i].is_null()) fail("argument of jsonb_build_object must not be null: a name");
    std::string value;
    append_json(a[0].text()[i / 2], a[i + 1], value);
    members[std::string(a[i].text())] = std::move(value);
  }
  return written(members);
}

double number_of(const ValueView& document) {
  const element value = read(document);
  double out = 0;
  if (value.get(out) != simdjson::SUCCESS) fail("cannot cast this jsonb value to a number");
  return out;
}

/// jsonb numbers are numeric in PostgreSQL: half rounds away from zero.
Value integral(const ValueView& document, double low, double high, const char* message) {
  const double value = std::round(number_of(document));
  if (!(value >= low && value < high)) fail(message);
  return static_cast<std::int64_t>(value);
}

Value jsonb_integer(Arguments a) {
  return integral(a[0], -2147483648.0, 2147483648.0, "integer out of range");
}
Value jsonb_bigint(Arguments a) {
  return integral(a[0], -9223372036854775808.0, 9223372036854775808.0, "bigint out of range");
}
Value jsonb_double(Arguments a) { return number_of(a[0]); }

Value jsonb_boolean(Arguments a) {
  bool out = false;
  if (read(a[0]).get(out) != simdjson::SUCCESS) fail("cannot cast this jsonb value to type boolean");
  return std::int64_t{out ? 1 : 0};
}

template <element_type Type>
Value must_be(Arguments a) {
  const element document = read(a[0]);
  if (document.type() != Type)
    fail(Type == element_type::ARRAY ? "cannot extract elements from what is not an array"
                                     : "cannot call jsonb_each on what is not an object");
  return text_of(document);
}

/// PostgreSQL's text of an array of text, `{a,"b c"}`, as a JSON array.
Value text_array(Arguments a) {
  const std::string_view text = a[0].text();
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') fail("malformed array literal");
  Elements out;
  std::string current;
  bool in_quotes = false;
  bool was_quoted = false;
  const auto finish = [&] {
    if (!was_quoted) {
      const auto first = current.find_first_not_of(' ');
      current =
          first == std::string::npos ? "" : current.substr(first, current.find_last_not_of(' ') - first + 1);
      if (current.empty()) fail("malformed array literal");
    }
    out.push_back(string_json(current));
    current.clear();
    was_quoted = false;
  };
  const std::string_view inside = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (c == '\\' && i + 1 < inside.size())
      current += inside[++i];
    else if (c == '"') {
      in_quotes = !in_quotes;
      was_quoted = true;
    } else if (!in_quotes && c == ',')
      finish();
    else if (!in_quotes && (c == '{' || c == '}'))
      fail("malformed array literal");
    else
      current += c;
  }
  if (in_quotes) fail("malformed array literal");
  if (!out.empty() || !current.empty() || was_quoted) finish();
  return written(out);
}

constexpr ScalarFunction table[] = {
    {"reeve_jsonb_get", 2, strict<get>},
    {"reeve_jsonb_get_text", 2, strict<get_text>},
    {"reeve_jsonb_path", 2, strict<path>},
    {"reeve_jsonb_path_text", 2, strict<path_text>},
    {"reeve_jsonb_concat", 2, strict<concat>},
    {"reeve_jsonb_delete", 2, strict<remove>},
    {"reeve_jsonb_delete_path", 2, strict<remove_path>},
    {"reeve_jsonb_delete_several", 2, strict<remove_several>},
    {"reeve_jsonb_object_keys", 1, strict<object_keys>},
    {"reeve_jsonb_set", 4, strict<set>},
    {"reeve_jsonb_insert", 4, strict<insert>},
    {"reeve_jsonb_contains", 2, strict<contains>},
    {"reeve_jsonb_exists", 2, strict<exists>},
    {"reeve_jsonb_exists_any", 2, strict<exists_several<false>>},
    {"reeve_jsonb_exists_all", 2, strict<exists_several<true>>},
    {"reeve_jsonb_array_length", 1, strict<array_length>},
    {"reeve_jsonb_typeof", 1, strict<type_name>},
    {"reeve_jsonb_strip_nulls", 1, strict<strip_nulls>},
    {"reeve_jsonb_array", 1, strict<must_be<element_type::ARRAY>>},
    {"reeve_jsonb_object", 1, strict<must_be<element_type::OBJECT>>},
    {"reeve_jsonb_integer", 1, strict<jsonb_integer>},
    {"reeve_jsonb_bigint", 1, strict<jsonb_bigint>},
    {"reeve_jsonb_double", 1, strict<jsonb_double>},
    {"reeve_jsonb_boolean", 1, strict<jsonb_boolean>},
    {"reeve_jsonb_build_object", -1, build_object},
    {"reeve_jsonb_build_array", -1, build_array},
    {"reeve_to_jsonb", 2, to_jsonb},
    {"reeve_text_jsonb", 1, strict<text_jsonb>},
    {"reeve_text_array", 1, strict<text_array>},
};

}  // namespace

void append_json(char letter, const ValueView& value, std::string& out) {
  switch (value.kind()) {
    case ValueView::Kind::null: out += "null"; return;
    case ValueView::Kind::integer: {
      if (letter == 'b') {
        out += value.integer() != 0 ? "true" : "false";
        return;
      }
      constexpr std::int64_t exact = std::int64_t{1} << 53;
      if (value.integer() > exact || value.integer() < -exact)
        fail("an integer beyond 2^53 can't be a JSON number: cast it to text");
      out += std::to_string(value.integer());
      return;
    }
    case ValueView::Kind::real: {
      const double size = std::fabs(value.real());
      if (size > 9007199254740992.0 && size < 1e21)
        fail("a number beyond 2^53 would read as an integer in JSON: cast it to text");
      json::append_canonical_number(value.real(), out);
      return;
    }
    case ValueView::Kind::text:
      if (letter == 'j')
        out += value.text();
      else
        json::append_canonical_string(value.text(), out);
      return;
    case ValueView::Kind::bytes: throw Error(ErrorCode::type_mismatch, "bytes are no JSON");
  }
}

std::span<const ScalarFunction> json_functions() { return table; }

}  // namespace reeve::sql
