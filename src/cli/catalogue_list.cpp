#include "cli/catalogue_list.h"

#include "blueprint/blueprint.h"
#include "cli/journal_view.h"
#include "sql/clock_parameter.h"
#include "state/epochs.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

namespace reeve::cli {

namespace {

std::shared_ptr<const blueprint::Blueprint> load_blueprint(const std::string& file) {
  const auto connection = state::Location::of(file).open(engine::OpenMode::read_only);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  return state::load_last_epoch(*connection)->blueprint;
}

std::string_view name_of(json::PropertyType type) {
  switch (type) {
    case json::PropertyType::string: return "text";
    case json::PropertyType::uuid: return "uuid";
    case json::PropertyType::date: return "date";
    case json::PropertyType::date_time: return "timestamptz";
    case json::PropertyType::integer: return "bigint";
    case json::PropertyType::number: return "double precision";
    case json::PropertyType::boolean: return "boolean";
    case json::PropertyType::object_or_array: return "jsonb";
    case json::PropertyType::any: break;
  }
  return "any";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// `title text, note text?`: a question mark is what may be left out.
std::string members_of(const json::Schema& schema) {
  std::vector<std::string> parts;
  for (const json::Schema::Property& property : schema.properties()) {
    parts.push_back(
        fmt::format("{} {}{}", property.name, name_of(property.type), property.required ? "" : "?"));
  }
  return joined(parts);
}

std::string parameters_of(const sql::Translation& query) {
  std::vector<std::string> parts;
  for (const sql::Parameter& parameter : query.parameters) {
    if (sql::is_clock(parameter)) continue;
    parts.push_back(fmt::format("{} {}", parameter.name, sql::name_of(parameter.type)));
  }
  return joined(parts);
}

}  // namespace

void list_offers(Session& session, const std::string& file, Offer offer) {
  const auto found = load_blueprint(file);
  if (!found) {
    throw Error(ErrorCode::not_found, "the ledger's blueprint has migrations that are not applied",
                "apply them with `reeve migrate up`");
  }
  const auto open = [&](std::vector<std::string> columns) {
    return make_row_writer(session.format, session.out, std::move(columns));
  };
  if (offer == Offer::queries) {
    const auto rows = open({"query", "parameters", "rows", "description"});
    for (const auto& [name, query] : found->queries) {
      rows->row({{Cell::of(name), Cell::of(parameters_of(query.sql)), Cell::of(query.many ? "many" : "one"),
                  Cell::of(query.description)}});
    }
    rows->finish();
  } else if (offer == Offer::commands) {
    const auto rows = open({"command", "parameters", "description"});
    for (const auto& [name, command] : found->commands) {
      rows->row({{Cell::of(name), Cell::of(members_of(command.schema)), Cell::of(command.description)}});
    }
    rows->finish();
  } else {
    const auto rows = open({"type", "version", "payload"});
    for (const auto& [type, versions] : found->events) {
      for (const auto& [version, event] : versions) {
        rows->row({{Cell::of(type), Cell::number(version), Cell::of(members_of(event.schema))}});
      }
    }
    rows->finish();
  }
}

}  // namespace reeve::cli
