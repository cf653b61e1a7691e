// The verbs that read the journal: log, show.

#include "cli/display_width.h"
#include "cli/event_text.h"
#include "cli/journal_view.h"
#include "cli/number_check.h"
#include "cli/session.h"
#include "cli/value_cell.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace reeve::cli {

namespace {

constexpr std::size_t payload_width = 72;

std::vector<std::string> full_columns() {
  return {"sequence", "id",      "type", "version", "time",       "moment",
          "actor",    "command", "key",  "payload", "chain_hash", "state_hash"};
}

std::vector<Cell> full_cells(const journal::Entry& entry) {
  const journal::Event& event = entry.event;
  return {Cell::number(event.sequence),
          Cell::of(event.id),
          Cell::of(event.type),
          Cell::number(event.version),
          Cell::of(event.time),
          value_cell("", ValueView::of(event.moment)),
          Cell::of(event.actor),
          Cell::optional(event.command),
          Cell::optional(event.key),
          Cell::json(event.payload),
          Cell::of(to_hex(entry.chain_hash)),
          entry.seals ? Cell::of(to_hex(entry.state_hash)) : Cell::null()};
}

/// For people: to the second, and of the payload what fits; without a column for a clock that is not there.
std::vector<std::string> short_columns(bool has_moment) {
  std::vector<std::string> columns{"sequence", "time", "type", "actor", "payload"};
  if (has_moment) columns.insert(columns.begin() + 2, "moment");
  return columns;
}

std::vector<Cell> short_cells(const journal::Entry& entry, bool has_moment) {
  const journal::Event& event = entry.event;
  constexpr std::size_t to_the_second = 19;
  std::vector<Cell> cells{Cell::number(event.sequence), Cell::of(event.time.substr(0, to_the_second))};
  if (has_moment) cells.push_back(value_cell("", ValueView::of(event.moment)));
  cells.push_back(Cell::of(event.type));
  cells.push_back(Cell::of(event.actor));
  cells.push_back(Cell::of(cut_to_width(on_one_line(event.payload), payload_width)));
  return cells;
}

int show_log(Session& session, const std::string& file, const LogFilter& filter) {
  JournalView view(state::Location::of(file));
  if (session.format != Format::table) {
    const auto rows = make_row_writer(session.format, session.out, full_columns());
    view.each(filter, [&](const journal::Entry& entry) { rows->row(full_cells(entry)); });
    rows->finish();
    return exit_ok;
  }
  const std::int64_t head = view.head();
  const bool has_moment = head > 0 && !ValueView::of(view.read(head).event.moment).is_null();
  const auto rows = make_row_writer(session.format, session.out, short_columns(has_moment));
  view.each(filter, [&](const journal::Entry& entry) { rows->row(short_cells(entry, has_moment)); });
  rows->finish();
  return exit_ok;
}

int show_event(Session& session, const std::string& file, const std::string& which) {
  JournalView view(state::Location::of(file));
  const std::int64_t sequence = view.find(which);
  const journal::Entry entry = view.read(sequence);
  const std::string changes = view.changes(sequence);
  if (session.format == Format::table) {
    session.out.write(event_text(entry, changes));
    return exit_ok;
  }
  std::vector<std::string> columns = full_columns();
  std::vector<Cell> cells = full_cells(entry);
  columns.emplace_back("changes");
  cells.push_back(Cell::json(changes));
  const auto rows = make_row_writer(session.format, session.out, columns);
  rows->row(cells);
  rows->finish();
  return exit_ok;
}

}  // namespace

void add_journal_verbs(CLI::App& app, Session& session) {
  const auto file = std::make_shared<std::string>();
  const auto filter = std::make_shared<LogFilter>();
  CLI::App* log = add_verb(app, session, "log", "Lists events, the newest last.");
  log->add_option("FILE", *file, "the ledger")->required();
  log->add_option("--after", filter->after, "only events behind this one, from the first on")
      ->type_name("SEQUENCE")
      ->check(at_least(0));
  log->add_option("--limit", filter->limit, "how many at most (20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  log->add_option("--type", filter->type, "only this type; `order.*` is all that begin so")
      ->type_name("TYPE");
  log->add_option("--actor", filter->actor, "only what this one caused")->type_name("ACTOR");
  log->callback([&session, file, filter] {
    session.work = [&session, file, filter] { return show_log(session, *file, *filter); };
  });

  const auto which = std::make_shared<std::string>();
  CLI::App* show = add_verb(app, session, "show", "Shows one event: payload, changed rows, hashes.");
  show->add_option("FILE", *file, "the ledger")->required();
  show->add_option("EVENT", *which, "its sequence or its id")->required();
  show->callback([&session, file, which] {
    session.work = [&session, file, which] { return show_event(session, *file, *which); };
  });
}

}  // namespace reeve::cli
