// The verbs that make a ledger and change its schema: init, migrate.

#include "blueprint/blueprint.h"
#include "cli/journal_view.h"
#include "cli/migrate_folder.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "state/drift.h"
#include "state/epochs.h"
#include "state/migrate.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace reeve::cli {

namespace {

int init(Session& session, const std::string& file, const std::string& folder) {
  create_ledger(file, folder, {.clock = &session.clock});
  const auto connection =
      state::Location::of(file).open(engine::OpenMode::read_only, {}, state::Purpose::administration);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  const journal::Head head = journal::read_head(*connection);
  const auto epoch = state::load_last_epoch(*connection);
  const blueprint::Blueprint& made = *epoch->blueprint;
  if (session.format == Format::table) {
    session.out.write(fmt::format("{} is the ledger of {}: {} events, state hash {}\n",
                                  state::Location::of(file).name(), made.title, head.sequence,
                                  to_hex(head.state_hash)));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out,
                                    {"file", "name", "title", "events", "chain_hash", "state_hash"});
  rows->row(
      {{Cell::of(state::Location::of(file).name()), Cell::of(made.name), Cell::of(made.title),
        Cell::number(head.sequence), Cell::of(to_hex(head.chain_hash)), Cell::of(to_hex(head.state_hash))}});
  rows->finish();
  return exit_ok;
}

state::MigrateOptions options_of(const MigrateArguments& given, const state::Progress& progress) {
  return {progress, given.lock_timeout_ms, given.statement_timeout_ms};
}

std::string_view standing_of(const state::MigrationStatus& migration) {
  if (migration.changed) return "changed";
  return migration.applied ? "applied" : "pending";
}

int show_status(Session& session, const MigrateArguments& given) {
  if (!given.dir.empty()) return show_folder_status(session, given);
  std::optional<blueprint::Sources> folder;
  if (!given.folder.empty()) folder = blueprint::Sources::read(given.folder);
  const state::LedgerStatus status = state::migration_status(state::Location::of(given.file), folder);
  const auto rows =
      make_row_writer(session.format, session.out,
                      {"number", "name", "status", "sequence", "time", "breaking", "irreversible"});
  std::size_t changed = 0;
  for (const state::MigrationStatus& migration : status.migrations) {
    changed += migration.changed ? 1 : 0;
    rows->row(
        {{Cell::number(migration.number), Cell::of(migration.name), Cell::of(standing_of(migration)),
          migration.applied ? Cell::number(migration.sequence) : Cell::null(), Cell::optional(migration.time),
          Cell::optional(migration.breaking), Cell::optional(migration.irreversible)}});
  }
  rows->finish();
  if (session.format == Format::table && status.blueprint_changed) {
    session.out.write("other files of the blueprint were changed: `reeve migrate up` takes them up\n");
  }
  if (session.format == Format::table && changed > 0) {
    session.out.write("an applied file is never edited: put it back as it was and write a new migration\n");
  }
  return exit_ok;
}

blueprint::Sources required_folder(const MigrateArguments& given) {
  if (given.folder.empty()) {
    throw Error(ErrorCode::invalid_input, "which blueprint has the migrations is not said",
                "add --blueprint FOLDER");
  }
  return blueprint::Sources::read(given.folder);
}

void write_run(Session& session, const state::MigrationRun& run, std::string_view direction) {
  if (session.format != Format::table) {
    const auto rows = make_row_writer(session.format, session.out, {"name", "direction"});
    for (const std::string& name : run.names) rows->row({{Cell::of(name), Cell::of(direction)}});
    rows->finish();
    return;
  }
  const std::string everywhere = run.ledgers > 1 ? fmt::format(" in {} ledgers", run.ledgers) : "";
  for (const std::string& name : run.names) {
    session.out.write(fmt::format("{}: {}{}\n", name, direction, everywhere));
  }
  if (run.names.empty()) session.out.write(fmt::format("no migration to bring {}\n", direction));
  if (run.blueprint_changed) session.out.write("the blueprint's other files were taken up\n");
}

int migrate_up(Session& session, const MigrateArguments& given) {
  if (!given.dir.empty()) return apply_folder(session, given);
  const blueprint::Sources folder = required_folder(given);
  write_run(session,
            with_progress(session, "migrating",
                          [&](const state::Progress& progress) {
                            return state::migrate_up(state::Location::of(given.file), folder, given.steps,
                                                     options_of(given, progress));
                          }),
            "up");
  return exit_ok;
}

int migrate_down(Session& session, const MigrateArguments& given) {
  if (!given.dir.empty()) return revert_folder(session, given);
  write_run(session,
            with_progress(session, "migrating",
                          [&](const state::Progress& progress) {
                            return state::migrate_down(state::Location::of(given.file),
                                                       given.steps.value_or(1), options_of(given, progress));
                          }),
            "down");
  return exit_ok;
}

int verify_migrations(Session& session, const MigrateArguments& given) {
  if (!given.dir.empty()) return verify_folder(session, given);
  const blueprint::Sources folder = required_folder(given);
  const std::vector<state::MigrationCheck> checks =
      with_progress(session, "rehearsing", [&](const state::Progress& progress) {
        return state::migrate_verify(state::Location::of(given.file), folder, progress);
      });
  return write_checks(session, checks);
}

int show_drift(Session& session, const MigrateArguments& given) {
  const std::vector<state::DriftFinding> findings = state::migrate_drift(state::Location::of(given.file));
  const auto rows =
      session.format == Format::table
          ? nullptr
          : make_row_writer(session.format, session.out, {"kind", "table", "object", "message", "remedy"});
  std::size_t differences = 0;
  for (const state::DriftFinding& finding : findings) {
    const bool differs = finding.kind == state::DriftFinding::Kind::difference;
    differences += differs ? 1 : 0;
    const std::string_view kind = differs ? "difference" : "advice";
    if (rows) {
      rows->row({{Cell::of(kind), Cell::of(finding.table), Cell::optional(finding.object),
                  Cell::of(finding.message), Cell::of(finding.remedy)}});
    } else {
      session.out.write(fmt::format("{}: {}\n  {}\n", kind, finding.message, finding.remedy));
    }
  }
  if (rows) {
    rows->finish();
  } else {
    session.out.write(fmt::format("{} difference{}, {} of advice\n", differences, differences == 1 ? "" : "s",
                                  findings.size() - differences));
  }
  return differences == 0 ? exit_ok : exit_different;
}

void add_migrate_verb(CLI::App& migrate, Session& session, const char* name, const char* description,
                      int (*work)(Session&, const MigrateArguments&)) {
  const auto given = std::make_shared<MigrateArguments>();
  CLI::App* verb = add_verb(migrate, session, name, description);
  verb->add_option("FILE", given->file, "the ledger")->required();
  const bool is_down = std::string_view(name) == "down";
  const bool is_drift = std::string_view(name) == "drift";
  if (!is_down && !is_drift)
    verb->add_option("--blueprint", given->folder, "the folder with the migrations")->type_name("FOLDER");
  if (!is_drift) add_folder_options(*verb, *given);
  if (is_down || std::string_view(name) == "up") {
    verb->add_option("--steps", given->steps, is_down ? "how many to revert (1)" : "how many to apply (all)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--lock-timeout", given->lock_timeout_ms, "how long to wait for others (5000)")
        ->type_name("MS")
        ->check(CLI::Range(1, 86'400'000));
    verb->add_option("--statement-timeout", given->statement_timeout_ms,
                     "of each statement, on PostgreSQL (none)")
        ->type_name("MS")
        ->check(CLI::Range(1, 86'400'000));
  }
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
}

}  // namespace

