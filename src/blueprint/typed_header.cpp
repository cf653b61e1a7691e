#include "blueprint/typed_header.h"

#include "sql/clock_parameter.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace reeve::blueprint {

namespace {

/// Words of C++20 that no member can be called, and the names that the structs have themselves.
constexpr auto taken = std::to_array<std::string_view>({
    "alignas",
    "all",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "check",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "command_name",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "event_type",
    "event_version",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "query_name",
    "read",
    "reeve",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "std",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "to_json",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "Row",
});

/// `influence.changed` is influence_changed, `2nd` _2nd, `class` class_.
std::string cpp_name(std::string_view name) {
  std::string text;
  for (const char letter : name) {
    const bool fits = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9');
    text += fits ? letter : '_';
  }
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) text.insert(0, "n");
  // Names with two underscores, and those that begin with one, are the compiler's.
  for (std::size_t at = text.find("__"); at != std::string::npos; at = text.find("__")) text.erase(at, 1);
  if (text[0] == '_') text.insert(0, "n");
  if (std::find(taken.begin(), taken.end(), text) != taken.end()) text += '_';
  return text;
}

/// Names of one scope, each once.
class Scope {
 public:
  explicit Scope(std::string where) : where_(std::move(where)) {}
  /// All of them as one type.
  std::string all() const { return fmt::format("using all = std::tuple<{}>;\n", fmt::join(order_, ", ")); }
  std::string add(std::string_view name) {
    std::string text = cpp_name(name);
    if (!names_.insert(text).second) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("two names of {} come to {} in C++, '{}' is one", where_, text, name),
                  "rename one of them");
    }
    order_.push_back(text);
    return text;
  }

 private:
  std::string where_;
  std::set<std::string> names_;
  std::vector<std::string> order_;
};

/// A text as a C++ literal.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\{:03o}", byte);
      continue;
    }
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "\"";
}

std::string_view cpp_type(json::PropertyType type) {
  switch (type) {
    case json::PropertyType::string:
    case json::PropertyType::uuid:
    case json::PropertyType::date:
    case json::PropertyType::date_time: return "std::string";
    case json::PropertyType::integer: return "std::int64_t";
    case json::PropertyType::number: return "double";
    case json::PropertyType::boolean: return "bool";
    case json::PropertyType::object_or_array:
    case json::PropertyType::any: break;
  }
  return "reeve::Json";
}

/// The type of a value whose JSON Schema says one plain type; empty for others.
std::string_view plain_type(const nlohmann::json& schema) {
  const auto type = schema.is_object() ? schema.find("type") : schema.end();
  if (type == schema.end() || !type->is_string()) return {};
  const auto& name = type->get_ref<const std::string&>();
  return name == "string"    ? "std::string"
         : name == "integer" ? "std::int64_t"
         : name == "number"  ? "double"
         : name == "boolean" ? "bool"
                             : "";
}

/// Of a property of the top object: an array of one plain type is a vector of it, an object whose members are all of one
/// a map. Empty for others.
std::string container_type(const nlohmann::json& schema) {
  if (!schema.is_object() || !schema.contains("type")) return {};
  if (schema["type"] == "array" && schema.contains("items")) {
    const std::string_view item = plain_type(schema["items"]);
    return item.empty() ? "" : fmt::format("std::vector<{}>", item);
  }
  if (schema["type"] == "object" && !schema.contains("properties") &&
      schema.contains("additionalProperties")) {
    const std::string_view member = plain_type(schema["additionalProperties"]);
    return member.empty() ? "" : fmt::format("std::map<std::string, {}>", member);
  }
  return {};
}

std::string_view cpp_type(sql::Type type) {
  switch (type) {
    case sql::Type::boolean: return "bool";
    case sql::Type::integer:
    case sql::Type::bigint: return "std::int64_t";
    case sql::Type::double_precision: return "double";
    case sql::Type::text:
    case sql::Type::uuid:
    case sql::Type::date:
    case sql::Type::timestamptz: return "std::string";
    case sql::Type::jsonb: return "reeve::Json";
    case sql::Type::bytea: return "reeve::Bytes";
    case sql::Type::interval:
    case sql::Type::unknown: break;
  }
  return "reeve::Value";
}

