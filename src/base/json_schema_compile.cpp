#include "base/json_fault.h"
#include "base/json_schema_node.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace reeve::json {

namespace {

using simdjson::dom::element;

constexpr std::size_t pattern_bytes_max = 1024;
constexpr std::int64_t pattern_memory_max = 2 * 1024 * 1024;
constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";

Place place_at(std::string_view file, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {std::string(file), static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

// Where a schema stands in the file.
struct Site {
  std::string pointer;
  int level = 0;  ///< 0 the top, 1 a property of the top, 2 anything below
  bool secret = false;

  Site below(std::string_view name) const {
    Site site{pointer, 2, secret};
    append_pointer(site.pointer, name);
    return site;
  }

  // The same place, for a schema that is neither the top nor a property of it.
  Site inside() const { return {pointer, 2, secret}; }
};

class Compiler {
 public:
  Compiler(std::string_view file, std::string_view text) : file_(file), text_(text) {}

  std::unique_ptr<SchemaNode> schema(element value, const Site& site);

 private:
  using Read = void (Compiler::*)(SchemaNode&, element, const Site&);
  struct Keyword {
    std::string_view name;
    Read read;
  };
  static const std::vector<Keyword>& keywords();

  [[noreturn]] void fail(const Site& site, std::string message, std::string remedy) const {
    throw Error(ErrorCode::invalid_input, std::move(message), std::move(remedy),
                place_at(file_, text_, offset_of(text_, site.pointer)));
  }

  std::string_view text_of(element value, const Site& site, std::string_view keyword) const {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS)
      fail(site, quoted(keyword) + " is not a string", "write a string");
    return text;
  }

  double number_of(element value, const Site& site) const {
    double number = 0;
    if (!value.is_number() || value.get(number) != simdjson::SUCCESS) {
      fail(site, "the bound is not a number", "write a number");
    }
    return number;
  }

  std::size_t count_of(element value, const Site& site) const {
    double number = 0;
    if (!value.is_number() || value.get(number) != simdjson::SUCCESS || number < 0 || number > integer_max ||
        number != static_cast<double>(static_cast<std::int64_t>(number))) {
      fail(site, "the bound is not a count", "write an integer that is not negative");
    }
    return static_cast<std::size_t>(number);
  }

  bool boolean_of(element value, const Site& site, std::string_view keyword) const {
    bool boolean = false;
    if (value.get(boolean) != simdjson::SUCCESS) {
      fail(site, quoted(keyword) + " is not a boolean", "write true or false");
    }
    return boolean;
  }

  static std::string quoted(std::string_view text) { return '"' + cut(text, 64) + '"'; }

  void read_type(SchemaNode& node, element value, const Site& site);
  void read_properties(SchemaNode& node, element value, const Site& site);
  void read_required(SchemaNode& node, element value, const Site& site);
  void read_additional(SchemaNode& node, element value, const Site& site);
  void read_enum(SchemaNode& node, element value, const Site& site);
  void read_pattern(SchemaNode& node, element value, const Site& site);
  void read_format(SchemaNode& node, element value, const Site& site);
  void read_personal(SchemaNode& node, element value, const Site& site);
  void read_note(SchemaNode&, element value, const Site& site) { text_of(value, site, "the keyword"); }
  void read_dialect(SchemaNode&, element value, const Site& site);
  unsigned type_bit(element value, const Site& site) const;
  void add_required(SchemaNode& node, std::string_view name);
  void finish_object(SchemaNode& node, const Site& site);
  void finish_top(SchemaNode& node, const Site& site);

  // Keywords of which the value is stored as it stands.
  template <std::optional<double> SchemaNode::*bound>
  void read_number(SchemaNode& node, element value, const Site& site) {
    node.*bound = number_of(value, site);
  }
  template <Bounds SchemaNode::*bounds>
  void read_min(SchemaNode& node, element value, const Site& site) {
    (node.*bounds).min = count_of(value, site);
  }
  template <Bounds SchemaNode::*bounds>
  void read_max(SchemaNode& node, element value, const Site& site) {
    (node.*bounds).max = count_of(value, site);
  }
  void read_items(SchemaNode& node, element value, const Site& site) {
    node.items = schema(value, site.inside());
  }
  void read_unique(SchemaNode& node, element value, const Site& site) {
    node.unique_items = boolean_of(value, site, "uniqueItems");
  }
  void read_const(SchemaNode& node, element value, const Site&) { node.constant = value; }

  std::string_view file_;
  std::string_view text_;
};

const std::vector<Compiler::Keyword>& Compiler::keywords() {
  using N = SchemaNode;
  static const std::vector<Keyword> list = {
      {"type", &Compiler::read_type},
      {"properties", &Compiler::read_properties},
      {"required", &Compiler::read_required},
      {"additionalProperties", &Compiler::read_additional},
      {"minProperties", &Compiler::read_min<&N::member_count>},
      {"maxProperties", &Compiler::read_max<&N::member_count>},
      {"items", &Compiler::read_items},
      {"minItems", &Compiler::read_min<&N::items_count>},
      {"maxItems", &Compiler::read_max<&N::items_count>},
      {"uniqueItems", &Compiler::read_unique},
      {"enum", &Compiler::read_enum},
      {"const", &Compiler::read_const},
      {"minimum", &Compiler::read_number<&N::minimum>},
      {"maximum", &Compiler::read_number<&N::maximum>},
      {"exclusiveMinimum", &Compiler::read_number<&N::exclusive_minimum>},
      {"exclusiveMaximum", &Compiler::read_number<&N::exclusive_maximum>},
      {"minLength", &Compiler::read_min<&N::length>},
      {"maxLength", &Compiler::read_max<&N::length>},
      {"pattern", &Compiler::read_pattern},
      {"format", &Compiler::read_format},
      {"title", &Compiler::read_note},
      {"description", &Compiler::read_note},
      {"$schema", &Compiler::read_dialect},
      {"personal", &Compiler::read_personal},
  };
  return list;
}

std::unique_ptr<SchemaNode> Compiler::schema(element value, const Site& site) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    fail(site, "a schema is not an object", "write {} for a value of any kind");
  }
  auto node = std::make_unique<SchemaNode>();
  Site here = site;
  here.secret = site.secret || object.at_key("personal").error() == simdjson::SUCCESS;
  node->secret = here.secret;
  for (const auto& [name, member] : object) {
    Site below = here.below(name);
    below.level = here.level;
    const auto keyword = std::find_if(keywords().begin(), keywords().end(),
                                      [&](const Keyword& known) { return known.name == name; });
    if (keyword == keywords().end()) {
      std::string supported = "supported are ";
      for (const Keyword& known : keywords()) {
        if (&known != &keywords().front()) supported += ", ";
        supported += known.name;
      }
      fail(below, "the keyword " + quoted(name) + " is not supported", std::move(supported));
    }
    (this->*keyword->read)(*node, member, below);
  }
  finish_object(*node, here);
  if (here.level == 0) finish_top(*node, here);
  return node;
}

