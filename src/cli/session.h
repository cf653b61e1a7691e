#pragma once
// What every verb is given: where text goes and comes from, the clock, and whether it should stop.

#include "cli/output.h"
#include "cli/row_writer.h"
#include "state/baseline.h"
#include "state/progress.h"

#include <reeve/clock.h>
#include <reeve/error.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace reeve::cli {

// Exit codes beside those of exit_code_of (docs/cli.md). They are part of the interface and never change.
inline constexpr int exit_ok = 0;
inline constexpr int exit_usage = 2;          ///< as invalid_input
inline constexpr int exit_different = 10;     ///< as corrupt: something is not what was written
inline constexpr int exit_rejected = 15;      ///< the rules said no
inline constexpr int exit_interrupted = 130;  ///< by a signal, as shells count it
inline constexpr int exit_pipe_closed = 141;

struct Session {
  Output& out;
  Output& err;
  int input;  ///< descriptor of standard input
  Clock& clock;
  const std::atomic<bool>& stop;
  Format format = Format::table;
  /// What the verb found on the command line does; set while the arguments are read.
  std::function<int()> work = {};
};

/// Adds a verb with its --format and the examples of src/cli/help/NAME.txt.
CLI::App* add_verb(CLI::App& parent, Session& session, std::string_view name, const std::string& description);
/// A text of src/cli/help, or nothing.
std::string_view help_text(std::string_view topic);

/// `reeve: place: message` and the remedy on the next line; an object on one line with --format json.
void report_error(Session& session, const Error& error);

/// What an adopted file said otherwise than its log, on a line.
std::string disagreement_text(const state::Disagreement& one);

// One function for each file of verbs.
void add_blueprint_verbs(CLI::App& app, Session& session);  ///< new, check, generate
void add_sql_verb(CLI::App& app, Session& session);         ///< sql
void add_ledger_verbs(CLI::App& app, Session& session);     ///< init, migrate
void add_directory_verbs(CLI::App& app, Session& session);  ///< ledger
void add_reference_verbs(CLI::App& app, Session& session);  ///< reference
void add_adopt_verb(CLI::App& app, Session& session);       ///< adopt
void add_write_verbs(CLI::App& app, Session& session);      ///< command, event, execute, undo, rewind, forget
void add_query_verb(CLI::App& app, Session& session);       ///< query
void add_search_verbs(CLI::App& app, Session& session);     ///< search
void add_work_verbs(CLI::App& app, Session& session);       ///< work, jobs
void add_session_verbs(CLI::App& app, Session& session);    ///< session
void add_secret_verbs(CLI::App& app, Session& session);     ///< secret
void add_token_verbs(CLI::App& app, Session& session);      ///< token, lockout
void add_limit_verbs(CLI::App& app, Session& session);      ///< limit
void add_name_verbs(CLI::App& app, Session& session);       ///< name
void add_tree_verb(CLI::App& app, Session& session);        ///< tree
void add_journal_verbs(CLI::App& app, Session& session);    ///< log, show
void add_history_verbs(CLI::App& app, Session& session);    ///< at, checkpoint, diff, blame, fork
void add_proof_verbs(CLI::App& app, Session& session);      ///< verify, replay, rebuild
void add_signing_verbs(CLI::App& app, Session& session);    ///< keygen, sign, prove, check-proof, open-seed
void add_transfer_verbs(CLI::App& app, Session& session);   ///< export, import, promote
void add_help_verb(CLI::App& app, Session& session);        ///< help

}  // namespace reeve::cli
