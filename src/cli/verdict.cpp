#include "cli/verdict.h"

#include <fmt/format.h>

namespace reeve::cli {

Verdict Verdict::of(const Outcome& outcome) {
  Verdict verdict;
  if (outcome.accepted()) {
    verdict.kind = Kind::accepted;
    verdict.receipt = outcome.receipt();
  } else {
    verdict.kind = Kind::rejected;
    verdict.code = outcome.rejection().code;
    verdict.message = outcome.rejection().reason;
  }
  return verdict;
}

Verdict Verdict::of(const Error& error) {
  Verdict verdict;
  verdict.code = error.code();
  verdict.message = error.message();
  verdict.remedy = error.remedy();
  return verdict;
}

Verdict Verdict::of(const Ledger::Verdict& verdict) {
  if (verdict.outcome) return of(*verdict.outcome);
  try {
    std::rethrow_exception(verdict.fault);
  } catch (const Error& error) {
    return of(error);
  } catch (const std::exception& error) {
    return of(Error(ErrorCode::internal, error.what()));
  }
}

bool Verdict::is_fatal() const {
  if (kind != Kind::refused) return false;
  switch (code) {
    case ErrorCode::internal:
    case ErrorCode::retryable:
    case ErrorCode::unavailable:
    case ErrorCode::commit_unknown:
    case ErrorCode::corrupt: return true;
    default: return false;
  }
}

Error Verdict::to_error() const { return Error(code, message, remedy); }

std::string_view name_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::accepted: return "accepted";
    case Verdict::Kind::rejected: return "rejected";
    case Verdict::Kind::refused: break;
  }
  return "refused";
}

std::string events_of(const Receipt& receipt) {
  if (receipt.count == 0) return "no event";
  if (receipt.count == 1) return fmt::format("event {}", receipt.first.value);
  return fmt::format("events {} to {}", receipt.first.value, receipt.first.value + receipt.count - 1);
}

const std::vector<std::string>& verdict_columns() {
  static const std::vector<std::string> columns{"verdict", "first",   "count", "repeated",
                                                "code",    "message", "remedy"};
  return columns;
}

std::vector<Cell> verdict_cells(const Verdict& verdict) {
  std::vector<Cell> cells{Cell::of(name_of(verdict.kind))};
  if (verdict.kind == Verdict::Kind::accepted) {
    const Receipt& receipt = verdict.receipt;
    cells.push_back(receipt.count > 0 ? Cell::number(receipt.first.value) : Cell::null());
    cells.push_back(Cell::number(receipt.count));
    cells.push_back(Cell::boolean(receipt.repeated));
    cells.insert(cells.end(), 3, Cell::null());
  } else {
    cells.insert(cells.end(), 3, Cell::null());
    cells.push_back(Cell::of(name_of(verdict.code)));
    cells.push_back(Cell::of(verdict.message));
    cells.push_back(Cell::optional(verdict.remedy));
  }
  return cells;
}

std::string verdict_json(std::int64_t line, const Verdict& verdict) {
  std::vector<std::string> names;
  std::vector<Cell> cells;
  if (line > 0) {
    names.emplace_back("line");
    cells.push_back(Cell::number(line));
  }
  const std::vector<Cell> all = verdict_cells(verdict);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind == Cell::Kind::null) continue;
    names.push_back(verdict_columns()[i]);
    cells.push_back(all[i]);
  }
  return json_object(names, cells);
}

}  // namespace reeve::cli
