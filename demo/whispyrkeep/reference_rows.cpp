// The SRD's files as rows of the reference tables.

#include "whispyrkeep/keep.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

namespace whispyrkeep {

namespace {

using nlohmann::json;

constexpr const char* source = "srd_5_2";

struct Entries {
  std::map<std::pair<std::string, std::string>, json> rows;  ///< by type and name
  std::map<std::pair<std::string, int>, std::pair<std::string, std::string>>
      keys;  ///< type and name by model and number
};

std::vector<json> read_records(const std::filesystem::path& folder) {
  std::vector<json> records;
  for (const char* name : {"srd_core.json", "srd_equipment.json", "srd_spells.json"}) {
    std::ifstream file(folder / name);
    if (!file) throw reeve::Error(reeve::ErrorCode::not_found, (folder / name).string() + " can't be read");
    const json list = json::parse(file, nullptr, false);
    if (!list.is_array())
      throw reeve::Error(reeve::ErrorCode::invalid_input,
                         (folder / name).string() + " is no list of records");
    records.insert(records.end(), list.begin(), list.end());
  }
  return records;
}

/// `srd.characterclass` is of the type `characterclass`.
std::string type_of(const json& record) {
  const std::string model = record.at("model");
  return model.substr(model.rfind('.') + 1);
}

void add_named(const json& record, Entries& entries) {
  json details = record.at("fields");
  const std::string type = type_of(record);
  const std::string name = details.at("name");
  const std::string description = details.value("description", "");
  details.erase("name");
  details.erase("description");
  entries.keys[{type, record.at("pk")}] = {type, name};
  entries.rows[{type, name}] = {{"entry_type", type},
                                {"name", name},
                                {"description", description},
                                {"details", details},
                                {"source", source}};
}

/// What has no name of its own says more about an item.
void add_to_item(const json& record, Entries& entries) {
  json details = record.at("fields");
  const auto item = entries.keys.find({"item", details.at("item")});
  if (item == entries.keys.end())
    throw reeve::Error(reeve::ErrorCode::invalid_input,
                       type_of(record) + " " + record.at("pk").dump() + " is of an item that is not there");
  details.erase("item");
  entries.rows.at(item->second)["details"][type_of(record)] = std::move(details);
}

}  // namespace

std::size_t write_reference_rows(const std::filesystem::path& srd, const std::filesystem::path& out) {
  const std::vector<json> records = read_records(srd);
  Entries entries;
  for (const json& record : records)
    if (record.at("fields").contains("name")) add_named(record, entries);
  for (const json& record : records)
    if (!record.at("fields").contains("name")) add_to_item(record, entries);
  std::filesystem::create_directories(out);
  std::ofstream sources(out / "reference_sources.ndjson");
  sources << json{{"source", source},
                  {"licence", "CC-BY-4.0"},
                  {"attribution",
                   "This work includes material from the System Reference Document 5.2 by Wizards of the "
                   "Coast LLC."}}
                 .dump()
          << "\n";
  std::ofstream rows(out / "reference_entries.ndjson");
  for (const auto& [key, row] : entries.rows) rows << row.dump() << "\n";
  if (!sources.flush() || !rows.flush())
    throw reeve::Error(reeve::ErrorCode::unavailable, out.string() + " can't be written");
  return entries.rows.size();
}

}  // namespace whispyrkeep
