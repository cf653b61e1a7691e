// The verbs that look back: at, checkpoint, diff, blame, fork.

#include "cli/display_width.h"
#include "cli/event_text.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "cli/value_cell.h"
#include "history/timeline.h"
#include "state/location.h"

#include <reeve/history.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <set>

namespace reeve::cli {

namespace {

std::string_view name_of(RowChange::Operation operation) {
  switch (operation) {
    case RowChange::Operation::insert: return "insert";
    case RowChange::Operation::update: return "update";
    case RowChange::Operation::remove: break;
  }
  return "remove";
}

/// As reeve_changes writes it: what is NULL of a row that came or went is left out.
std::string change_json(const RowChange& change) {
  const auto columns = [&](bool after) {
    std::vector<std::string> names;
    std::vector<Cell> cells;
    for (const ColumnChange& column : change.columns) {
      names.push_back(column.name);
      cells.push_back(value_cell(column.type, ValueView::of(after ? column.after : column.before)));
    }
    return json_object(names, cells);
  };
  std::vector<std::string> names;
  std::vector<Cell> cells;
  const auto add = [&](const char* name, Cell cell) {
    names.emplace_back(name);
    cells.push_back(std::move(cell));
  };
  if (change.operation != RowChange::Operation::remove) add("after", Cell::json(columns(true)));
  if (change.operation != RowChange::Operation::insert) add("before", Cell::json(columns(false)));
  add("key", Cell::json(change.key));
  add("operation", Cell::of(name_of(change.operation)));
  add("table", Cell::of(change.table));
  return json_object(names, cells);
}

std::vector<std::string> flat_columns() { return {"table", "key", "operation", "column", "before", "after"}; }

/// A row for each column; one without columns for a row that has its key alone.
void write_flat(const RowChange& change, RowWriter& rows) {
  const auto write = [&](Cell column, Cell before, Cell after) {
    rows.row({{Cell::of(change.table), Cell::json(change.key), Cell::of(name_of(change.operation)),
               std::move(column), std::move(before), std::move(after)}});
  };
  for (const ColumnChange& column : change.columns) {
    write(Cell::of(column.name), value_cell(column.type, ValueView::of(column.before)),
          value_cell(column.type, ValueView::of(column.after)));
  }
  if (change.columns.empty()) write(Cell::null(), Cell::null(), Cell::null());
}

struct DiffArguments {
  std::string file;
  std::string before;
  std::string after;
  std::string table;
};

/// Throws Error not_found for a table that no epoch has.
void check_table(const std::string& file, const std::string& table) {
  const auto connection =
      state::Location::of(file).open(engine::OpenMode::read_only, {}, state::Purpose::inspection);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*connection);
  for (int epoch = 0; epoch < static_cast<int>(timeline.epochs().size()); ++epoch) {
    if (timeline.layout(epoch).find(table) >= 0) return;
  }
  throw Error(ErrorCode::not_found, fmt::format("there is no table {}, nor was there one", table),
              "the migrations of the blueprint say which there are");
}

int show_diff(Session& session, const DiffArguments& given) {
  if (!given.table.empty()) check_table(given.file, given.table);
  History history = History::open(given.file, {.clock = &session.clock});
  const Sequence before = history.find(given.before);
  const Sequence after = history.find(given.after);
  const auto rows =
      session.format == Format::csv ? make_row_writer(session.format, session.out, flat_columns()) : nullptr;
  std::int64_t count = 0;
  std::set<std::string> tables;
  history.diff(before, after, [&](const RowChange& change) {
    if (!given.table.empty() && change.table != given.table) return true;
    ++count;
    tables.insert(change.table);
    if (rows) {
      write_flat(change, *rows);
    } else if (session.format == Format::json) {
      session.out.write(change_json(change) + "\n");
    } else {
      session.out.write(changes_text("[" + change_json(change) + "]"));
    }
    return !session.stop.load();
  });
  if (rows) rows->finish();
  if (session.format == Format::table) {
    session.out.write(fmt::format("{} rows of {} tables differ between event {} and event {}\n", count,
                                  tables.size(), before.value, after.value));
  }
  return session.stop.load() ? exit_interrupted : exit_ok;
}

struct BlameArguments {
  std::string file;
  std::string table;
  std::string key;
  std::string column;
  std::string sidecar;
  std::size_t limit = 1;
  bool all = false;
};

std::string place_of(const Rule& rule) {
  if (rule.file.empty()) return rule.note;
  std::string lines;
  for (const Rule::Statement& statement : rule.statements) lines += fmt::format(":{}", statement.line);
  return rule.file + lines;
}

std::string rule_json(const Rule& rule) {
  std::string statements;
  for (const Rule::Statement& statement : rule.statements) {
    const std::vector<std::string> names{"line", "text"};
    const std::vector<Cell> cells{Cell::number(statement.line), Cell::of(statement.text)};
    statements += (statements.empty() ? "" : ",") + json_object(names, cells);
  }
  const std::vector<std::string> names{"file", "note", "statements"};
  const std::vector<Cell> cells{Cell::optional(rule.file), Cell::optional(rule.note),
                                Cell::json("[" + statements + "]")};
  return json_object(names, cells);
}

std::string on_lines(const std::string& text, std::string_view indent) {
  std::string out(indent);
  for (const char letter : text) {
    out += letter;
    if (letter == '\n') out += indent;
  }
  return out;
}

std::string blame_text(const Blame& blame) {
  std::string out = fmt::format("event {}: {} v{}\n", blame.sequence.value, blame.type, blame.version);
  const auto member = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("  {:<9}{}\n", name, on_one_line(value));
  };
  member("id", blame.id);
  member("time", blame.time);
  const Cell moment = value_cell("", ValueView::of(blame.moment));
  member("moment", moment.text);
  member("actor", blame.actor);
  member("command", blame.command);
  out += "payload\n  " + pretty_json(blame.payload, "  ") + "\n";
  out += "change\n" + changes_text("[" + change_json(blame.change) + "]");
  out += "rule\n";
  if (blame.rule.file.empty() || !blame.rule.note.empty()) out += "  " + blame.rule.note + "\n";
  if (blame.rule.statements.empty() && !blame.rule.file.empty()) out += "  " + blame.rule.file + "\n";
  for (const Rule::Statement& statement : blame.rule.statements) {
    out += fmt::format("  {}:{}\n", blame.rule.file, statement.line);
    out += on_lines(statement.text, "    ") + "\n";
  }
  return out;
}

