#include "blueprint/file_name.h"
#include "blueprint/settings.h"
#include "blueprint/toml_table.h"

#include <algorithm>

namespace reeve::blueprint {
namespace {

constexpr std::string_view settings_file = "blueprint.toml";

void read_moment(std::string_view text, const toml::table& table, Settings& settings, Findings& findings) {
  TableReader reader({settings_file, text}, table, "moment", findings);
  MomentSettings moment;
  moment.name = reader.name("name", "name = \"game_year\"");
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
  TableReader reader({settings_file, text}, table, "events", findings);
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
  const std::optional<toml::table> parsed = parse_toml({settings_file, text}, findings);
  if (!parsed) {
    return settings;
  }
  const toml::table& table = *parsed;
  TableReader top({settings_file, text}, table, "", findings);
  top.check_format("this blueprint");
  settings.name = top.name("name", "name = \"great_work\"");
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
  if (const toml::node* execute = top.find("execute", false, "execute = true")) {
    if (const auto* value = execute->as_boolean()) {
      settings.execute = value->get();
    } else {
      top.wrong_type("execute", *execute, "true or false", "execute = true");
    }
  }
  top.refuse_unknown();
  return settings;
}

}  // namespace reeve::blueprint
