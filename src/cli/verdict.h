#pragma once
// What became of one submission, in words.

#include "cli/session.h"

#include <reeve/ledger.h>

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

struct Verdict {
  enum class Kind : std::uint8_t { accepted, rejected, refused };
  Kind kind = Kind::refused;
  Receipt receipt;                       ///< accepted
  ErrorCode code = ErrorCode::internal;  ///< rejected and refused
  std::string message;                   ///< why
  std::string remedy;

  static Verdict of(const Outcome& outcome);
  static Verdict of(const Error& error);
  /// Of whatever the ledger says: exceptions that are no Error are a defect.
  static Verdict of(const Ledger::Verdict& verdict);

  /// Whether it says something of the store and not of this submission, so that others fare no better.
  bool is_fatal() const;
  Error to_error() const;
};

/// `accepted`, `rejected` (by the rules), `refused` (malformed, unknown, in conflict).
std::string_view name_of(Verdict::Kind kind);
/// `events 12 to 14`, `event 12`, `no event`.
std::string events_of(const Receipt& receipt);

/// Names and cells of a verdict; JSON leaves out what is NULL.
const std::vector<std::string>& verdict_columns();
std::vector<Cell> verdict_cells(const Verdict& verdict);
std::string verdict_json(std::int64_t line, const Verdict& verdict);

}  // namespace reeve::cli