unsigned Compiler::type_bit(element value, const Site& site) const {
  const std::string_view name = text_of(value, site, "type");
  for (const TypeName& known : type_names) {
    if (known.name == name) return known.bit;
  }
  fail(site, "there is no type " + quoted(name),
       "types are null, boolean, integer, number, string, array, object");
}

void Compiler::read_type(SchemaNode& node, element value, const Site& site) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    node.types = type_bit(value, site);
    return;
  }
  for (const element name : list) node.types |= type_bit(name, site);
  if (node.types == 0) fail(site, "the list of types is empty", "name a type or leave the keyword out");
}

void Compiler::read_properties(SchemaNode& node, element value, const Site& site) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    fail(site, "\"properties\" is not an object", "write an object of schemas by member name");
  }
  node.declares_properties = true;
  std::vector<SchemaNode::Member> declared;
  for (const auto& [name, member] : object) {
    Site below = site.below(name);
    below.level = site.level == 0 ? 1 : 2;
    declared.push_back({std::string(name), schema(member, below), false});
  }
  // "required" may stand before "properties".
  std::vector<SchemaNode::Member> required = std::move(node.members);
  node.members = std::move(declared);
  for (const SchemaNode::Member& member : required) add_required(node, member.name);
}

void Compiler::add_required(SchemaNode& node, std::string_view name) {
  const auto member = std::find_if(node.members.begin(), node.members.end(),
                                   [&](const SchemaNode::Member& known) { return known.name == name; });
  if (member != node.members.end()) {
    member->required = true;
  } else {
    node.members.push_back({std::string(name), nullptr, true});
  }
}

void Compiler::read_required(SchemaNode& node, element value, const Site& site) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    fail(site, "\"required\" is not a list", "write a list of member names");
  }
  for (const element name : list) add_required(node, text_of(name, site, "a member of \"required\""));
}