std::vector<std::string> blame_columns() {
  return {"sequence", "id",      "type",    "version", "time", "moment",
          "actor",    "command", "payload", "change",  "rule"};
}

std::vector<Cell> blame_cells(const Blame& blame) {
  return {Cell::number(blame.sequence.value),
          Cell::of(blame.id),
          Cell::of(blame.type),
          Cell::number(blame.version),
          Cell::of(blame.time),
          value_cell("", ValueView::of(blame.moment)),
          Cell::of(blame.actor),
          Cell::optional(blame.command),
          Cell::json(blame.payload),
          Cell::json(change_json(blame.change)),
          Cell::json(rule_json(blame.rule))};
}

Error never_was(const BlameArguments& given) {
  return Error(ErrorCode::not_found, fmt::format("{} has no row {}", given.table, given.key),
               "with --limit N a row that is gone shows its events too");
}

void note_on_error(Session& session, const History& history) {
  if (!history.note().empty()) session.err.write("reeve: " + history.note() + "\n");
}

int show_columns(Session& session, History& history, const BlameArguments& given) {
  const std::vector<BlamedColumn> columns = history.blame_columns(given.table, given.key);
  note_on_error(session, history);
  if (columns.empty()) throw never_was(given);
  const auto rows =
      make_row_writer(session.format, session.out,
                      {"column", "value", "sequence", "time", "type", "actor", "command", "rule"});
  for (const BlamedColumn& blamed : columns) {
    rows->row(
        {{Cell::of(blamed.column.name), value_cell(blamed.column.type, ValueView::of(blamed.column.after)),
          blamed.sequence.value != 0 ? Cell::number(blamed.sequence.value) : Cell::null(),
          Cell::optional(blamed.time), Cell::optional(blamed.type), Cell::of(blamed.actor),
          Cell::optional(blamed.command), Cell::of(place_of(blamed.rule))}});
  }
  rows->finish();
  return exit_ok;
}

