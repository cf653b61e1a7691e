// The verbs that prove: verify, replay, rebuild.

#include "cli/display_width.h"
#include "cli/journal_view.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "cli/signed_file.h"
#include "state/rebuild.h"
#include "state/replay.h"
#include "state/search.h"
#include "state/verify.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

namespace reeve::cli {

namespace {

state::Progress progress_of(Session& session, ProgressLine& line) {
  return {[&line](std::int64_t done, std::int64_t total) { line.report(done, total); }, &session.stop};
}

std::vector<std::string> difference_columns() { return {"sequence", "table", "key", "message"}; }

std::vector<Cell> difference_cells(const state::Difference& difference) {
  return {difference.sequence > 0 ? Cell::number(difference.sequence) : Cell::null(),
          Cell::optional(difference.table),
          difference.key.empty() ? Cell::null() : Cell::json(difference.key), Cell::of(difference.message)};
}

std::string difference_text(const state::Difference& difference) {
  std::string place;
  if (difference.sequence > 0) place = fmt::format("event {}: ", difference.sequence);
  if (!difference.table.empty()) {
    place += fmt::format("table {}{}{}: ", difference.table, difference.key.empty() ? "" : ", row ",
                         difference.key);
  }
  return place + difference.message + "\n";
}

std::vector<std::string> disagreement_columns() { return {"table", "key", "field", "adopted", "journal"}; }

std::vector<Cell> disagreement_cells(const state::Disagreement& one) {
  return {Cell::of(one.claim.table), Cell::json(one.claim.key), Cell::of(one.claim.field),
          Cell::json(one.claim.value), one.found.empty() ? Cell::null() : Cell::json(one.found)};
}

std::string verification_json(const state::Verification& found) {
  std::string disagreements;
  for (const state::Disagreement& one : found.disagreements) {
    disagreements +=
        (disagreements.empty() ? "" : ",") + json_object(disagreement_columns(), disagreement_cells(one));
  }
  std::string differences;
  for (const state::Difference& difference : found.differences) {
    differences +=
        (differences.empty() ? "" : ",") + json_object(difference_columns(), difference_cells(difference));
  }
  const std::vector<std::string> names{"events", "chain_hash",  "state_hash",   "state_hash_of_rows",
                                       "equal",  "differences", "disagreements"};
  const std::vector<Cell> cells{
      Cell::number(found.events),           Cell::of(to_hex(found.chain_hash)),
      Cell::of(to_hex(found.state_hash)),   Cell::of(to_hex(found.state_hash_of_rows)),
      Cell::boolean(found.equal()),         Cell::json("[" + differences + "]"),
      Cell::json("[" + disagreements + "]")};
  return json_object(names, cells);
}

struct VerifyArguments {
  std::string file;
  std::size_t differences_max = 20;
  std::string against;
  std::string public_key;
};

std::optional<journal::SignedCheckpoint> signed_checkpoint(const VerifyArguments& given) {
  if (given.against.empty() != given.public_key.empty()) {
    throw Error(ErrorCode::invalid_input, "--against and --public-key go together",
                "name the signed checkpoint and the public key of who signed it");
  }
  if (given.against.empty()) return std::nullopt;
  return journal::SignedCheckpoint::parse(
      journal::open_note(read_file(given.against), read_public_key(given.public_key)));
}

/// Says which indexes differ from their rows; false if any does.
bool verify_search_indexes(Session& session, const std::string& file) {
  bool is_equal = true;
  for (const search::IndexCheck& check : state::verify_search_in_use(state::Location::of(file))) {
    if (check.is_equal()) continue;
    is_equal = false;
    session.err.write(fmt::format("reeve: the search index {} is DIFFERENT: {}\n", check.name,
                                  check.fault.empty()
                                      ? fmt::format("{} rows without an entry, {} entries without a row, "
                                                    "{} that say something else",
                                                    check.missing, check.extra, check.stale)
                                      : check.fault));
  }
  if (!is_equal) session.err.write("  make it anew: `reeve search rebuild FILE`\n");
  return is_equal;
}

int verify_file(Session& session, const VerifyArguments& given) {
  const std::size_t differences_max = given.differences_max;
  const auto against = signed_checkpoint(given);
  ProgressLine line(session.err, session.clock, "verifying");
  const state::Verification found = state::verify(
      state::Location::of(given.file),
      {.progress = progress_of(session, line), .differences_max = differences_max, .against = against});
  line.finish();
  // Of other rows than the journal's no index is right.
  const bool search_is_equal = !found.equal() || verify_search_indexes(session, given.file);
  const int outcome = found.equal() && search_is_equal ? exit_ok : exit_different;
  if (session.format == Format::json) {
    session.out.write(verification_json(found) + "\n");
    return outcome;
  }
  if (session.format == Format::csv) {
    const auto rows = make_row_writer(session.format, session.out, difference_columns());
    for (const state::Difference& difference : found.differences) rows->row(difference_cells(difference));
    rows->finish();
  } else {
    for (const state::Difference& difference : found.differences)
      session.out.write(difference_text(difference));
    for (const state::Disagreement& one : found.disagreements) session.out.write(disagreement_text(one));
    if (found.differences.size() >= differences_max) session.out.write("and there may be more\n");
    session.out.write(fmt::format("{} events, state hash {}, {}\n", found.events, to_hex(found.state_hash),
                                  found.equal() ? "equal" : "DIFFERENT"));
  }
  return outcome;
}

struct ReplayArguments {
  std::string file;
  bool by_changeset = false;
  bool scratch = false;
  bool hashes = false;
};

std::vector<std::string> hash_columns() { return {"sequence", "chain_hash", "state_hash"}; }

/// Hashes are written as they come, so a table is given its widths and not measured.
void write_hashes(Session& session, RowWriter* rows, std::int64_t sequence, const Digest& chain,
                  const Digest& state) {
  if (rows == nullptr) {
    session.out.write(fmt::format("{:>10}  {}  {}\n", sequence, to_hex(chain), to_hex(state)));
  } else {
    rows->row({{Cell::number(sequence), Cell::of(to_hex(chain)), Cell::of(to_hex(state))}});
  }
}

int replay_file(Session& session, const ReplayArguments& given) {
  ProgressLine line(session.err, session.clock, "replaying");
  state::ReplayOptions options;
  options.by = given.by_changeset ? state::ReplayBy::changeset : state::ReplayBy::execution;
  options.progress = progress_of(session, line);
  const bool table = session.format == Format::table;
  std::unique_ptr<RowWriter> rows;
  if (given.hashes) {
    if (!table) rows = make_row_writer(session.format, session.out, hash_columns());
    options.each = [&](std::int64_t sequence, const Digest& chain, const Digest& state) {
      write_hashes(session, rows.get(), sequence, chain, state);
    };
  }
  const state::Replay done = given.scratch ? state::replay_scratch(state::Location::of(given.file), options)
                                           : state::replay(state::Location::of(given.file), options);
  line.finish();
  if (table) {
    session.out.write(fmt::format("{} events, state hash {}, {}\n", done.events, to_hex(done.state_hash),
                                  given.scratch ? "equal" : "equal, tables rebuilt"));
  } else if (!given.hashes) {
    const auto total = make_row_writer(session.format, session.out, {"events", "chain_hash", "state_hash"});
    total->row(
        {{Cell::number(done.events), Cell::of(to_hex(done.chain_hash)), Cell::of(to_hex(done.state_hash))}});
    total->finish();
  }
  return exit_ok;
}

struct RebuildArguments {
  std::string file;
  std::size_t differences_max = state::RebuildOptions{}.differences_max;
  bool all = false;
};

int rebuild_file(Session& session, const RebuildArguments& given) {
  const state::Rebuild done = with_progress(session, "replaying", [&](const state::Progress& progress) {
    return state::rebuild(state::Location::of(given.file), {progress, given.all, given.differences_max});
  });
  if (session.format != Format::table) {
    const auto rows = make_row_writer(session.format, session.out, {"table", "key", "message"});
    for (const state::Difference& one : done.healed) {
      rows->row({{Cell::optional(one.table), Cell::optional(one.key), Cell::of(one.message)}});
    }
    rows->finish();
    return exit_ok;
  }
  for (const state::Difference& one : done.healed) {
    session.out.write("healed: " + difference_text(one));
  }
  for (const std::string& what : done.left_alone) {
    session.out.write(fmt::format("left alone: {}\n", on_one_line(what)));
  }
  std::string switched;
  for (const std::string& name : done.switched) switched += (switched.empty() ? " " : ", ") + name;
  session.out.write(fmt::format("{} events, state hash {}, equal; ", done.events, to_hex(done.state_hash)));
  session.out.write(done.switched.empty() ? "nothing to switch\n"
                                          : fmt::format("switched:{}; writers waited {:.0f} ms\n", switched,
                                                        done.locked_seconds * 1e3));
  return exit_ok;
}

void add_rebuild_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<RebuildArguments>();
  CLI::App* rebuild =
      add_verb(app, session, "rebuild",
               "Puts what the journal gives in the place of what was changed behind Reeve's back.");
  rebuild->add_option("FILE", given->file, "the ledger")->required();
  rebuild->add_flag("--all", given->all, "every table is made anew, also one that is as it should be");
  rebuild->add_option("--limit", given->differences_max, "how many of those healed to name (20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  rebuild->callback(
      [&session, given] { session.work = [&session, given] { return rebuild_file(session, *given); }; });
}

}  // namespace