void Compiler::read_additional(SchemaNode& node, element value, const Site& site) {
  if (value.is_bool()) {
    node.additional = bool(value);
    return;
  }
  node.additional = true;
  node.additional_node = schema(value, site.inside());
}

void Compiler::read_enum(SchemaNode& node, element value, const Site& site) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS || list.begin() == list.end()) {
    fail(site, "\"enum\" is not a list of values", "write a list with at least one value");
  }
  for (const element item : list) node.enumeration.push_back(item);
}

void Compiler::read_pattern(SchemaNode& node, element value, const Site& site) {
  const std::string_view pattern = text_of(value, site, "pattern");
  if (pattern.size() > pattern_bytes_max) {
    fail(site, "the pattern is longer than 1024 bytes", "shorten it, or list the values in \"enum\"");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory_max);
  options.set_never_capture(true);
  node.pattern = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!node.pattern->ok()) {
    fail(site, "the pattern is refused: " + cut(node.pattern->error(), 128),
         "patterns are RE2's: no look-around and no back-references");
  }
}

void Compiler::read_format(SchemaNode& node, element value, const Site& site) {
  const std::string_view name = text_of(value, site, "format");
  if (name == "uuid") {
    node.format = Format::uuid;
  } else if (name == "date") {
    node.format = Format::date;
  } else if (name == "date-time") {
    node.format = Format::date_time;
  } else {
    fail(site, "the format " + quoted(name) + " is not supported", "formats are uuid, date, date-time");
  }
}

void Compiler::read_personal(SchemaNode& node, element value, const Site& site) {
  if (site.level != 1) {
    fail(site, "\"personal\" stands outside of a member of the top object",
         "seal the whole member of the top");
  }
  node.personal_subject = text_of(value, site, "personal");
  if (node.personal_subject.empty()) {
    fail(site, "\"personal\" names no member", "name the member that holds the subject");
  }
}

void Compiler::read_dialect(SchemaNode&, element value, const Site& site) {
  std::string_view name = text_of(value, site, "$schema");
  if (name.ends_with('#')) name.remove_suffix(1);
  if (name != dialect) fail(site, "the schema is of another dialect", "use " + std::string(dialect));
}

void Compiler::finish_object(SchemaNode& node, const Site& site) {
  // The top is a payload: a fact, not a bag. One without properties is one without members.
  if (site.level == 0) node.declares_properties = true;
  for (const SchemaNode::Member& member : node.members) {
    if (!member.required) continue;
    ++node.required_count;
    if (member.node == nullptr && !node.allows_additional()) {
      fail(site.below("required"), "the member " + quoted(member.name) + " is required and not declared",
           "declare it in \"properties\"");
    }
  }
  constexpr std::size_t few = 8;
  if (node.members.size() > few) {
    node.by_name.resize(node.members.size());
    std::iota(node.by_name.begin(), node.by_name.end(), 0U);
    std::sort(node.by_name.begin(), node.by_name.end(), [&](std::uint32_t left, std::uint32_t right) {
      return node.members[left].name < node.members[right].name;
    });
  }
}

void Compiler::finish_top(SchemaNode& node, const Site& site) {
  if (node.types == 0) node.types = type_object;
  if (node.types != type_object) {
    fail(site.below("type"), "the top is not an object", "write \"type\": \"object\"");
  }
  for (const SchemaNode::Member& member : node.members) {
    if (member.node == nullptr || member.node->personal_subject.empty()) continue;
    const std::string& subject = member.node->personal_subject;
    const auto holder = std::find_if(node.members.begin(), node.members.end(),
                                     [&](const SchemaNode::Member& other) { return other.name == subject; });
    if (holder == node.members.end() || holder->node == nullptr || holder->name == member.name) {
      fail(site.below("properties").below(member.name).below("personal"),
           "\"personal\" names " + quoted(subject) + ", which is no other member",
           "name the member that holds the subject");
    }
  }
}

}  // namespace

std::unique_ptr<SchemaNode> compile_schema(std::string_view file, std::string_view text, Reader& reader) {
  if (const std::optional<Fault> fault = find_fault(text, {})) {
    throw Error(fault->code, "the schema has " + fault->what, fault->remedy,
                place_at(file, text, std::min(fault->offset, text.size())));
  }
  return Compiler(file, text).schema(reader.read(text), {});
}

}  // namespace reeve::json
