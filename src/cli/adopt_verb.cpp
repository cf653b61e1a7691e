// The verb that puts an existing database under a journal.

#include "adoption/adopt.h"
#include "base/clock.h"
#include "cli/session.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace reeve::cli {

namespace {

struct AdoptArguments {
  std::string file;
  std::string to;
  std::string blueprint;
  std::string folder;
  std::size_t shown_max = 20;
};

std::vector<std::string> irregularity_columns() { return {"code", "table", "row", "field", "value", "done"}; }

std::vector<Cell> irregularity_cells(const adoption::Irregularity& one) {
  return {Cell::of(one.code),        Cell::optional(one.table), Cell::optional(one.row),
          Cell::optional(one.field), Cell::optional(one.value), Cell::of(one.done)};
}

std::string irregularity_text(const adoption::Irregularity& one) {
  std::string place = one.table;
  for (const std::string& part : {one.row, one.field}) {
    place += part.empty() ? "" : (place.empty() ? "" : ", ") + part;
  }
  return fmt::format("  {}{}{}: {}\n", place.empty() ? "the file" : place, one.value.empty() ? "" : " ",
                     one.value.empty() ? "" : "`" + one.value + "`", one.done);
}

/// By kind, in order of their codes; of each so many.
void show_irregularities(Session& session, const adoption::Findings& findings, std::size_t shown_max) {
  for (const auto& [code, count] : findings.counts()) {
    session.out.write(fmt::format("{}: {}\n", code, count));
    std::size_t shown = 0;
    for (const adoption::Irregularity& one : findings.list()) {
      if (one.code == code && ++shown <= shown_max) session.out.write(irregularity_text(one));
    }
    if (static_cast<std::size_t>(count) > shown_max) {
      session.out.write(fmt::format("  and {} more\n", static_cast<std::size_t>(count) - shown_max));
    }
  }
}

std::string summary_json(const adoption::Adoption& done, const std::string& ledger) {
  std::int64_t rows = 0;
  for (const auto& [table, count] : done.rows) rows += count;
  const std::vector<std::string> names{"ledger", "events",         "events_kept",   "events_mapped",
                                       "rows",   "irregularities", "disagreements", "state_hash"};
  const std::vector<Cell> cells{Cell::of(ledger),
                                Cell::number(done.events),
                                Cell::number(done.events_kept),
                                Cell::number(done.events_mapped),
                                Cell::number(rows),
                                Cell::json(done.findings.json_counts()),
                                Cell::number(static_cast<std::int64_t>(done.disagreements.size())),
                                Cell::of(to_hex(done.state_hash))};
  return json_object(names, cells);
}

/// What a program reads: an object for each irregularity and disagreement, the summary last.
void write_json(Session& session, const adoption::Adoption& done, const std::string& ledger) {
  for (const adoption::Irregularity& one : done.findings.list()) {
    session.out.write(json_object(irregularity_columns(), irregularity_cells(one)) + "\n");
  }
  const std::vector<std::string> names{"code", "table", "row", "field", "adopted", "journal"};
  for (const state::Disagreement& one : done.disagreements) {
    const std::vector<Cell> cells{
        Cell::of("disagreement"),    Cell::of(one.claim.table),
        Cell::json(one.claim.key),   Cell::of(one.claim.field),
        Cell::json(one.claim.value), one.found.empty() ? Cell::null() : Cell::json(one.found)};
    session.out.write(json_object(names, cells) + "\n");
  }
  session.out.write(summary_json(done, ledger) + "\n");
}

void write_table(Session& session, const adoption::Adoption& done, const AdoptArguments& given,
                 const std::string& ledger) {
  show_irregularities(session, done.findings, given.shown_max);
  for (const state::Disagreement& one : done.disagreements) session.out.write(disagreement_text(one));
  if (given.blueprint.empty()) {
    std::int64_t rows = 0;
    for (const auto& [table, count] : done.rows) rows += count;
    session.out.write(fmt::format("{} is the ledger of {}: {} rows of {} tables; {} holds its blueprint\n",
                                  ledger, done.title, rows, done.rows.size(), given.folder));
  } else {
    session.out.write(
        fmt::format("{} is the ledger of {}: {} events of the old log are kept, {} were made of them\n",
                    ledger, done.title, done.events_kept, done.events_mapped));
  }
  session.out.write(fmt::format("{} events, state hash {}\n", done.events, to_hex(done.state_hash)));
}

int run_adopt(Session& session, AdoptArguments given) {
  const std::filesystem::path file(given.file);
  std::filesystem::path stem = file;
  stem.replace_extension();
  if (given.to.empty()) given.to = stem.string() + ".reeve.db";
  if (given.folder.empty()) given.folder = stem.string() + "_blueprint";
  const state::Location to = state::Location::of(given.to);
  LedgerOptions options;
  options.clock = &session.clock;
  options.random = &system_random();
  const adoption::Adoption done = given.blueprint.empty()
                                      ? adoption::adopt_rows(file, to, given.folder, options)
                                      : adoption::adopt_log(file, to, given.blueprint, options);
  if (session.format == Format::json) {
    write_json(session, done, to.name());
  } else if (session.format == Format::csv) {
    const auto rows = make_row_writer(session.format, session.out, irregularity_columns());
    for (const adoption::Irregularity& one : done.findings.list()) rows->row(irregularity_cells(one));
    rows->finish();
  } else {
    write_table(session, done, given, to.name());
  }
  return exit_ok;
}

}  // namespace

std::string disagreement_text(const state::Disagreement& one) {
  const std::string found = one.found.empty() ? "that there is no such row" : one.found;
  return fmt::format("table {}, row {}: {} is {} in the adopted file, the log says {}\n", one.claim.table,
                     one.claim.key, one.claim.field, one.claim.value, found);
}

void add_adopt_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<AdoptArguments>();
  CLI::App* adopt =
      add_verb(app, session, "adopt",
               "Puts an existing SQLite database under a journal, in a new file; it is only read.");
  adopt->add_option("FILE", given->file, "the database")->required();
  adopt->add_option("--to", given->to, "the ledger to make (FILE's name with .reeve.db)")
      ->type_name("LEDGER");
  CLI::Option* blueprint = adopt
                               ->add_option("--blueprint", given->blueprint,
                                            "a blueprint whose adopt/*.sql maps the old rows to events")
                               ->type_name("FOLDER");
  adopt
      ->add_option("--folder", given->folder,
                   "where the blueprint is written that is made (FILE's name with _blueprint)")
      ->type_name("FOLDER")
      ->excludes(blueprint);
  adopt->add_option("--shown", given->shown_max, "irregularities of a kind that are shown")->type_name("N");
  adopt->callback(
      [&session, given] { session.work = [&session, given] { return run_adopt(session, *given); }; });
}

}  // namespace reeve::cli
