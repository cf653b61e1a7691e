// The verbs that write: command, event, execute, undo, rewind.

#include "cli/catalogue_list.h"
#include "cli/display_width.h"
#include "cli/event_line.h"
#include "cli/event_stream.h"
#include "cli/journal_view.h"
#include "cli/number_check.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "cli/stored.h"
#include "cli/verdict.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace reeve::cli {

namespace {

struct WriteArguments {
  std::string file;
  std::string name;
  std::string payload = "{}";
  CommitOptions options;
  std::optional<std::int64_t> expected;
  std::size_t busy_ms_max = 5000;
  std::string keys;
};

/// As many events of an accepted command as are shown.
constexpr std::int64_t events_shown_max = 20;
constexpr std::size_t payload_width = 100;

void show_events(Session& session, const std::string& file, const Receipt& receipt) {
  if (receipt.count == 0) return;
  JournalView view(state::Location::of(file));
  view.each({.after = receipt.first.value - 1,
             .limit = std::min(receipt.count, events_shown_max),
             .type = {},
             .actor = {}},
            [&](const journal::Entry& entry) {
              session.out.write(fmt::format("  {} {} {}\n", entry.event.sequence, entry.event.type,
                                            cut_to_width(on_one_line(entry.event.payload), payload_width)));
            });
  if (receipt.count > events_shown_max) {
    session.out.write(fmt::format("  and {} more: `reeve log`\n", receipt.count - events_shown_max));
  }
}

void write_verdict(Session& session, const std::string& file, const Verdict& verdict) {
  if (session.format == Format::json) {
    session.out.write(verdict_json(0, verdict) + "\n");
  } else if (session.format == Format::csv) {
    const auto rows = make_row_writer(session.format, session.out, verdict_columns());
    rows->row(verdict_cells(verdict));
    rows->finish();
  } else if (verdict.kind == Verdict::Kind::accepted) {
    session.out.write(fmt::format("accepted{}: {}\n",
                                  verdict.receipt.repeated ? " before, under the same key" : "",
                                  events_of(verdict.receipt)));
    show_events(session, file, verdict.receipt);
  } else {
    session.err.write(fmt::format("reeve: rejected: {}\n", verdict.message));
    session.err.flush();
  }
}

int report_verdict(Session& session, const std::string& file, const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::refused) throw verdict.to_error();
  if (verdict.kind != Verdict::Kind::accepted) {
    write_verdict(session, file, verdict);
    return exit_rejected;
  }
  const std::string stored =
      fmt::format("accepted all the same, and not to be given again: {}", events_of(verdict.receipt));
  write_of_stored(session, stored, [&] { write_verdict(session, file, verdict); });
  return exit_ok;
}

Ledger open_ledger(Session& session, const WriteArguments& given) {
  return Ledger::open(given.file, {.clock = &session.clock, .key_store = given.keys});
}

int run_command(Session& session, const WriteArguments& given) {
  if (given.name.empty()) {
    list_offers(session, given.file, Offer::commands);
    return exit_ok;
  }
  const Outcome outcome = [&] {
    Ledger ledger = open_ledger(session, given);
    return ledger.command(given.name, given.payload, given.options);
  }();
  return report_verdict(session, given.file, Verdict::of(outcome));
}

int run_execute(Session& session, const WriteArguments& given) {
  const Outcome outcome = [&] {
    Ledger ledger = open_ledger(session, given);
    return ledger.execute(given.name, given.payload, given.options);
  }();
  return report_verdict(session, given.file, Verdict::of(outcome));
}

int commit_event(Session& session, const WriteArguments& given) {
  const Outcome outcome = [&] {
    Ledger ledger = open_ledger(session, given);
    return ledger.commit(given.name, given.payload, given.options);
  }();
  return report_verdict(session, given.file, Verdict::of(outcome));
}

/// All events of the submission that an event is of: (first, last).
std::pair<Sequence, Sequence> submission_of(const std::string& file, std::int64_t sequence) {
  JournalView view(state::Location::of(file));
  std::int64_t first = sequence;
  std::int64_t span = view.read(first).event.span;
  while (span == 0 && first > 1) span = view.read(--first).event.span;
  return {Sequence{first}, Sequence{first + span - 1}};
}

struct ReversalArguments {
  WriteArguments write;
  std::int64_t sequence = 0;
  std::optional<std::int64_t> to;
  bool whole = false;
};

