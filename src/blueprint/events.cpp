#include "blueprint/work.h"
#include "sql/identity.h"

#include <charconv>

namespace reeve::blueprint {
namespace {

bool is_number(std::string_view text, std::int64_t& number) {
  if (text.empty() || text.front() == '-') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// `1`, `1..3`, `1..`, `0`.
std::optional<Expect> parse_expect(const sql::Directive& directive) {
  Expect expect;
  expect.message = directive.text;
  const std::string_view rows = directive.argument;
  const std::size_t dots = rows.find("..");
  if (!is_number(rows.substr(0, dots), expect.rows_min)) return std::nullopt;
  if (dots == std::string_view::npos) {
    expect.rows_max = expect.rows_min;
    return expect;
  }
  const std::string_view last = rows.substr(dots + 2);
  if (last.empty()) return expect;
  std::int64_t rows_max = 0;
  if (!is_number(last, rows_max) || rows_max < expect.rows_min) return std::nullopt;
  expect.rows_max = rows_max;
  return expect;
}

std::optional<Expect> read_expect(Work& work, const sql::Statement& statement,
                                  const sql::ParameterTypes& known) {
  std::optional<Expect> expect;
  for (const sql::Directive& directive : statement.directives) {
    if (directive.word != "expect") continue;
    if (expect) {
      work.findings.add(directive.place, "the statement has two `-- expect` lines", "leave one");
      continue;
    }
    expect = parse_expect(directive);
    if (!expect) {
      work.findings.add(directive.place, "`" + directive.argument + "` is no number of rows",
                        "write -- expect 1: MESSAGE, or 0, 1..3 or 1.. in the place of 1");
    } else if (expect->message.empty()) {
      work.findings.add(directive.place, "`-- expect` has no message",
                        "say why the event is rejected: -- expect 1: unknown player :player_id");
    } else {
      work.check_message(expect->message, directive.place, known);
    }
  }
  return expect;
}

std::vector<ApplyStatement> load_apply(Work& work, const EventFiles& files, const json::Schema& schema) {
  std::vector<ApplyStatement> apply;
  const sql::ParameterTypes known = parameter_types(work, schema, files.schema, BuiltIns::apply);
  const auto statements = work.split(files.apply, {"expect"});
  if (!statements) return apply;
  for (const sql::Statement& statement : *statements) {
    std::optional<Expect> expect = read_expect(work, statement, known);
    if (auto translation =
            work.translate(statement, sql::Use::apply, known, true, personal_parameters(schema))) {
      auto counter = sql::counter_after(*translation, work.blueprint.catalogue);
      apply.push_back({std::move(*translation), std::move(expect)});
      if (counter) apply.push_back({std::move(*counter), std::nullopt});
    }
  }
  return apply;
}

/// The first words of types that Reeve itself writes.
bool is_reserved(std::string_view type) {
  const std::string_view first = type.substr(0, type.find('.'));
  return first == "reeve" || first == "ledger" || first == "schema" || type == "sql.executed";
}

void load_type(Work& work, const std::string& type, const std::map<int, EventFiles>& versions) {
  int expected = 1;
  for (const auto& [version, files] : versions) {
    const std::string& file = files.apply.empty() ? files.schema : files.apply;
    const std::string stem = "events/" + type + ".v" + std::to_string(version);
    if (is_reserved(type)) {
      work.findings.add({file, 0, 0},
                        "types that begin with reeve, ledger or schema, and sql.executed, are Reeve's own",
                        "begin the type with a noun of the application");
    }
    if (version != expected) {
      work.findings.add({file, 0, 0}, "version " + std::to_string(expected) + " of " + type + " is missing",
                        "number versions without gaps from v1");
    }
    expected = version + 1;
    if (files.schema.empty()) {
      work.findings.add({file, 0, 0}, "the event has no schema", "write " + stem + ".json");
      continue;
    }
    if (files.apply.empty()) {
      work.findings.add({file, 0, 0}, "the event has no apply file",
                        "write " + stem + ".sql; it may be empty when the event changes no table");
    }
    std::optional<json::Schema> schema = work.compile_schema(files.schema);
    if (!schema) continue;
    check_personal(work, *schema, files.schema);
    std::vector<ApplyStatement> apply;
    if (!files.apply.empty()) apply = load_apply(work, files, *schema);
    work.blueprint.events[type].emplace(
        version, EventType{type, version, std::move(*schema), std::move(apply), false, std::nullopt});
  }
}

void load_upcast(Work& work, const std::string& type, int from, const Upcast& upcast) {
  const auto versions = work.inventory.events.find(type);
  for (const int version : {from, upcast.to}) {
    if (versions != work.inventory.events.end() && versions->second.contains(version)) continue;
    work.findings.add(
        {upcast.file, 0, 0}, type + " has no version " + std::to_string(version),
        "write events/" + type + ".v" + std::to_string(version) + ".sql and .json, or delete this file");
    return;
  }
  const auto statements = work.split(upcast.file, {});
  if (!statements) return;
  if (statements->size() != 1) {
    work.findings.add(statements->empty() ? Place{upcast.file, 1, 1} : (*statements)[1].place,
                      "an upcast is one SELECT",
                      "write one SELECT whose columns are the members of the new version");
    return;
  }
  const EventType* old_version = work.blueprint.find_event(type, from);
  const EventType* new_version = work.blueprint.find_event(type, upcast.to);
  if (old_version == nullptr || new_version == nullptr) return;
  const std::string& schema_file = versions->second.at(from).schema;
  sql::ParameterTypes known = parameter_types(work, old_version->schema, schema_file, BuiltIns::upcast);
  const auto personal = personal_parameters(old_version->schema);
  if (!personal.empty()) known.erase("payload");  // in it a personal value could be computed with
  auto translation = work.translate(statements->front(), sql::Use::upcast, known, true, personal);
  if (!translation) return;
  check_members(work, *translation, new_version->schema, type + " v" + std::to_string(upcast.to));
  work.blueprint.events[type].at(from).upcast = std::move(*translation);
}

void load_upcasts(Work& work) {
  for (const auto& [type, upcasts] : work.inventory.upcasts) {
    for (const auto& [from, upcast] : upcasts) load_upcast(work, type, from, upcast);
  }
  for (const auto& [type, versions] : work.inventory.events) {
    const auto upcasts = work.inventory.upcasts.find(type);
    const int newest = versions.rbegin()->first;
    for (const auto& [version, files] : versions) {
      if (version == newest) break;
      if (upcasts != work.inventory.upcasts.end() && upcasts->second.contains(version)) continue;
      const std::string next = "v" + std::to_string(version) + "-v" + std::to_string(version + 1);
      work.findings.add({files.schema.empty() ? files.apply : files.schema, 0, 0},
                        "version " + std::to_string(version) + " of " + type + " has no upcast to the next",
                        "write events/" + type + "." + next + ".sql");
    }
  }
}

void mark_seals(Work& work) {
  for (const auto& [type, place] : work.settings.seal) {
    if (!work.inventory.events.contains(type)) {
      work.findings.add(place, "there is no event type `" + type + "` to seal after",
                        "write events/" + type + ".v1.sql and .json, or leave it out");
      continue;
    }
    const auto versions = work.blueprint.events.find(type);
    if (versions == work.blueprint.events.end()) continue;
    for (auto& [version, event] : versions->second) event.seal = true;
  }
}

}  // namespace

void load_events(Work& work) {
  for (const auto& [type, versions] : work.inventory.events) load_type(work, type, versions);
  load_upcasts(work);
  mark_seals(work);
}

}  // namespace reeve::blueprint