void add_ledger_verbs(CLI::App& app, Session& session) {
  const auto file = std::make_shared<std::string>();
  const auto folder = std::make_shared<std::string>();
  CLI::App* verb =
      add_verb(app, session, "init", "Makes a ledger from a blueprint, in a new file or on PostgreSQL.");
  verb->add_option("FILE", *file, "the file to make")->required();
  verb->add_option("--blueprint", *folder, "the blueprint's folder")->required()->type_name("FOLDER");
  verb->callback([&session, file, folder] {
    session.work = [&session, file, folder] { return init(session, *file, *folder); };
  });

  CLI::App* migrate = app.add_subcommand("migrate", "Shows, applies, reverts and rehearses migrations.");
  migrate->require_subcommand(1);
  migrate->footer(std::string(help_text("migrate")));
  add_migrate_verb(*migrate, session, "status", "Lists the migrations and which are applied.", show_status);
  add_migrate_verb(*migrate, session, "drift",
                   "Compares the live schema with the declared one, and gives advice on its indexes.",
                   show_drift);
  add_migrate_verb(*migrate, session, "up",
                   "Applies what is pending and takes up the blueprint's other files.", migrate_up);
  add_migrate_verb(*migrate, session, "down", "Reverts the last migrations by their stored down files.",
                   migrate_down);
  add_migrate_verb(*migrate, session, "verify",
                   "Rehearses on a copy: up, down, up must restore schema and rows.", verify_migrations);
  add_repair_verb(*migrate, session);
}

}  // namespace reeve::cli