int run_undo(Session& session, const ReversalArguments& given) {
  const std::int64_t last = given.to.value_or(given.sequence);
  if (last < given.sequence) {
    throw Error(ErrorCode::invalid_input, fmt::format("--to {} is before event {}", last, given.sequence),
                "name the first event, and behind --to the last");
  }
  std::pair<Sequence, Sequence> events{{given.sequence}, {last}};
  if (given.whole) events = submission_of(given.write.file, given.sequence);
  const Outcome outcome = [&] {
    Ledger ledger = open_ledger(session, given.write);
    return ledger.undo(events.first, events.second, given.write.options);
  }();
  return report_verdict(session, given.write.file, Verdict::of(outcome));
}

int run_rewind(Session& session, const ReversalArguments& given) {
  const Outcome outcome = [&] {
    Ledger ledger = open_ledger(session, given.write);
    return ledger.rewind({given.sequence}, given.write.options);
  }();
  return report_verdict(session, given.write.file, Verdict::of(outcome));
}

void report_totals(Session& session, const StreamTotals& totals, Ledger& ledger) {
  const std::string text = fmt::format(
      "{} lines: {} accepted with {} events, {} rejected, {} refused; head {}\n", totals.lines,
      totals.accepted, totals.events, totals.rejected, totals.refused, ledger.head().sequence.value);
  Output& where = session.format == Format::table ? session.out : session.err;
  where.write(text);
  where.flush();
}

/// For people only what went wrong; for programs a verdict for every line.
VerdictSink make_sink(Session& session, RowWriter* rows, ProgressLine& progress, std::int64_t& reported) {
  VerdictSink sink;
  sink.verdict = [&session, rows, &progress, &reported](std::int64_t line, const Verdict& verdict) {
    progress.report(++reported, 0);
    if (session.format == Format::json) {
      session.out.write(verdict_json(line, verdict) + "\n");
    } else if (rows != nullptr) {
      std::vector<Cell> cells{Cell::number(line)};
      for (Cell& cell : verdict_cells(verdict)) cells.push_back(std::move(cell));
      rows->row(cells);
    } else if (verdict.kind != Verdict::Kind::accepted) {
      progress.finish();
      session.err.write(
          fmt::format("reeve: line {}: {}: {}\n", line, name_of(verdict.kind), verdict.message));
      if (!verdict.remedy.empty()) session.err.write("  " + verdict.remedy + "\n");
    }
  };
  sink.flush = [&session] {
    session.err.flush();
    session.out.flush();
  };
  return sink;
}

int stream_from_input(Session& session, const WriteArguments& given) {
  Ledger ledger = open_ledger(session, given);
  LineReader lines(session.input, "standard input", event_line_bytes_max, session.stop);
  std::vector<std::string> columns{"line"};
  columns.insert(columns.end(), verdict_columns().begin(), verdict_columns().end());
  const auto rows =
      session.format == Format::csv ? make_row_writer(session.format, session.out, columns) : nullptr;
  ProgressLine progress(session.err, session.clock, "lines");
  std::int64_t reported = 0;
  const StreamTotals totals =
      stream_events(lines, ledger, make_sink(session, rows.get(), progress, reported), session.stop);
  progress.finish();
  report_totals(session, totals, ledger);
  if (totals.fatal) {
    report_error(session, totals.fatal->to_error());
    return exit_code_of(totals.fatal->code);
  }
  if (session.stop.load()) return exit_interrupted;
  return totals.rejected + totals.refused == 0 ? exit_ok : exit_rejected;
}

int run_event(Session& session, const WriteArguments& given) {
  if (given.name.empty()) {
    list_offers(session, given.file, Offer::events);
    return exit_ok;
  }
  if (given.name != "-") return commit_event(session, given);
  if (given.payload != "{}" || given.options.version != 0 || given.expected || !given.options.actor.empty() ||
      !given.options.key.empty() || !given.options.id.empty() || !given.options.time.empty()) {
    throw Error(ErrorCode::invalid_input, "with `-` nothing else is given on the command line",
                "put actor, key, id, time, expected and version on each line of the input");
  }
  return stream_from_input(session, given);
}

int forget_subject(Session& session, const WriteArguments& given) {
  Ledger ledger = open_ledger(session, given);
  if (!ledger.forget(given.name)) {
    throw Error(ErrorCode::not_found, "the key store has no key of this subject",
                "nothing about it was sealed with this key store, or it is forgotten already");
  }
  if (session.format == Format::table) {
    session.out.write("forgotten: its personal values can't be read any more, here or in any copy\n");
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"forgotten"});
  rows->row({{Cell::boolean(true)}});
  rows->finish();
  return exit_ok;
}

