// The members of payloads: as parameters of statements, and as columns that statements make.

#include "blueprint/work.h"

#include <algorithm>
#include <array>

namespace reeve::blueprint {
namespace {

using json::PropertyType;

sql::Type parameter_type(PropertyType type) {
  switch (type) {
    case PropertyType::string: return sql::Type::text;
    case PropertyType::uuid: return sql::Type::uuid;
    case PropertyType::date: return sql::Type::date;
    case PropertyType::date_time: return sql::Type::timestamptz;
    case PropertyType::integer: return sql::Type::bigint;
    case PropertyType::number: return sql::Type::double_precision;
    case PropertyType::boolean: return sql::Type::boolean;
    case PropertyType::object_or_array: return sql::Type::jsonb;
    case PropertyType::any: break;
  }
  return sql::Type::unknown;
}

std::string_view name_of_property(PropertyType type) {
  switch (type) {
    case PropertyType::string: return "string";
    case PropertyType::uuid: return "string of format uuid";
    case PropertyType::date: return "string of format date";
    case PropertyType::date_time: return "string of format date-time";
    case PropertyType::integer: return "integer";
    case PropertyType::number: return "number";
    case PropertyType::boolean: return "boolean";
    case PropertyType::object_or_array: return "object or array";
    case PropertyType::any: break;
  }
  return "value of any type";
}

bool is_one_of(sql::Type type, std::initializer_list<sql::Type> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// Whether a column's values can be what the member demands. Text may be a uuid, a date or a time: the
/// schema checks the value itself when the event is decided.
bool fits(sql::Type column, PropertyType member) {
  using sql::Type;
  if (column == Type::bytea) return false;
  if (column == Type::unknown) return true;
  switch (member) {
    case PropertyType::string:
      return is_one_of(column, {Type::text, Type::uuid, Type::date, Type::timestamptz});
    case PropertyType::uuid: return is_one_of(column, {Type::uuid, Type::text});
    case PropertyType::date: return is_one_of(column, {Type::date, Type::text});
    case PropertyType::date_time: return is_one_of(column, {Type::timestamptz, Type::text});
    case PropertyType::integer: return is_one_of(column, {Type::integer, Type::bigint});
    case PropertyType::number:
      return is_one_of(column, {Type::integer, Type::bigint, Type::double_precision});
    case PropertyType::boolean: return column == Type::boolean;
    case PropertyType::object_or_array: return column == Type::jsonb;
    case PropertyType::any: break;
  }
  return true;
}

bool is_string(PropertyType type) {
  return type == PropertyType::string || type == PropertyType::uuid || type == PropertyType::date ||
         type == PropertyType::date_time;
}

std::string cast_for(PropertyType member) {
  return "cast it to " + std::string(sql::name_of(parameter_type(member))) + ", or change the schema";
}

/// Walks a JSON text that is known to be valid, and only as far as it must.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}

  /// Enters the object at hand and stops at the value of a member; `key` is where its name begins.
  bool enter(std::string_view member, std::size_t& key) {
    skip_space();
    if (peek() != '{') return false;
    ++at_;
    while (true) {
      skip_space();
      if (peek() != '"') return false;
      key = at_;
      const std::size_t begin = at_ + 1;
      skip_string();
      const bool found = text_.substr(begin, at_ - begin - 1) == member;
      skip_space();
      ++at_;  // the colon
      if (found) return true;
      skip_value();
      skip_space();
      if (peek() != ',') return false;
      ++at_;
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_value() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
      if (c == '"') {
        skip_string();
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        --depth;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Place property_place(std::string_view file, std::string_view text, std::string_view property) {
  JsonWalker walker(text);
  std::size_t key = 0;
  if (walker.enter("properties", key) && walker.enter(property, key)) return place_at(file, text, key);
  return {std::string(file), 1, 1};
}

sql::ParameterTypes parameter_types(Work& work, const json::Schema& schema, const std::string& schema_file,
                                    BuiltIns built_ins) {
  using sql::Type;
  const Type moment = work.blueprint.catalogue.moment_type;
  sql::ParameterTypes types;
  switch (built_ins) {
    case BuiltIns::apply:
      types = {{"event_id", Type::uuid}, {"sequence", Type::bigint}, {"at", Type::timestamptz},
               {"moment", moment},       {"actor", Type::text},      {"payload", Type::jsonb}};
      break;
    case BuiltIns::command:
      types = {{"at", Type::timestamptz}, {"moment", moment}, {"actor", Type::text}};
      break;
    case BuiltIns::upcast: types = {{"payload", Type::jsonb}}; break;
  }
  for (const json::Schema::Property& property : schema.properties()) {
    const Type type = property.personal ? Type::text : parameter_type(property.type);
    if (types.emplace(property.name, type).second) continue;
    work.findings.add(property_place(schema_file, *work.text_of(schema_file), property.name),
                      "the member `" + property.name + "` has the name of a built-in parameter",
                      "rename it: statements could not tell the two apart");
  }
  return types;
}

void check_personal(Work& work, const json::Schema& schema, const std::string& schema_file) {
  const std::vector<json::Schema::Property>& properties = schema.properties();
  for (const json::Schema::Property& property : properties) {
    if (!property.personal) continue;
    const Place place = property_place(schema_file, *work.text_of(schema_file), property.name);
    const auto subject = std::find_if(
        properties.begin(), properties.end(),
        [&](const json::Schema::Property& other) { return other.name == property.personal_subject; });
    // That it is another member, json::Schema::compile has checked.
    const bool plain_string = subject != properties.end() && !subject->personal && subject->required &&
                              (subject->type == PropertyType::string || subject->type == PropertyType::uuid);
    if (!plain_string) {
      work.findings.add(place,
                        "`" + property.name + "` is personal to `" + property.personal_subject +
                            "`, which is not a plain string that is always there",
                        "name a required member that is a string and not personal itself");
    } else if (!is_string(property.type)) {
      work.findings.add(place, "`" + property.name + "` is personal and no string",
                        "a sealed value is made of text: give it the type string");
    }
  }
}

sql::PersonalParameters personal_parameters(const json::Schema& schema) {
  sql::PersonalParameters personal;
  for (const json::Schema::Property& property : schema.properties()) {
    if (property.personal) personal.emplace(property.name, property.personal_subject);
  }
  return personal;
}

void check_members(Work& work, const sql::Translation& sql, const json::Schema& schema,
                   const std::string& target) {
  const std::vector<json::Schema::Property>& properties = schema.properties();
  const auto named = [](std::string_view name) {
    return [name](const auto& item) { return item.name == name; };
  };
  std::vector<std::string> names;
  for (const json::Schema::Property& property : properties) names.push_back(property.name);

  for (const sql::ResultColumn& column : sql.columns) {
    const auto property = std::find_if(properties.begin(), properties.end(), named(column.name));
    if (property == properties.end()) {
      work.findings.add(sql.place, "the column `" + column.name + "` is no member of " + target,
                        names.empty() ? "it has no members" : "its members: " + quoted_list(names));
    } else if (column.personal != property->personal) {
      work.findings.add(sql.place,
                        "the column `" + column.name + "` is " + (column.personal ? "" : "not ") +
                            "personal, and in " + target + " the member is " +
                            (property->personal ? "" : "not"),
                        "a personal member is given a personal parameter, whole, and nothing else is");
    } else if (!column.personal && !fits(column.type, property->type)) {
      work.findings.add(
          sql.place,
          "the column `" + column.name + "` is " + std::string(sql::name_of(column.type)) + ", but in " +
              target + " it is a " + std::string(name_of_property(property->type)),
          column.type == sql::Type::bytea ? "encode it as text: encode(" + column.name + ", 'hex')"
                                          : cast_for(property->type));
    }
  }
  for (const json::Schema::Property& property : properties) {
    if (!property.required || std::any_of(sql.columns.begin(), sql.columns.end(), named(property.name)))
      continue;
    work.findings.add(sql.place, "the required member `" + property.name + "` of " + target + " is missing",
                      "add a column of that name");
  }
}

}  // namespace reeve::blueprint
