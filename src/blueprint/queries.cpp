#include "blueprint/work.h"

namespace reeve::blueprint {
namespace {

/// `leaderboard :many`.
bool parse_name(const sql::Directive& directive, Query& query) {
  const std::string_view text = directive.text;
  const std::size_t space = text.find_first_of(" \t");
  if (space == std::string_view::npos) return false;
  query.name = text.substr(0, space);
  const std::string_view rows = text.substr(text.find_last_of(" \t") + 1);
  if (text.find_first_not_of(" \t", space) != text.size() - rows.size()) return false;
  query.many = rows == ":many";
  return is_name(query.name) && (query.many || rows == ":one");
}

/// What Reeve binds in commands and apply files. A caller who gave a parameter such a name would not be heard.
/// now() has the parameter :at too: the time of asking.
bool is_of_event(std::string_view parameter, const sql::Translation& translation) {
  return parameter == "actor" || parameter == "event_id" || parameter == "sequence" ||
         parameter == "moment" || (parameter == "at" && !translation.functions.contains("now"));
}

void load_query(Work& work, const sql::Statement& statement, std::map<std::string, Place>& places) {
  const sql::Directive* name = nullptr;
  for (const sql::Directive& directive : statement.directives) {
    if (directive.word != "name") continue;
    if (name != nullptr) work.findings.add(directive.place, "the query has two names", "leave one");
    name = &directive;
  }
  if (name == nullptr) {
    work.findings.add(statement.place, "the query has no name",
                      "write a line directly before it: -- name: leaderboard :many (or :one)");
    return;
  }
  Query query;
  if (!parse_name(*name, query)) {
    work.findings.add(name->place, "`" + name->text + "` is no name of a query",
                      "write -- name: NAME :many or -- name: NAME :one; a name is [a-z][a-z0-9_]*");
    return;
  }
  if (const auto [other, is_new] = places.emplace(query.name, name->place); !is_new) {
    work.findings.add(name->place,
                      "another query has the name `" + query.name + "`: " + other->second.to_string(),
                      "names of queries are unique over all files");
    return;
  }
  for (const std::string& line : statement.comments) {
    if (!query.description.empty()) query.description += '\n';
    query.description += line;
  }
  auto translation = work.translate(statement, sql::Use::query, {}, false);
  if (!translation) return;
  for (const sql::Parameter& parameter : translation->parameters) {
    if (is_of_event(parameter.name, *translation))
      work.findings.add(statement.place,
                        ":" + parameter.name + " is a word of an event's, and a query has no event",
                        "give the caller's parameter another name, for instance :by_" + parameter.name +
                            "; now() is the time of asking");
    if (parameter.type != sql::Type::unknown) continue;
    work.findings.add(statement.place, "nothing says the type of :" + parameter.name,
                      "cast it where it is used: :" + parameter.name + "::text");
  }
  query.sql = std::move(*translation);
  work.blueprint.queries.emplace(query.name, std::move(query));
}

}  // namespace

void load_queries(Work& work) {
  std::map<std::string, Place> places;
  for (const std::string& file : work.inventory.queries) {
    const auto statements = work.split(file, {"name"});
    if (!statements) continue;
    if (statements->empty())
      work.findings.add({file, 1, 1}, "the file has no query", "write one, or delete it");
    for (const sql::Statement& statement : *statements) load_query(work, statement, places);
  }
}

}  // namespace reeve::blueprint