void add_options(CLI::App& verb, WriteArguments& given) {
  verb.add_option("--actor", given.options.actor, "who causes it")->type_name("ACTOR");
  verb.add_option("--key", given.options.key, "idempotency key: the same again changes nothing")
      ->type_name("KEY");
  verb.add_option("--expected", given.expected, "the head it was decided on; another one is a conflict")
      ->type_name("SEQUENCE")
      ->check(at_least(0));
  verb.add_option("--time", given.options.time, "RFC 3339; the clock's if left out")->type_name("TIME");
  verb.add_option("--id", given.options.id, "uuid of the first event; made if left out")->type_name("UUID");
  verb.add_option("--keys", given.keys, "the key store, with which personal values are sealed (FILE.keys)")
      ->type_name("KEYS");
}

}  // namespace

namespace {

void add_reversal_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<ReversalArguments>();
  const auto take_expected = [given] {
    if (given->write.expected) given->write.options.expected = Sequence{*given->write.expected};
  };
  CLI::App* undo =
      add_verb(app, session, "undo", "Takes an event back by a new one: its rows are what they were.");
  undo->add_option("FILE", given->write.file, "the ledger")->required();
  undo->add_option("SEQUENCE", given->sequence, "the event's")->required();
  CLI::Option* to =
      undo->add_option("--to", given->to, "all events from SEQUENCE to this one")->type_name("SEQUENCE");
  undo->add_flag("--whole", given->whole, "all events of the command that it is of")->excludes(to);
  add_options(*undo, given->write);
  undo->callback([&session, given, take_expected] {
    take_expected();
    session.work = [&session, given] { return run_undo(session, *given); };
  });

  CLI::App* rewind =
      add_verb(app, session, "rewind", "Takes back all that came after an event; undo brings it back.");
  rewind->add_option("FILE", given->write.file, "the ledger")->required();
  rewind->add_option("SEQUENCE", given->sequence, "of the event")->required();
  add_options(*rewind, given->write);
  rewind->callback([&session, given, take_expected] {
    take_expected();
    session.work = [&session, given] { return run_rewind(session, *given); };
  });
}

}  // namespace

void add_write_verbs(CLI::App& app, Session& session) {
  add_reversal_verbs(app, session);
  const auto given = std::make_shared<WriteArguments>();
  CLI::App* command =
      add_verb(app, session, "command", "Gives a command: the rules decide which events come of it.");
  command->add_option("FILE", given->file, "the ledger")->required();
  command->add_option("NAME", given->name, "the command; without it the commands are listed");
  command->add_option("PARAMETERS", given->payload, "a JSON object");
  add_options(*command, *given);
  command->callback([&session, given] {
    if (given->expected) given->options.expected = Sequence{*given->expected};
    session.work = [&session, given] { return run_command(session, *given); };
  });

  CLI::App* event =
      add_verb(app, session, "event", "Commits an event, or with `-` a stream of them (NDJSON).");
  event->add_option("FILE", given->file, "the ledger")->required();
  event->add_option("TYPE", given->name,
                    "the event's type, or - for standard input; without it the types are listed");
  event->add_option("PAYLOAD", given->payload, "a JSON object");
  add_options(*event, *given);
  event
      ->add_option("--version", given->options.version,
                   "of the type that the payload has; the newest if left out")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  event->callback([&session, given] {
    if (given->expected) given->options.expected = Sequence{*given->expected};
    session.work = [&session, given] { return run_event(session, *given); };
  });

  CLI::App* execute =
      add_verb(app, session, "execute",
               "Executes one INSERT, UPDATE or DELETE as an event, where the blueprint lets it.");
  execute->add_option("FILE", given->file, "the ledger")->required();
  execute->add_option("SQL", given->name, "the statement, with parameters as :name")->required();
  execute->add_option("PARAMETERS", given->payload, "a JSON object");
  add_options(*execute, *given);
  execute->callback([&session, given] {
    if (given->expected) given->options.expected = Sequence{*given->expected};
    session.work = [&session, given] { return run_execute(session, *given); };
  });

  CLI::App* forget = add_verb(app, session, "forget",
                              "Destroys a subject's key: its personal values are erased everywhere.");
  forget->add_option("FILE", given->file, "the ledger")->required();
  forget->add_option("SUBJECT", given->name, "whose values, as the events name it")->required();
  forget->add_option("--keys", given->keys, "the key store (FILE.keys)")->type_name("KEYS");
  forget->callback(
      [&session, given] { session.work = [&session, given] { return forget_subject(session, *given); }; });
}

}  // namespace reeve::cli