int show_blame(Session& session, const BlameArguments& given) {
  History history = History::open(given.file, {.clock = &session.clock, .sidecar = given.sidecar});
  if (given.column.empty() && given.limit == 1 && !given.all) return show_columns(session, history, given);
  const std::size_t limit = given.all ? std::numeric_limits<std::size_t>::max() : given.limit;
  const std::vector<Blame> events = history.blame(given.table, given.key, given.column, limit);
  note_on_error(session, history);
  if (events.empty()) throw never_was(given);
  if (session.format == Format::table) {
    for (const Blame& blame : events) session.out.write(blame_text(blame));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, blame_columns());
  for (const Blame& blame : events) rows->row(blame_cells(blame));
  rows->finish();
  return exit_ok;
}

constexpr const char* checkpoints_help = "the file with checkpoints; beside a ledger's file if left out";
constexpr const char* place_help = "a sequence, a time (2026-01-02T03:04:05Z) or a moment (moment:1923)";

struct AtArguments {
  std::string file;
  std::string place;
  std::string checkpoints;
};

int show_at(Session& session, const AtArguments& given) {
  History history = History::open(given.file, {.clock = &session.clock, .checkpoints = given.checkpoints});
  const PastHead past = history.head(history.find(given.place));
  note_on_error(session, history);
  if (session.format == Format::table) {
    session.out.write(fmt::format("event {}, {}\n  chain hash {}\n  state hash {}, {}\n",
                                  past.head.sequence.value, past.time, past.head.chain_hash.to_string(),
                                  past.head.state_hash.to_string(), past.is_proven ? "equal" : "DIFFERENT"));
  } else {
    const auto rows = make_row_writer(session.format, session.out,
                                      {"sequence", "time", "chain_hash", "state_hash", "equal"});
    rows->row({{Cell::number(past.head.sequence.value), Cell::of(past.time),
                Cell::of(past.head.chain_hash.to_string()), Cell::of(past.head.state_hash.to_string()),
                Cell::boolean(past.is_proven)}});
    rows->finish();
  }
  return past.is_proven ? exit_ok : exit_different;
}

void add_at(CLI::App& app, Session& session) {
  const auto given = std::make_shared<AtArguments>();
  CLI::App* at =
      add_verb(app, session, "at", "Makes the whole state after an earlier event, and compares its hash.");
  at->add_option("FILE", given->file, "the ledger")->required();
  at->add_option("PLACE", given->place, place_help)->required();
  at->add_option("--checkpoints", given->checkpoints, checkpoints_help)->type_name("FILE");
  at->callback([&session, given] { session.work = [&session, given] { return show_at(session, *given); }; });
}

struct CheckpointArguments {
  std::string file;
  std::string checkpoints;
  std::int64_t every = CheckpointOptions{}.every;
  bool anew = false;
};

int make(Session& session, const CheckpointArguments& given) {
  const CheckpointRun run = with_progress(session, "storing states", [&](const state::Progress& progress) {
    return make_checkpoints(given.file, {.every = given.every,
                                         .anew = given.anew,
                                         .checkpoints = given.checkpoints,
                                         .progress = progress.report,
                                         .stop = progress.stop});
  });
  if (!run.note.empty()) session.err.write("reeve: " + run.note + "\n");
  if (session.format == Format::table) {
    for (const Head& head : run.made) {
      session.out.write(
          fmt::format("event {}, state hash {}\n", head.sequence.value, head.state_hash.to_string()));
    }
    session.out.write(fmt::format("{} checkpoint{} made, {} bytes; {} were there\n", run.made.size(),
                                  run.made.size() == 1 ? "" : "s", run.bytes, run.kept));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"sequence", "chain_hash", "state_hash"});
  for (const Head& head : run.made) {
    rows->row({{Cell::number(head.sequence.value), Cell::of(head.chain_hash.to_string()),
                Cell::of(head.state_hash.to_string())}});
  }
  rows->finish();
  return exit_ok;
}

