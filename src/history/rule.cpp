// What in the blueprint, or in Reeve, says what an event does to a table.

#include "history/blame.h"
#include "sql/written_table.h"
#include "state/backfill.h"
#include "state/baseline.h"
#include "state/own_payload.h"
#include "state/reversal.h"

#include <fmt/format.h>

namespace reeve::history {

namespace {

void add_statements(const blueprint::Sources& sources, std::string_view table, Rule& rule) {
  const auto file = sources.files.find(rule.file);
  if (file == sources.files.end()) {
    return;
  }
  for (const sql::Statement& statement : sql::split(rule.file, file->second)) {
    if (sql::written_table(statement) == table) {
      rule.statements.push_back({statement.place.line, statement.text});
    }
  }
  if (rule.statements.empty()) {
    rule.note = fmt::format("no statement of it writes {}: a foreign key's action did", table);
  }
}

std::string note_of(const journal::Event& event) {
  if (event.type == state::type_rows_adopted) {
    return "it was in the adopted file";
  }
  const nlohmann::json payload = state::payload_of(event);
  if (event.type == journal::type_reference_pinned) {
    return fmt::format("version {} of the reference rows", state::integer_member(event, payload, "version"));
  }
  if (state::takes_back(event)) {
    const state::Reversal reversal = state::reversal_of(event).reversal;
    return reversal.first == reversal.last
               ? fmt::format("takes back event {}", reversal.first)
               : fmt::format("takes back events {} to {}", reversal.first, reversal.last);
  }
  return {};
}

}  // namespace

Rule rule_of(Timeline& timeline, const journal::Event& event, std::string_view table) {
  Rule rule;
  const bool is_migration = event.type == journal::type_schema_migrated;
  if (is_migration || event.type == state::type_rows_backfilled) {
    const nlohmann::json payload = state::payload_of(event);
    const bool up = !is_migration || payload.value("direction", "") == "up";
    rule.file = fmt::format("migrations/{}.{}.sql", payload.value("name", ""), up ? "up" : "down");
    rule.note = is_migration ? "a migration" : "a batch of a migration";
    return rule;
  }
  if (event.type == journal::type_sql_executed) {
    const nlohmann::json payload = state::payload_of(event);
    rule.note = payload.value("sql", "");
    return rule;
  }
  if (event.is_own()) {
    rule.note = note_of(event);
    return rule;
  }
  rule.file = fmt::format("events/{}.v{}.sql", event.type, event.version);
  add_statements(timeline.sources(timeline.epoch_at(event.sequence)), table, rule);
  return rule;
}

}  // namespace reeve::history
