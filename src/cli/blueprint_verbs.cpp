// The verbs about a folder: new, check, generate.

#include "blueprint/blueprint.h"
#include "blueprint/typed_header.h"
#include "cli/session.h"
#include "cli/signed_file.h"
#include "cli/template_files.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

namespace reeve::cli {

namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    throw Error(ErrorCode::unavailable, path.string() + " can't be written",
                "look for a full disk or missing permission");
  }
}

/// What was there stays until the new one is whole. A device or a pipe is written to as it stands.
void replace_file(const std::string& path, std::string_view content) {
  std::error_code missing;
  const fs::path file = fs::weakly_canonical(path, missing);  // behind a link
  if (fs::exists(file, missing) && !fs::is_regular_file(file, missing)) {
    write_file(path, content);
    return;
  }
  const fs::path partial = file.string() + ".partial";
  try {
    write_file(partial, content);
    fs::rename(partial, file);
  } catch (const std::exception&) {
    fs::remove(partial, missing);
    throw;
  }
}

/// The argument as it can be typed into a shell again.
std::string quoted(const std::string& argument) {
  const bool plain =
      !argument.empty() &&
      argument.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:@%") ==
          std::string::npos;
  if (plain) return argument;
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

int make_new(Session& session, const std::string& folder) {
  if (folder.empty()) {
    throw Error(ErrorCode::invalid_input, "the folder has no name", "name a folder that does not exist yet");
  }
  std::error_code error;
  if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))) {
    throw Error(ErrorCode::conflict, folder + " is there already and is not an empty folder",
                "name a folder that does not exist yet");
  }
  for (const auto& [path, content] : embedded::template_files) {
    write_file(fs::path(folder) / path, content);
  }
  if (session.format != Format::table) {
    const auto rows = make_row_writer(session.format, session.out, {"file"});
    for (const auto& file : embedded::template_files) {
      rows->row({{Cell::of((fs::path(folder) / file.first).string())}});
    }
    rows->finish();
    return exit_ok;
  }
  session.out.write(fmt::format(
      "{} holds a small blueprint, a guest book. README.md in it says what each file is for. Next, type:\n\n"
      "  reeve check {}\n"
      "  reeve init guest_book.db --blueprint {}\n"
      "  reeve command guest_book.db sign '{{\"guest\":\"Ada\",\"message\":\"It computes.\"}}' --actor Ada\n",
      folder, quoted(folder), quoted(folder)));
  return exit_ok;
}

std::string place_in(const std::string& folder, Place place) {
  if (!place.file.empty()) place.file = (fs::path(folder) / place.file).string();
  return place.to_string();
}

void write_findings(Session& session, const std::string& folder,
                    const std::vector<blueprint::Finding>& findings) {
  if (session.format == Format::table) {
    for (const blueprint::Finding& finding : findings) {
      session.out.write(fmt::format("{}: {}{}\n", place_in(folder, finding.place), finding.message,
                                    finding.remedy.empty() ? "" : " (" + finding.remedy + ")"));
    }
    return;
  }
  const auto rows =
      make_row_writer(session.format, session.out, {"file", "line", "column", "code", "message", "remedy"});
  for (const blueprint::Finding& finding : findings) {
    rows->row({{Cell::of((fs::path(folder) / finding.place.file).string()), Cell::number(finding.place.line),
                Cell::number(finding.place.column), Cell::of(name_of(finding.code)),
                Cell::of(finding.message), Cell::optional(finding.remedy)}});
  }
  rows->finish();
}

std::string count_of(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

int check_folder(Session& session, const std::string& folder) {
  const blueprint::Loaded loaded = blueprint::check(blueprint::Sources::read(folder));
  write_findings(session, folder, loaded.findings);
  if (!loaded.findings.empty()) {
    if (session.format == Format::table) {
      session.out.write(
          count_of(loaded.findings.size(), "finding", "findings") +
          (loaded.findings.size() >= blueprint::findings_max ? ", and there may be more\n" : "\n"));
    }
    return exit_code_of(loaded.findings.front().code);
  }
  if (session.format == Format::table) {
    const blueprint::Blueprint& found = *loaded.blueprint;
    // What few blueprints have is named where there is one.
    const auto some = [](std::size_t count, std::string_view one, std::string_view many) {
      return count == 0 ? std::string() : ", " + count_of(count, one, many);
    };
    session.out.write(fmt::format("{}: {}, {}, {}, {}{}{}{}: no findings\n", found.name,
                                  count_of(found.migrations.size(), "migration", "migrations"),
                                  count_of(found.events.size(), "type of event", "types of events"),
                                  count_of(found.commands.size(), "command", "commands"),
                                  count_of(found.queries.size(), "query", "queries"),
                                  some(found.searches.size(), "search index", "search indexes"),
                                  some(found.jobs.size(), "kind of job", "kinds of jobs"),
                                  some(found.limits.size(), "rate limit", "rate limits")));
  }
  return exit_ok;
}

struct GenerateArguments {
  std::string folder;
  std::string out;
  bool check = false;
};

int generate(Session& session, const GenerateArguments& given) {
  const std::string header =
      blueprint::typed_header(*blueprint::load(blueprint::Sources::read(given.folder)));
  if (given.out.empty()) {
    session.out.write(header);
    return exit_ok;
  }
  const bool is_same = fs::is_regular_file(given.out) && read_file(given.out) == header;
  if (given.check && !is_same) {
    session.out.write(fmt::format("{} is not what the blueprint gives: `reeve generate {} -o {}`\n",
                                  given.out, quoted(given.folder), quoted(given.out)));
    return exit_different;
  }
  if (!is_same)
    replace_file(given.out, header);  // the time of an equal one stays, and nothing is compiled again
  return exit_ok;
}

void add_generate_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<GenerateArguments>();
  CLI::App* verb = add_verb(app, session, "generate",
                            "Writes a C++ header of a blueprint's commands, events and queries.");
  verb->add_option("FOLDER", given->folder, "the blueprint")->required();
  CLI::Option* out =
      verb->add_option("-o,--output", given->out, "the file to write (standard output)")->type_name("FILE");
  verb->add_flag("--check", given->check, "write nothing; exit 10 if the file is not up to date")->needs(out);
  verb->callback(
      [&session, given] { session.work = [&session, given] { return generate(session, *given); }; });
}

}  // namespace

void add_blueprint_verbs(CLI::App& app, Session& session) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* make = add_verb(app, session, "new", "Writes a small working blueprint to start from.");
  make->add_option("FOLDER", *folder, "a folder that does not exist yet, or an empty one")->required();
  make->callback(
      [&session, folder] { session.work = [&session, folder] { return make_new(session, *folder); }; });
  CLI::App* check =
      add_verb(app, session, "check", "Checks a blueprint and says what would mend each finding.");
  check->add_option("FOLDER", *folder, "the blueprint")->required();
  check->callback(
      [&session, folder] { session.work = [&session, folder] { return check_folder(session, *folder); }; });
  add_generate_verb(app, session);
}

}  // namespace reeve::cli
