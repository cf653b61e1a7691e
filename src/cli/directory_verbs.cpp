// The verbs over many ledgers: ledger list, suspend, resume, erase, trails.

#include "cli/progress_line.h"
#include "cli/session.h"

#include <reeve/directory.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

namespace reeve::cli {

namespace {

struct Arguments {
  std::string url;
  std::string confirm;
  bool free_name = false;
  int batch = 1000;
};

int list(Session& session, const Arguments& given) {
  const auto rows =
      make_row_writer(session.format, session.out, {"name", "state", "events", "created", "ledger_id"});
  for (const DirectoryEntry& entry : list_ledgers(given.url)) {
    rows->row({{Cell::of(entry.name), Cell::of(entry.state), Cell::number(entry.events.value),
                Cell::optional(entry.created), Cell::optional(entry.ledger_id)}});
  }
  rows->finish();
  return exit_ok;
}

int trails(Session& session, const Arguments& given) {
  const auto rows =
      make_row_writer(session.format, session.out, {"trail", "month", "type", "actor", "events"});
  for (const TrailEntry& entry : read_trails(given.url)) {
    rows->row({{Cell::of(entry.trail), Cell::of(entry.month), Cell::of(entry.type), Cell::of(entry.actor),
                Cell::number(entry.events)}});
  }
  rows->finish();
  return exit_ok;
}

int say(Session& session, std::string_view state) {
  if (session.format == Format::table) {
    session.out.write(fmt::format("{}\n", state));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"state"});
  rows->row({{Cell::of(state)}});
  rows->finish();
  return exit_ok;
}

int suspend(Session& session, const Arguments& given) {
  suspend_ledger(given.url);
  return say(session, "suspended");
}

int resume(Session& session, const Arguments& given) {
  resume_ledger(given.url);
  return say(session, "active");
}

int erase(Session& session, const Arguments& given) {
  ProgressLine line(session.err, session.clock, "erasing");
  EraseOptions options;
  options.confirm = given.confirm;
  options.free_name = given.free_name;
  options.batch_rows = given.batch;
  options.progress = [&line](std::int64_t rows) { line.report(rows, 0); };
  options.stop = &session.stop;
  const Erasure done = erase_ledger(given.url, options);
  line.finish();
  if (session.format == Format::table) {
    session.out.write(fmt::format("{}erased: {} rows\n", done.resumed ? "gone on with, " : "", done.rows));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"rows", "resumed"});
  rows->row({{Cell::number(done.rows), Cell::boolean(done.resumed)}});
  rows->finish();
  return exit_ok;
}

CLI::App* add(CLI::App& parent, Session& session, const char* name, const char* description,
              const std::shared_ptr<Arguments>& given, int (*work)(Session&, const Arguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer("");
  verb->add_option("URL", given->url, "postgresql://... of an administrator; which ledger: ?ledger=NAME")
      ->required();
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_directory_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* ledger = app.add_subcommand("ledger", "Lists, suspends, resumes and erases ledgers.");
  ledger->require_subcommand(1);
  ledger->footer(std::string(help_text("ledger")));
  add(*ledger, session, "list", "Lists the ledgers of a PostgreSQL schema, or the files of a folder.", given,
      list);
  add(*ledger, session, "suspend", "Nobody reads or writes it until it is resumed.", given, suspend);
  add(*ledger, session, "resume", "Opens a suspended ledger again.", given, resume);
  CLI::App* verb =
      add(*ledger, session, "erase", "Takes a ledger away for good, or goes on with that.", given, erase);
  verb->add_option("--confirm", given->confirm, "the ledger's name, once more")->type_name("NAME");
  verb->add_flag("--free-name", given->free_name, "the name may be given to another ledger");
  verb->add_option("--batch", given->batch, "rows taken away in one transaction (1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  add(*ledger, session, "trails", "Lists what stays of erased ledgers, under pseudonyms.", given, trails);
}

}  // namespace reeve::cli