std::string initializer(std::string_view type) {
  return type == "std::int64_t" || type == "double" || type == "bool" ? "{}" : "";
}

struct Member {
  std::string name;
  std::string type;
  std::string json;  ///< its name in the payload
};

std::string member_line(const Member& member) {
  return fmt::format("  {} {}{};\n", member.type, member.name,
                     member.type.starts_with("std::optional") ? " = {}" : initializer(member.type));
}

std::string to_json(const std::vector<Member>& members) {
  std::string text = "  std::string to_json() const {\n    return reeve::JsonMembers()";
  for (const Member& member : members)
    text += fmt::format("\n        .add({}, {})", literal(member.json), member.name);
  return text + (members.empty() ? "" : "\n        ") + ".object();\n  }\n";
}

/// `text` is the schema's: what arrays and objects hold is read from it.
std::vector<Member> members_of(const json::Schema& schema, const std::string& text,
                               const std::string& where) {
  std::vector<Member> members;
  Scope scope(where);
  const nlohmann::json properties = nlohmann::json::parse(text).value("properties", nlohmann::json::object());
  for (const json::Schema::Property& property : schema.properties()) {
    std::string type = container_type(properties.at(property.name));
    if (type.empty()) type = cpp_type(property.type);
    members.push_back({scope.add(property.name),
                       property.required ? type : fmt::format("std::optional<{}>", type), property.name});
  }
  return members;
}

/// Whether a query asks if it was given the parameter: what may be left out.
bool may_be_null(const sql::Translation& sql, std::size_t number) {
  const std::string parameter = fmt::format("${}::", number);
  for (std::size_t at = sql.postgres.find(parameter); at != std::string::npos;
       at = sql.postgres.find(parameter, at + 1)) {
    const std::string_view before = std::string_view(sql.postgres).substr(0, at);
    if (before.ends_with("coalesce(")) return true;
    const std::size_t end = sql.postgres.find_first_of(" ,)", at);
    if (end == std::string::npos) continue;
    const std::string_view rest = std::string_view(sql.postgres).substr(end);
    if (rest.starts_with(" IS NULL") || rest.starts_with(" IS NOT NULL")) return true;
  }
  return false;
}

std::vector<Member> parameters_of(const Query& query) {
  std::vector<Member> members;
  Scope scope("the query " + query.name);
  for (std::size_t i = 0; i < query.sql.parameters.size(); ++i) {
    const sql::Parameter& parameter = query.sql.parameters[i];
    if (sql::is_clock(parameter)) continue;
    // What no use gives a type to is a text, as the parser of PostgreSQL has it.
    std::string type(parameter.type == sql::Type::unknown ? "std::string" : cpp_type(parameter.type));
    if (parameter.type == sql::Type::bytea) type = "std::string";  // base64, as in JSON
    if (may_be_null(query.sql, i + 1)) type = fmt::format("std::optional<{}>", type);
    members.push_back({scope.add(parameter.name), type, parameter.name});
  }
  return members;
}

