#include <reeve/error.h>

#include <array>
#include <utility>

namespace reeve {

namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code;
  int http_status;
};

// Exit codes are part of the command line's interface and never change. commit_unknown must not look like
// a status that clients and proxies retry on their own (503, 504).
constexpr std::array<Row, 14> rows{{
    {ErrorCode::internal, "internal", 1, 500},
    {ErrorCode::invalid_input, "invalid_input", 2, 400},
    {ErrorCode::denied, "denied", 3, 403},
    {ErrorCode::not_found, "not_found", 4, 404},
    {ErrorCode::unique_violation, "unique_violation", 5, 409},
    {ErrorCode::constraint_violation, "constraint_violation", 6, 422},
    {ErrorCode::conflict, "conflict", 7, 409},
    {ErrorCode::retryable, "retryable", 8, 503},
    {ErrorCode::unavailable, "unavailable", 9, 503},
    {ErrorCode::corrupt, "corrupt", 10, 500},
    {ErrorCode::commit_unknown, "commit_unknown", 11, 500},
    {ErrorCode::bad_statement, "bad_statement", 12, 400},
    {ErrorCode::type_mismatch, "type_mismatch", 13, 400},
    {ErrorCode::limit_exceeded, "limit_exceeded", 14, 413},
}};

const Row& row_of(ErrorCode code) {
  for (const Row& row : rows) {
    if (row.code == code) return row;
  }
  return rows.front();
}

}  // namespace

std::string_view name_of(ErrorCode code) { return row_of(code).name; }

int exit_code_of(ErrorCode code) { return row_of(code).exit_code; }

int http_status_of(ErrorCode code) { return row_of(code).http_status; }

std::string Place::to_string() const {
  std::string text = file;
  for (const int number : {line, line > 0 ? column : 0}) {
    if (number <= 0) break;
    if (!text.empty()) text += ':';
    text += std::to_string(number);
  }
  return text;
}

Error::Error(ErrorCode code, std::string message, std::string remedy, Place place)
    : code_(code), message_(std::move(message)), remedy_(std::move(remedy)), place_(std::move(place)) {
  what_ = place_.to_string();
  if (!what_.empty()) what_ += ": ";
  what_ += message_;
  if (!remedy_.empty()) what_.append(" (").append(remedy_).append(")");
}

void ensure(bool condition, const char* what) {
  if (!condition) throw Error(ErrorCode::internal, what);
}

}  // namespace reeve
