#include "blueprint/work.h"

#include <algorithm>

namespace reeve::blueprint {
namespace {

const std::vector<std::string> command_directives = {"check", "emit"};

void load_check(Work& work, const sql::Statement& statement, const sql::Directive& directive,
                const sql::ParameterTypes& known, Command& command) {
  if (directive.text.empty()) {
    work.findings.add(directive.place, "`-- check` has no message",
                      "say why the command is rejected: -- check: unknown player :player_id");
  }
  work.check_message(directive.text, directive.place, known);
  auto translation =
      work.translate(statement, sql::Use::check, known, true, personal_parameters(command.schema));
  if (!translation) return;
  if (translation->columns.size() != 1 || translation->columns.front().type != sql::Type::boolean) {
    work.findings.add(statement.place, "a check is a SELECT of one boolean column",
                      "write it as SELECT EXISTS (SELECT ...), or as a comparison");
  }
  command.checks.push_back({std::move(*translation), directive.text});
}

/// `TYPE` or `TYPE vN`; the newest version when it names none, 0 when nothing fits.
int emitted_version(Work& work, const sql::Directive& directive, std::string& type) {
  const std::size_t space = directive.text.find(' ');
  type = directive.text.substr(0, space);
  if (!is_event_type(type)) {
    work.findings.add(directive.place, "`" + directive.text + "` is no event type",
                      "write -- emit: TYPE or -- emit: TYPE vN");
    return 0;
  }
  const auto versions = work.inventory.events.find(type);
  if (versions == work.inventory.events.end()) {
    work.findings.add(directive.place, "there is no event type `" + type + "`",
                      "write events/" + type + ".v1.sql and events/" + type + ".v1.json");
    return 0;
  }
  const int newest = versions->second.rbegin()->first;
  if (space == std::string::npos) return newest;
  const int version =
      parse_version(std::string_view(directive.text).substr(directive.text.find_last_of(' ') + 1));
  if (version == 0 || directive.text.find_first_not_of(' ', space) != directive.text.find_last_of(' ') + 1) {
    work.findings.add(directive.place, "`" + directive.text + "` is no event type with a version",
                      "write -- emit: TYPE vN");
    return 0;
  }
  if (!versions->second.contains(version)) {
    work.findings.add(directive.place, type + " has no version " + std::to_string(version),
                      "its newest version is v" + std::to_string(newest));
    return 0;
  }
  return version;
}

void load_emit(Work& work, const sql::Statement& statement, const sql::Directive& directive,
               const sql::ParameterTypes& known, Command& command) {
  std::string type;
  const int version = emitted_version(work, directive, type);
  auto translation =
      work.translate(statement, sql::Use::emit, known, true, personal_parameters(command.schema));
  if (!translation) return;
  if (!translation->ordered) {
    work.findings.add(statement.place, "the query may give several events in no certain order",
                      "add ORDER BY with columns that are unique together");
  }
  if (version == 0) return;
  if (const EventType* event = work.blueprint.find_event(type, version)) {
    check_members(work, *translation, event->schema, type + " v" + std::to_string(version));
  }
  command.emits.push_back({type, version, std::move(*translation)});
}

void load_statements(Work& work, const std::string& file, const std::vector<sql::Statement>& statements,
                     const sql::ParameterTypes& known, Command& command) {
  bool emits = false;
  for (const sql::Statement& statement : statements) {
    std::vector<const sql::Directive*> directives;
    for (const sql::Directive& directive : statement.directives) {
      const auto word = std::find(command_directives.begin(), command_directives.end(), directive.word);
      if (word != command_directives.end()) directives.push_back(&directive);
    }
    if (directives.size() != 1) {
      work.findings.add(statement.place,
                        directives.empty() ? "the statement is neither a check nor an emit"
                                           : "the statement is marked more than once",
                        "write one line directly before it: -- check: MESSAGE or -- emit: TYPE");
      emits = true;  // Unknown; one finding is enough.
    } else if (directives.front()->word == "check") {
      load_check(work, statement, *directives.front(), known, command);
    } else {
      emits = true;
      load_emit(work, statement, *directives.front(), known, command);
    }
  }
  if (!emits) {
    work.findings.add({file, 1, 1}, "the command emits no event",
                      "add a statement with the line -- emit: TYPE before it");
  }
}

void load_command(Work& work, const std::string& name, const std::string& file) {
  const auto schema_file = work.inventory.command_schemas.find(name);
  const auto statements = work.split(file, command_directives);
  if (schema_file == work.inventory.command_schemas.end()) {
    work.findings.add({file, 0, 0}, "the command has no schema of its parameters",
                      "write commands/" + name + ".json");
    return;
  }
  std::optional<json::Schema> schema = work.compile_schema(schema_file->second);
  if (!schema || !statements) return;
  check_personal(work, *schema, schema_file->second);
  const sql::ParameterTypes known = parameter_types(work, *schema, schema_file->second, BuiltIns::command);
  Command command{name, {}, std::move(*schema), {}, {}};
  if (!statements->empty()) {
    for (const std::string& line : statements->front().comments) {
      if (!command.description.empty()) command.description += '\n';
      command.description += line;
    }
  }
  load_statements(work, file, *statements, known, command);
  work.blueprint.commands.emplace(name, std::move(command));
}

}  // namespace

void load_commands(Work& work) {
  for (const auto& [name, file] : work.inventory.commands) load_command(work, name, file);
  for (const auto& [name, file] : work.inventory.command_schemas) {
    if (work.inventory.commands.contains(name)) continue;
    work.findings.add({file, 0, 0}, "the schema has no command",
                      "write commands/" + name + ".sql, or delete it");
  }
}

}  // namespace reeve::blueprint
