#include "blueprint/file_name.h"
#include "blueprint/settings.h"

#include <algorithm>

// toml++ 3.3 takes some malformed texts (`[[[`) for impossible: it aborts on them, or in a release build
// walks on undefined. Here its assertions throw, whatever the build.
namespace reeve::blueprint {
struct MalformedToml {};
[[noreturn]] static void refuse_malformed_toml() { throw MalformedToml(); }
}  // namespace reeve::blueprint
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? void() : reeve::blueprint::refuse_malformed_toml())
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace reeve::blueprint {
namespace {

constexpr std::string_view settings_file = "blueprint.toml";

/// toml++ counts columns in code points, places count bytes.
Place to_place(std::string_view text, const toml::source_position& position) {
  Place place{std::string(settings_file), static_cast<int>(position.line), static_cast<int>(position.column)};
  std::size_t begin = 0;
  for (toml::source_index line = 1; line < position.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return place;
    ++begin;
  }
  std::size_t at = begin;
  for (toml::source_index column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  place.column = static_cast<int>(at - begin + 1);
  return place;
}

/// Reads the members of one table and reports those that nobody asked for.
class TableReader {
 public:
  TableReader(std::string_view text, const toml::table& table, std::string section, Findings& findings)
      : text_(text), table_(table), section_(std::move(section)), findings_(findings) {}

  const toml::node* find(std::string_view key, bool required, const std::string& example) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr && required) {
      findings_.add(place(), path(key) + " is missing", "write it as: " + example);
    }
    return node;
  }

  std::string text(std::string_view key, bool required, const std::string& example) {
    const toml::node* node = find(key, required, example);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) {
      if (required && value->get().empty())
        findings_.add(place(*node), path(key) + " is empty", "write it as: " + example);
      return value->get();
    }
    wrong_type(key, *node, "a string", example);
    return {};
  }

  void wrong_type(std::string_view key, const toml::node& node, const std::string& expected,
                  const std::string& example) {
    findings_.add(place(node), path(key) + " is not " + expected, "write it as: " + example);
  }

  void refuse_unknown() {
    for (const auto& [key, node] : table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
      findings_.add(to_place(text_, key.source().begin), "unknown key " + path(key.str()),
                    "known here: " + quoted_list(known_));
    }
  }

  Place place(const toml::node& node) const { return to_place(text_, node.source().begin); }
  Place place() const {
    const toml::source_position begin = table_.source().begin;
    return begin ? to_place(text_, begin) : Place{std::string(settings_file), 1, 1};
  }

 private:
  std::string path(std::string_view key) const {
    return "`" + (section_.empty() ? std::string() : section_ + ".") + std::string(key) + "`";
  }

  std::string_view text_;
  const toml::table& table_;
  std::string section_;
  Findings& findings_;
  std::vector<std::string> known_;
};

void read_format(TableReader& top, Findings& findings) {
  const toml::node* format = top.find("format", true, "format = 1");
  if (format == nullptr) return;
  if (!format->is_integer()) {
    top.wrong_type("format", *format, "an integer", "format = 1");
  } else if (format->as_integer()->get() != 1) {
    findings.add(top.place(*format), "this blueprint has a format that this version does not know",
                 "write `format = 1`, or use a newer version of Reeve");
  }
}

std::string read_name(TableReader& reader, std::string_view key, const std::string& example,
                      Findings& findings) {
  std::string name = reader.text(key, true, example);
  if (!name.empty() && !is_name(name)) {
    findings.add(reader.place(*reader.find(key, false, example)), "`" + name + "` is not a name",
                 "a name is [a-z][a-z0-9_]*, at most 63 bytes: " + example);
  }
  return name;
}

void read_moment(std::string_view text, const toml::table& table, Settings& settings, Findings& findings) {
  TableReader reader(text, table, "moment", findings);
  MomentSettings moment;
  moment.name = read_name(reader, "name", "name = \"game_year\"", findings);
  const std::string type_example = "type = \"integer\" (or \"text\")";
  const std::string type = reader.text("type", true, type_example);
  if (type == "integer") {
    moment.type = sql::Type::integer;
  } else if (!type.empty() && type != "text") {
    findings.add(reader.place(*table.get("type")), "the moment's type `" + type + "` is unknown",
                 "write it as: " + type_example);
  }
  moment.query = reader.text("query", true, "query = \"SELECT current_year FROM timeline\"");
  if (const toml::node* query = table.get("query")) moment.query_place = reader.place(*query);
  reader.refuse_unknown();
  settings.moment = std::move(moment);
}

void read_events(std::string_view text, const toml::table& table, Settings& settings, Findings& findings) {
  TableReader reader(text, table, "events", findings);
  const std::string example = "seal = [\"digest.published\"]";
  if (const toml::node* seal = reader.find("seal", false, example)) {
    if (const toml::array* types = seal->as_array()) {
      for (const toml::node& type : *types) {
        if (const auto* value = type.as_string()) {
          settings.seal.emplace_back(value->get(), reader.place(type));
        } else {
          reader.wrong_type("seal", type, "a list of strings", example);
        }
      }
    } else {
      reader.wrong_type("seal", *seal, "a list of strings", example);
    }
  }
  reader.refuse_unknown();
}

}  // namespace

Settings read_settings(std::string_view text, Findings& findings) {
  Settings settings;
  toml::table table;
  try {
    table = toml::parse(text, settings_file);
  } catch (const toml::parse_error& error) {
    findings.add(to_place(text, error.source().begin), std::string(error.description()),
                 "mend the TOML (https://toml.io/en/v1.0.0)");
    return settings;
  } catch (const MalformedToml&) {
    findings.add({std::string(settings_file), 0, 0}, "the file is not TOML",
                 "mend the TOML (https://toml.io/en/v1.0.0)");
    return settings;
  }
  TableReader top(text, table, "", findings);
  read_format(top, findings);
  settings.name = read_name(top, "name", "name = \"great_work\"", findings);
  settings.title = top.text("title", true, "title = \"The Great Work\"");
  if (const toml::node* moment = top.find("moment", false, "[moment]")) {
    if (moment->is_table()) {
      read_moment(text, *moment->as_table(), settings, findings);
    } else {
      top.wrong_type("moment", *moment, "a table", "[moment]");
    }
  }
  if (const toml::node* events = top.find("events", false, "[events]")) {
    if (events->is_table()) {
      read_events(text, *events->as_table(), settings, findings);
    } else {
      top.wrong_type("events", *events, "a table", "[events]");
    }
  }
  top.refuse_unknown();
  return settings;
}

}  // namespace reeve::blueprint
