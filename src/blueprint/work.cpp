#include "blueprint/work.h"

#include <algorithm>

#include "blueprint/message.h"
#include "blueprint/sources.h"

namespace reeve::blueprint {
namespace {

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
}

}  // namespace

Work::Work(const Sources& sources_to_check) : sources(sources_to_check) {
  for (const auto& [path, text] : sources.files) {
    if (std::optional<Finding> finding = check_text(path, text)) {
      unreadable_.insert(path);
      findings.add(std::move(finding->place), std::move(finding->message), std::move(finding->remedy),
                   finding->code);
    }
  }
  take_inventory();
  if (const std::string* text = text_of("blueprint.toml")) {
    settings = read_settings(*text, findings);
  } else if (!sources.files.contains("blueprint.toml")) {
    findings.add({"blueprint.toml", 0, 0}, "blueprint.toml is missing",
                 "write it as docs/blueprint.md shows");
  }
  blueprint.name = settings.name;
  blueprint.title = settings.title;
  blueprint.execute = settings.execute;
  if (settings.moment) blueprint.catalogue.moment_type = settings.moment->type;
}

void Work::take_inventory() {
  for (const auto& [path, text] : sources.files) {
    if (path.ends_with(".postgres.sql") || path.ends_with(".sqlite.sql")) {
      findings.add({path, 0, 0}, "no file is for one engine alone",
                   "write the statement in the dialect that both engines share (docs/dialect.md)");
      continue;
    }
    const std::optional<FileName> file = parse_file_name(path);
    if (!file) {
      findings.add({path, 0, 0}, path + " fits no rule of its folder", name_rule(folder_of(path)));
      continue;
    }
    switch (file->kind) {
      case FileKind::settings: break;
      case FileKind::migration_up:
      case FileKind::migration_down: inventory.migrations.emplace_back(*file, path); break;
      case FileKind::apply: inventory.events[file->name][file->number].apply = path; break;
      case FileKind::event_schema: inventory.events[file->name][file->number].schema = path; break;
      case FileKind::upcast:
        if (file->next != file->number + 1) {
          findings.add({path, 0, 0}, "an upcast goes from one version to the next",
                       "write " + file->name + ".v" + std::to_string(file->number) + "-v" +
                           std::to_string(file->number + 1) + ".sql");
        } else {
          inventory.upcasts[file->name][file->number] = {file->next, path};
        }
        break;
      case FileKind::command: inventory.commands[file->name] = path; break;
      case FileKind::command_schema: inventory.command_schemas[file->name] = path; break;
      case FileKind::queries: inventory.queries.push_back(path); break;
      case FileKind::search: inventory.searches[file->name] = path; break;
      case FileKind::job: inventory.jobs[file->name] = path; break;
      case FileKind::limit: inventory.limits[file->name] = path; break;
    }
  }
}

const std::string* Work::text_of(const std::string& path) const {
  const auto found = sources.files.find(path);
  return found == sources.files.end() || unreadable_.contains(path) ? nullptr : &found->second;
}

std::optional<std::vector<sql::Statement>> Work::split(const std::string& path,
                                                       const std::vector<std::string>& known) {
  const std::string* text = text_of(path);
  if (text == nullptr) return std::nullopt;
  try {
    std::vector<sql::Statement> statements = sql::split(path, *text);
    for (const sql::Statement& statement : statements) check_directives(path, statement, known);
    return statements;
  } catch (const Error& error) {
    findings.add(error, {path, 1, 1});
    return std::nullopt;
  }
}

void Work::check_directives(const std::string& path, const sql::Statement& statement,
                            const std::vector<std::string>& known) {
  const std::string remedy =
      (known.empty() ? std::string("no directive is known here") : "known here: " + quoted_list(known)) +
      "; a comment has no colon after its first word, or begins with a capital letter";
  for (const sql::Directive& directive : statement.directives) {
    if (std::find(known.begin(), known.end(), directive.word) != known.end()) continue;
    findings.add(directive.place, "the directive `-- " + directive.word + "` is not known here", remedy);
  }
  for (const std::string& comment : statement.comments) {
    const std::string word = comment.substr(0, comment.find(':'));
    if (word.size() == comment.size() || !is_name(word)) continue;
    const std::string* text = text_of(path);
    const std::size_t offset = text->find(comment);
    findings.add(offset == std::string::npos ? statement.place : place_at(path, *text, offset),
                 "the directive `-- " + word + "` is unknown", remedy);
  }
}

std::optional<sql::Translation> Work::translate(const sql::Statement& statement, sql::Use use,
                                                const sql::ParameterTypes& known, bool known_only,
                                                const sql::PersonalParameters& personal) {
  if (!catalogue_known) return std::nullopt;
  try {
    return sql::translate(statement, blueprint.catalogue, use, known, known_only, personal);
  } catch (const Error& error) {
    findings.add(error, statement.place);
    return std::nullopt;
  }
}

std::optional<json::Schema> Work::compile_schema(const std::string& path) {
  const std::string* text = text_of(path);
  if (text == nullptr) return std::nullopt;
  try {
    return json::Schema::compile(path, *text);
  } catch (const Error& error) {
    findings.add(error, {path, 1, 1});
    return std::nullopt;
  }
}

void Work::check_message(std::string_view message, const Place& place, const sql::ParameterTypes& known) {
  for (const std::string& name : message_parameters(message)) {
    if (known.contains(name)) continue;
    std::vector<std::string> names;
    for (const auto& [parameter, type] : known) names.push_back(parameter);
    findings.add(place, "the message names the unknown parameter :" + name,
                 "known here: " + quoted_list(names));
  }
}

}  // namespace reeve::blueprint
