#include "blueprint/work.h"
#include "sql/large_stack.h"

namespace reeve::blueprint {
namespace {

/// A place within the query, as a place in blueprint.toml: exact for a string of one line, else the string.
Place in_settings(const Place& query_place, const Place& place) {
  Place mapped = query_place;
  constexpr int quote = 1;
  if (place.line == 1 && place.column > 0) mapped.column += quote + place.column - 1;
  return mapped;
}

std::optional<sql::Statement> moment_statement(Work& work, const MomentSettings& moment) {
  std::vector<sql::Statement> statements = sql::split(moment.query_place.file, moment.query);
  if (statements.size() == 1) return std::move(statements.front());
  work.findings.add(moment.query_place, "the moment's query is not one statement",
                    "write one SELECT of one value: query = \"SELECT current_year FROM timeline\"");
  return std::nullopt;
}

}  // namespace

void load_moment(Work& work) {
  if (!work.settings.moment || work.settings.moment->query.empty() || !work.catalogue_known) return;
  const MomentSettings& moment = *work.settings.moment;
  try {
    const std::optional<sql::Statement> statement = moment_statement(work, moment);
    if (!statement) return;
    sql::Translation query = sql::translate(*statement, work.blueprint.catalogue, sql::Use::moment);
    if (query.columns.size() != 1 || query.columns.front().type != moment.type) {
      work.findings.add(
          moment.query_place,
          "the moment's query does not give one value of type " + std::string(sql::name_of(moment.type)),
          "select one column and cast it: CAST(... AS " + std::string(sql::name_of(moment.type)) + ")");
      return;
    }
    work.blueprint.moment = Moment{moment.name, moment.type, std::move(query)};
  } catch (const Error& error) {
    const Error mapped(error.code(), error.message(), error.remedy(),
                       in_settings(moment.query_place, error.place()));
    work.findings.add(mapped, moment.query_place);
  }
}

const EventType* Blueprint::find_event(std::string_view type) const {
  const auto versions = events.find(type);
  return versions == events.end() || versions->second.empty() ? nullptr : &versions->second.rbegin()->second;
}

const EventType* Blueprint::find_event(std::string_view type, int version) const {
  const auto versions = events.find(type);
  if (versions == events.end()) return nullptr;
  const auto event = versions->second.find(version);
  return event == versions->second.end() ? nullptr : &event->second;
}

namespace {

Loaded check_here(const Sources& sources) {
  Work work(sources);
  load_migrations(work);
  load_moment(work);
  load_events(work);
  load_commands(work);
  load_queries(work);
  load_searches(work);
  load_jobs(work);
  load_limits(work);
  if (!work.findings.empty()) return {nullptr, work.findings.list()};
  work.blueprint.sources = sources;
  return {std::make_shared<const Blueprint>(std::move(work.blueprint)), {}};
}

}  // namespace

Loaded check(const Sources& sources) {
  Loaded loaded;
  sql::on_large_stack([&] { loaded = check_here(sources); });
  return loaded;
}

std::shared_ptr<const Blueprint> load(const Sources& sources) {
  Loaded loaded = check(sources);
  Findings findings;
  for (Finding& finding : loaded.findings) {
    findings.add(std::move(finding.place), std::move(finding.message), std::move(finding.remedy),
                 finding.code);
  }
  findings.raise();
  return loaded.blueprint;
}

}  // namespace reeve::blueprint
