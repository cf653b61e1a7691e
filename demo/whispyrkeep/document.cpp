// A universe as a document: JSON that another account takes in, and Markdown that people read.

#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>
#include <nlohmann/json.hpp>

namespace whispyrkeep {

namespace {

using nlohmann::json;

json document_of(reeve::Ledger& ledger, const std::string& universe_id) {
  const auto row = reeve::query_one(ledger, queries::universe_document{.universe_id = universe_id});
  if (!row) throw reeve::Error(reeve::ErrorCode::not_found, "there is no universe " + universe_id);
  json document{{"format", row->format}, {"universe", json::parse(row->universe.text)}};
  for (const auto& [name, part] :
       {std::pair("attributions", &row->attributions), std::pair("canon_docs", &row->canon_docs),
        std::pair("lore", &row->lore), std::pair("homebrew", &row->homebrew),
        std::pair("sheets", &row->sheets), std::pair("campaigns", &row->campaigns),
        std::pair("summaries", &row->summaries)}) {
    if (*part) document[name] = json::parse((*part)->text);
  }
  return document;
}

const json& list_of(const json& document, const char* name) {
  static const json none = json::array();
  const auto found = document.find(name);
  return found == document.end() ? none : *found;
}

std::string quoted(std::string text) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 3))
    text.insert(at + 1, "> ");
  return "> " + text + "\n";
}

void write_turns(const json& campaign, std::string& out) {
  for (const json& turn : campaign.at("turns")) {
    out += "\n### Turn " + std::to_string(turn.at("turn_index").get<int>()) + "\n\n";
    out += quoted(turn.at("user_input_text")) + "\n" + turn.at("llm_response_text").get<std::string>() + "\n";
    for (const json& roll : list_of(turn.at("roll_results"), "rolls"))
      out += "\n*" + roll.at("roll_id").get<std::string>() + ": " +
             std::to_string(roll.at("total").get<int>()) + "*\n";
  }
}

}  // namespace

std::string Keep::export_json(const std::string& universe_id) {
  return document_of(ledger_, universe_id).dump(2) + "\n";
}

std::string Keep::export_markdown(const std::string& universe_id) {
  const json document = document_of(ledger_, universe_id);
  const json& universe = document.at("universe");
  std::string out = "# " + universe.at("name").get<std::string>() + "\n";
  if (const std::string description = universe.at("description"); !description.empty())
    out += "\n" + description + "\n";
  for (const json& doc : list_of(document, "canon_docs"))
    out += "\n## " + doc.at("title").get<std::string>() + "\n\n" + doc.at("text").get<std::string>() + "\n";
  for (const json& entry : list_of(document, "homebrew"))
    out += "\n## " + entry.at("name").get<std::string>() + " (" + entry.at("entry_type").get<std::string>() +
           ")\n\n" + entry.at("description").get<std::string>() + "\n";
  for (const json& campaign : list_of(document, "campaigns")) {
    out += "\n## " + campaign.at("title").get<std::string>() + "\n";
    write_turns(campaign, out);
  }
  if (const json& sources = list_of(document, "attributions"); !sources.empty()) {
    out += "\n## Sources\n";
    for (const json& source : sources)
      out += "\n" + source.at("attribution").get<std::string>() + " (" +
             source.at("licence").get<std::string>() + ")\n";
  }
  return out;
}

reeve::Outcome Keep::import_json(const std::string& user_id, const std::string& document,
                                 const reeve::CommitOptions& options) {
  json parameters = json::parse(document, nullptr, false);
  if (!parameters.is_object())
    throw reeve::Error(reeve::ErrorCode::invalid_input, "the document is no JSON object",
                       "give one that export_json wrote");
  parameters["user_id"] = user_id;
  return ledger_.command(commands::import_universe::command_name, parameters.dump(), options);
}

}  // namespace whispyrkeep
