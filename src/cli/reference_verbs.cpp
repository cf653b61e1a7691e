// The verbs over reference rows: reference publish, list, pin, show.

#include "base/hash.h"
#include "cli/session.h"
#include "state/reference.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <numeric>

namespace reeve::cli {

namespace {

struct Arguments {
  std::string url;
  std::string folder;
  std::string from;
  std::string table;
  std::int64_t version = 0;
};

std::int64_t rows_of(const state::ReferenceEvent& event) {
  return std::accumulate(event.rows.begin(), event.rows.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& table) { return sum + table.second; });
}

int publish(Session& session, const Arguments& given) {
  const state::PublishedReference done =
      state::publish_reference(state::Location::of(given.url), given.folder);
  const std::int64_t count = rows_of(done.event);
  if (session.format == Format::table) {
    session.out.write(fmt::format("version {}{}: {} rows, hash {}\n", done.event.version,
                                  done.is_new ? "" : ", published before", count, to_hex(done.event.hash)));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"version", "new", "rows", "hash"});
  rows->row({{Cell::number(done.event.version), Cell::boolean(done.is_new), Cell::number(count),
              Cell::of(to_hex(done.event.hash))}});
  rows->finish();
  return exit_ok;
}

int list(Session& session, const Arguments& given) {
  const auto rows =
      make_row_writer(session.format, session.out, {"version", "pinned", "rows", "time", "sequence", "hash"});
  for (const state::PublishedReference& version : state::list_references(state::Location::of(given.url))) {
    rows->row({{Cell::number(version.event.version), Cell::boolean(version.is_pinned),
                Cell::number(rows_of(version.event)), Cell::of(version.time), Cell::number(version.sequence),
                Cell::of(to_hex(version.event.hash))}});
  }
  rows->finish();
  return exit_ok;
}

int pin(Session& session, const Arguments& given) {
  const auto from = given.from.empty() ? std::optional<state::Location>()
                                       : std::optional<state::Location>(state::Location::of(given.from));
  const state::PinnedReference done =
      state::pin_reference(state::Location::of(given.url), given.version, from);
  if (session.format == Format::table) {
    session.out.write(fmt::format("version {} {} at event {}\nstate_hash {}\n", done.version,
                                  done.is_new ? "pinned" : "was pinned", done.sequence,
                                  to_hex(done.state_hash)));
    return exit_ok;
  }
  const auto rows =
      make_row_writer(session.format, session.out, {"version", "new", "sequence", "hash", "state_hash"});
  rows->row({{Cell::number(done.version), Cell::boolean(done.is_new), Cell::number(done.sequence),
              Cell::of(to_hex(done.hash)), Cell::of(to_hex(done.state_hash))}});
  rows->finish();
  return exit_ok;
}

/// Canonical rows, one a line, whatever the format: what `publish` reads back.
int show(Session& session, const Arguments& given) {
  std::string last;
  state::show_reference(state::Location::of(given.url), given.version, given.table,
                        [&](const std::string& table, std::string_view row) {
                          if (given.table.empty() && table != last) {
                            session.out.write(fmt::format("-- {}\n", table));
                            last = table;
                          }
                          session.out.write(fmt::format("{}\n", row));
                        });
  return exit_ok;
}

CLI::App* add(CLI::App& parent, Session& session, const char* name, const char* description, const char* url,
              const std::shared_ptr<Arguments>& given, int (*work)(Session&, const Arguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer("");
  verb->add_option("URL", given->url, url)->required();
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_reference_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* reference =
      app.add_subcommand("reference", "Publishes versions of reference rows and pins them.");
  reference->require_subcommand(1);
  reference->footer(std::string(help_text("reference")));
  const char* publisher =
      "the ledger that publishes: a file; or a PostgreSQL schema, whose ledger `shared` does";
  CLI::App* verb = add(*reference, session, "publish", "Makes the rows of a folder's files the next version.",
                       publisher, given, publish);
  verb->add_option("FOLDER", given->folder, "TABLE.csv or TABLE.ndjson for each reference table")->required();
  add(*reference, session, "list", "Lists the versions that were published.", publisher, given, list);
  verb = add(*reference, session, "pin", "From now on a ledger's statements see the rows of a version.",
             "the ledger", given, pin);
  verb->add_option("VERSION", given->version, "its number")->required();
  verb->add_option("--from", given->from, "the ledger that published it, when that is another file")
      ->type_name("URL");
  verb = add(*reference, session, "show", "Prints the rows of a version as NDJSON.", publisher, given, show);
  verb->add_option("VERSION", given->version, "its number")->required();
  verb->add_option("--table", given->table, "of this table alone")->type_name("TABLE");
}

}  // namespace reeve::cli
