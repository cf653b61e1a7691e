#pragma once
// Faults are exceptions of one type with a short, closed list of codes. Outcomes (a rejected command,
// an absent row, a broken chain) are values and never an Error.

#include <exception>
#include <string>
#include <string_view>

namespace reeve {

/// A code exists only because somebody acts on it. Each maps to an exit code and an HTTP status.
enum class ErrorCode {
  invalid_input,         ///< what was given is malformed: payload, argument, file
  denied,                ///< the caller may not
  not_found,             ///< a named thing that must exist does not
  unique_violation,      ///< a unique or primary key is taken
  constraint_violation,  ///< CHECK, NOT NULL, foreign key
  conflict,              ///< expected sequence or idempotency key does not fit
  retryable,             ///< busy or serialization failure: nothing was done, try again
  unavailable,           ///< the store can't be reached or written (disk full, read-only)
  commit_unknown,        ///< the commit's answer was lost; look it up by its idempotency key
  bad_statement,         ///< SQL that Reeve or the engine refuses
  type_mismatch,         ///< a value of another type than asked for
  corrupt,               ///< stored bytes that are not what was written
  limit_exceeded,        ///< size, depth, rows or time above the bound
  internal,              ///< a defect of Reeve
};

std::string_view name_of(ErrorCode code);
/// The command line's exit code: 1 internal, 2 invalid input, 3 ... one per code (docs/cli.md).
int exit_code_of(ErrorCode code);
int http_status_of(ErrorCode code);

/// Where in a source text something is: 1-based line and column (in bytes), 0 when unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
  /// `file:line:column`, or what of it is known.
  std::string to_string() const;
};

/// Carries no values that may be secret: names of statements, constraints and ledgers only.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string remedy = {}, Place place = {});

  ErrorCode code() const { return code_; }
  /// What is wrong, a sentence without the place.
  const std::string& message() const { return message_; }
  /// What would mend it; may be empty.
  const std::string& remedy() const { return remedy_; }
  const Place& place() const { return place_; }
  /// `place: message (remedy)`.
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::string remedy_;
  Place place_;
  std::string what_;
};

/// Stays on in release builds: a defect of Reeve is reported as one and never walked past.
void ensure(bool condition, const char* what);

}  // namespace reeve