void add_checkpoint(CLI::App& app, Session& session) {
  const auto given = std::make_shared<CheckpointArguments>();
  CLI::App* verb = add_verb(app, session, "checkpoint",
                            "Stores states on the way, so that the past is asked in less time.");
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->add_option("--every", given->every, "events from one to the next (50000)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
  verb->add_flag("--anew", given->anew, "those that are there are forgotten first");
  verb->add_option("--checkpoints", given->checkpoints, checkpoints_help)->type_name("FILE");
  verb->callback([&session, given] { session.work = [&session, given] { return make(session, *given); }; });
}

void add_diff(CLI::App& app, Session& session) {
  const auto given = std::make_shared<DiffArguments>();
  CLI::App* diff =
      add_verb(app, session, "diff", "The rows that differ between the states after two events.");
  diff->add_option("FILE", given->file, "the ledger")->required();
  diff->add_option("BEFORE", given->before, place_help)->required();
  diff->add_option("AFTER", given->after, "the same")->required();
  diff->add_option("--table", given->table, "only rows of this one")->type_name("TABLE");
  diff->callback(
      [&session, given] { session.work = [&session, given] { return show_diff(session, *given); }; });
}

void add_blame(CLI::App& app, Session& session) {
  const auto given = std::make_shared<BlameArguments>();
  CLI::App* blame = add_verb(app, session, "blame", "The event behind a value: its payload, actor and rule.");
  blame->add_option("FILE", given->file, "the ledger")->required();
  blame->add_option("TABLE", given->table, "the row's")->required();
  blame->add_option("KEY", given->key, "a JSON object with the columns of the key, or its one value")
      ->required();
  blame->add_option("COLUMN", given->column, "only what set this one; without it each column is shown");
  blame->add_option("--limit", given->limit, "so many events, the last one first (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  blame->add_flag("--all", given->all, "all events that touched it");
  blame
      ->add_option("--sidecar", given->sidecar, "the file with the index; beside a ledger's file if left out")
      ->type_name("FILE");
  blame->callback(
      [&session, given] { session.work = [&session, given] { return show_blame(session, *given); }; });
}

struct ForkArguments {
  std::string file;
  std::string fork;
  std::optional<std::string> place;
  std::string checkpoints;
};

int fork(Session& session, const ForkArguments& given) {
  const Fork done = with_progress(session, "forking", [&](const state::Progress& progress) {
    ForkOptions options;
    if (given.place) options.at = History::open(given.file).find(*given.place);
    options.checkpoints = given.checkpoints;
    options.clock = &session.clock;
    options.progress = progress.report;
    return fork_ledger(given.file, given.fork, options);
  });
  if (!done.note.empty()) session.err.write("reeve: " + done.note + "\n");
  if (session.format == Format::table) {
    session.out.write(
        fmt::format("{} is a ledger of its own, {}: as event {} left its parent, state hash {}\n  {} bytes "
                    "{} in {:.0f} ms\n",
                    state::Location::of(given.fork).name(), done.ledger_id, done.parent.value,
                    done.head.state_hash.to_string(), done.bytes, done.shares_blocks ? "shared" : "copied",
                    done.copied_seconds * 1e3));
    return exit_ok;
  }
  const auto rows =
      make_row_writer(session.format, session.out,
                      {"ledger_id", "parent", "sequence", "chain_hash", "state_hash", "bytes", "shared"});
  rows->row(
      {{Cell::of(done.ledger_id), Cell::number(done.parent.value), Cell::number(done.head.sequence.value),
        Cell::of(done.head.chain_hash.to_string()), Cell::of(done.head.state_hash.to_string()),
        Cell::number(done.bytes), Cell::boolean(done.shares_blocks)}});
  rows->finish();
  return exit_ok;
}

void add_fork(CLI::App& app, Session& session) {
  const auto given = std::make_shared<ForkArguments>();
  CLI::App* verb = add_verb(app, session, "fork", "Makes a ledger that begins as another one was.");
  verb->add_option("FILE", given->file, "the ledger; it is only read")->required();
  verb->add_option("NEW", given->fork,
                   "the file to make, or the URL of a name that is free in a PostgreSQL schema")
      ->required();
  verb->add_option("--at", given->place,
                   "as it was then: a sequence, a time or moment:VALUE; without it as it is")
      ->type_name("PLACE");
  verb->add_option("--checkpoints", given->checkpoints, checkpoints_help)->type_name("FILE");
  verb->callback([&session, given] { session.work = [&session, given] { return fork(session, *given); }; });
}

}  // namespace

void add_history_verbs(CLI::App& app, Session& session) {
  add_at(app, session);
  add_checkpoint(app, session);
  add_diff(app, session);
  add_blame(app, session);
  add_fork(app, session);
}

}  // namespace reeve::cli
