#pragma once
// What somebody submitted, from the call to its verdict.

#include "base/json.h"
#include "state/epochs.h"
#include "state/reversal.h"
#include "state/sealing.h"

#include <reeve/ledger.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::state {

/// Reused from call to call: its reader keeps its buffers.
struct Submission {
  bool is_command = false;
  std::optional<Reversal> reversal;  ///< it takes events back, and is neither event nor command
  bool is_sql = false;               ///< a statement with its parameters, as `payload` has them
  std::string name;                  ///< of the command, or the event's type
  int version = 0;                   ///< of the event's type; 0 until it is known
  std::string payload;               ///< canonical, of the type's newest version; a command's parameters
  std::string actor;
  std::string key;
  std::string request_hash;
  std::optional<std::int64_t> expected;
  std::string id;  ///< of the first event; made when it was not given
  bool id_given = false;
  std::string time;

  json::Reader reader;
  simdjson::dom::element tree;  ///< of `payload`'s members, in the reader's memory
  std::shared_ptr<const EpochState> prepared_for;
  Sealer* sealer = nullptr;  ///< of the ledger
  std::string plain;         ///< as it was given, when something in it was sealed

  std::optional<Outcome> outcome;
  std::exception_ptr fault;
  Ledger::Callback callback;  ///< of an asynchronous one
};

/// Parses, validates against the schema, turns old versions into the newest. Done by the submitter, outside
/// of the writer. Fills `outcome` when a schema refuses it. Throws Error: invalid_input, not_found.
void prepare_submission(Submission& submission, std::shared_ptr<const EpochState> epoch,
                        std::string_view given, int version);
/// The same of one that takes events back.
void prepare_reversal(Submission& submission, std::shared_ptr<const EpochState> epoch);
/// The same of a statement, which `payload` holds already with its parameters. Throws Error denied where the blueprint
/// does not allow it; bad_statement.
void prepare_sql(Submission& submission, std::shared_ptr<const EpochState> epoch);
/// Fills the payload of one: the statement, and its parameters as they were given.
void set_sql(Submission& submission, std::string_view sql, std::string_view parameters);

}  // namespace reeve::state