void add_proof_verbs(CLI::App& app, Session& session) {
  const auto wanted = std::make_shared<VerifyArguments>();
  CLI::App* verify =
      add_verb(app, session, "verify",
               "Computes everything anew and compares: does the state say what the journal says?");
  verify->add_option("FILE", wanted->file, "the ledger")->required();
  verify->add_option("--limit", wanted->differences_max, "how many differences to look for (20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  verify->add_option("--against", wanted->against, "a signed checkpoint, which the journal has to go on from")
      ->type_name("CHECKPOINT");
  verify
      ->add_option("--public-key", wanted->public_key, "of who signed it: NAME+ID+BASE64, or a file with it")
      ->type_name("KEY");
  verify->callback(
      [&session, wanted] { session.work = [&session, wanted] { return verify_file(session, *wanted); }; });

  const auto given = std::make_shared<ReplayArguments>();
  CLI::App* replay = add_verb(app, session, "replay",
                              "Rebuilds the tables from the journal; every hash has to come out equal.");
  replay->add_option("FILE", given->file, "the ledger")->required();
  replay
      ->add_option_function<std::string>(
          "--by", [given](const std::string& by) { given->by_changeset = by == "changeset"; },
          "execution (default): apply runs again; changeset: the journaled rows are written")
      ->type_name("WAY")
      ->check(CLI::IsMember({"execution", "changeset"}));
  replay->add_flag("--scratch", given->scratch, "in a scratch database: the file is only read");
  replay->add_flag("--hashes", given->hashes, "writes chain hash and state hash after each event");
  replay->callback(
      [&session, given] { session.work = [&session, given] { return replay_file(session, *given); }; });
  add_rebuild_verb(app, session);
}

}  // namespace reeve::cli