std::string comment(std::string_view text, std::string_view otherwise) {
  std::string out;
  std::string_view rest = text.empty() ? otherwise : text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    // A backslash at its end would draw the next line into the comment.
    while (!line.empty() && (line.back() == '\\' || line.back() == ' ' || line.back() == '\r'))
      line.remove_suffix(1);
    out += fmt::format("/// {}\n", line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string command_struct(const Command& command, const std::string& schema, const std::string& name) {
  const std::vector<Member> members = members_of(command.schema, schema, "the command " + command.name);
  std::string text = comment(command.description, fmt::format("The command {}.", command.name));
  text += fmt::format("struct {} {{\n", name);
  for (const Member& member : members) text += member_line(member);
  text += fmt::format("\n  static constexpr std::string_view command_name = {};\n", literal(command.name));
  return text + to_json(members) + "};\n\n";
}

std::string event_struct(const EventType& event, const std::string& schema, const std::string& name) {
  const std::vector<Member> members = members_of(event.schema, schema, "the event " + event.type);
  std::string text = fmt::format("/// {}, version {}.\nstruct {} {{\n", event.type, event.version, name);
  for (const Member& member : members) text += member_line(member);
  text += fmt::format(
      "\n  static constexpr std::string_view event_type = {};\n  static constexpr int event_version = {};\n",
      literal(event.type), event.version);
  return text + to_json(members) + "};\n\n";
}

std::string query_struct(const Query& query, const std::string& name) {
  const std::vector<Member> parameters = parameters_of(query);
  std::string text = comment(query.description, fmt::format("The query {}.", query.name));
  text += fmt::format("struct {} {{\n", name);
  for (const Member& parameter : parameters) text += member_line(parameter);
  text += parameters.empty() ? "  struct Row {\n" : "\n  struct Row {\n";
  std::string reads;
  std::string names;
  Scope scope("the rows of " + query.name);
  for (std::size_t i = 0; i < query.sql.columns.size(); ++i) {
    const sql::ResultColumn& column = query.sql.columns[i];
    const std::string_view type = cpp_type(column.type);
    // reeve::Value holds NULL itself.
    const bool optional = column.nullable && type != "reeve::Value";
    const std::string member = scope.add(column.name);
    text += "  " +
            member_line({member, optional ? fmt::format("std::optional<{}>", type) : std::string(type), {}});
    reads += fmt::format("    reeve::typed::read(rows, {}, row.{});\n", i, member);
    names += (i == 0 ? "" : ", ") + literal(column.name);
  }
  text += "  };\n";
  text += fmt::format("\n  static constexpr std::string_view query_name = {};\n", literal(query.name));
  text += fmt::format(
      "  static void check(const reeve::Rows& rows) {{\n    reeve::typed::check_columns(rows, query_name, "
      "{{{}}});\n  }}\n",
      names);
  text += "  static Row read(const reeve::Rows& rows) {\n    Row row;\n" + reads + "    return row;\n  }\n";
  return text + to_json(parameters) + "};\n\n";
}

}  // namespace

std::string typed_header(const Blueprint& blueprint) {
  const std::string space = cpp_name(blueprint.name);
  std::string text = fmt::format(
      "#pragma once\n"
      "// Made by `reeve generate` from the blueprint {}: not to be edited.\n\n"
      "#include <reeve/typed.h>\n\n"
      "#include <cstdint>\n#include <map>\n#include <optional>\n#include <string>\n#include <string_view>\n"
      "#include <tuple>\n#include <vector>\n\n"
      "static_assert(reeve::typed_header_format == 3, \"this header is of another version: run `reeve "
      "generate` again\");\n\n"
      "namespace {} {{\n\n"
      "/// Hash of the sources that this was made from.\n"
      "inline constexpr std::string_view sources_hash =\n    \"{}\";\n\n",
      blueprint.name, space, to_hex(blueprint.sources.hash()));
  text += "namespace commands {\n\n";
  Scope commands("the commands");
  const auto& files = blueprint.sources.files;
  for (const auto& [name, command] : blueprint.commands) {
    text += command_struct(command, files.at(fmt::format("commands/{}.json", name)), commands.add(name));
  }
  text += commands.all() + "\n}  // namespace commands\n\nnamespace events {\n\n";
  Scope events("the events");
  for (const auto& [type, versions] : blueprint.events) {
    if (!versions.empty()) {
      const EventType& newest = versions.rbegin()->second;
      const std::string& schema = files.at(fmt::format("events/{}.v{}.json", type, newest.version));
      text += event_struct(newest, schema, events.add(type));
    }
  }
  text += events.all() + "\n}  // namespace events\n\nnamespace queries {\n\n";
  Scope queries("the queries");
  for (const auto& [name, query] : blueprint.queries) text += query_struct(query, queries.add(name));
  return text + queries.all() + fmt::format("\n}}  // namespace queries\n\n}}  // namespace {}\n", space);
}

}  // namespace reeve::blueprint
