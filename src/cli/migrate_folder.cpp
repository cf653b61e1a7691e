#include "cli/migrate_folder.h"

#include "cli/progress_line.h"
#include "migration/rehearsal.h"
#include "migration/run.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <memory>

namespace reeve::cli {

namespace {

constexpr std::array<std::string_view, 6> standing_names = {"pending", "applied", "edited",
                                                            "changed", "missing", "unfinished"};

migration::Folder read(const MigrateArguments& given) {
  return migration::read_folder(
      given.dir, given.tool.empty() ? std::nullopt : std::optional(migration::tool_named(given.tool)));
}

void write_names(Session& session, const std::vector<std::string>& names, std::string_view direction) {
  if (session.format != Format::table) {
    const auto rows = make_row_writer(session.format, session.out, {"name", "direction"});
    for (const std::string& name : names) rows->row({{Cell::of(name), Cell::of(direction)}});
    return rows->finish();
  }
  for (const std::string& name : names) session.out.write(fmt::format("{}: {}\n", name, direction));
  if (names.empty()) session.out.write(fmt::format("no migration to bring {}\n", direction));
}

using Work = migration::Run (*)(engine::Connection&, const migration::Folder&, Clock&,
                                const migration::RunOptions&);

int run_folder(Session& session, const MigrateArguments& given, bool is_up, const Work work) {
  const migration::Folder folder = read(given);
  const auto database = migration::open_database(given.file, is_up);
  const migration::Run run = with_progress(session, "migrating", [&](const state::Progress& progress) {
    return work(*database, folder, session.clock, {given.steps, given.allow_missing, progress});
  });
  if (run.taken_up > 0 && session.format == Format::table) {
    session.out.write(fmt::format("{} migration{} that {} had applied {} taken up\n", run.taken_up,
                                  run.taken_up == 1 ? "" : "s", name_of(folder.tool),
                                  run.taken_up == 1 ? "is" : "are"));
  }
  write_names(session, run.names, is_up ? "up" : "down");
  return exit_ok;
}

int repair_folder(Session& session, const MigrateArguments& given) {
  const migration::Folder folder = read(given);
  const auto database = migration::open_database(given.file, false);
  std::vector<std::string> names;
  if (given.applied || given.pending) {
    const std::int64_t version = given.applied ? *given.applied : *given.pending;
    names.push_back(migration::settle(*database, folder, session.clock, version, given.applied.has_value()));
  } else {
    names = migration::repair(*database, folder);
  }
  if (session.format == Format::table && names.empty()) {
    session.out.write("no applied file was edited\n");
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"repaired"});
  for (const std::string& name : names) rows->row({{Cell::of(name)}});
  rows->finish();
  return exit_ok;
}

}  // namespace

void add_folder_options(CLI::App& verb, MigrateArguments& given) {
  CLI::Option* dir =
      verb.add_option(
              "--dir", given.dir,
              "a folder made for golang-migrate, sqlx, dbmate or goose, on a database without a ledger")
          ->type_name("FOLDER");
  if (CLI::Option* blueprint = verb.get_option_no_throw("--blueprint")) dir->excludes(blueprint);
  verb.add_option("--tool", given.tool, "which of them it was made for, where the files don't tell")
      ->needs(dir);
  verb.add_flag("--allow-missing", given.allow_missing,
                "go on beside applied files that are gone and pending ones that come late")
      ->needs(dir);
}

int show_folder_status(Session& session, const MigrateArguments& given) {
  const migration::Folder folder = read(given);
  const auto database = migration::open_database(given.file, false);
  const auto rows = make_row_writer(session.format, session.out, {"version", "name", "status", "time"});
  for (const migration::StepStatus& step : migration::status(*database, folder)) {
    rows->row(
        {{Cell::number(step.version), Cell::of(step.name),
          Cell::of(standing_names.at(static_cast<std::size_t>(step.standing))), Cell::optional(step.time)}});
  }
  rows->finish();
  return exit_ok;
}

int apply_folder(Session& session, const MigrateArguments& given) {
  return run_folder(session, given, true, migration::apply);
}

int revert_folder(Session& session, const MigrateArguments& given) {
  return run_folder(session, given, false, migration::revert);
}

int verify_folder(Session& session, const MigrateArguments& given) {
  const migration::Folder folder = read(given);
  return write_checks(session, with_progress(session, "rehearsing", [&](const state::Progress& progress) {
                        return migration::rehearse(given.file, folder, session.clock, progress);
                      }));
}

void add_repair_verb(CLI::App& migrate, Session& session) {
  const auto given = std::make_shared<MigrateArguments>();
  CLI::App* verb = add_verb(migrate, session, "repair",
                            "Takes up edits of applied files that change comments and blanks alone.");
  verb->add_option("FILE", given->file, "the database")->required();
  add_folder_options(*verb, *given);
  verb->get_option("--dir")->required();
  CLI::Option* applied =
      verb->add_option("--applied", given->applied, "an unfinished one of which all is there")
          ->type_name("VERSION");
  verb->add_option("--pending", given->pending, "an unfinished one of which nothing is there")
      ->type_name("VERSION")
      ->excludes(applied);
  verb->callback(
      [&session, given] { session.work = [&session, given] { return repair_folder(session, *given); }; });
}

int write_checks(Session& session, const std::vector<state::MigrationCheck>& checks) {
  bool equal = true;
  const auto rows = session.format == Format::table
                        ? nullptr
                        : make_row_writer(session.format, session.out, {"name", "equal", "difference"});
  for (const state::MigrationCheck& check : checks) {
    equal = equal && check.equal;
    if (!rows) {
      session.out.write(
          fmt::format("{}: up, down, up: {}\n", check.name, check.equal ? "equal" : "DIFFERENT"));
      for (const std::string& difference : check.differences) session.out.write("  " + difference + "\n");
      continue;
    }
    if (check.differences.empty()) {
      rows->row({{Cell::of(check.name), Cell::boolean(check.equal), Cell::null()}});
    }
    for (const std::string& difference : check.differences) {
      rows->row({{Cell::of(check.name), Cell::boolean(check.equal), Cell::of(difference)}});
    }
  }
  if (rows) rows->finish();
  return equal ? exit_ok : exit_different;
}

}  // namespace reeve::cli
