#pragma once
// What the events of an adoption say (docs/adoption.md): rows that were there before the journal, events of an older log that
// are kept as they were, and what the adopted file claimed.

#include "base/json.h"
#include "engine/connection.h"
#include "journal/changeset.h"
#include "journal/event.h"
#include "journal/layout.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// Rows of the baseline, a batch of them. They are in the payload, so that an export of events alone has them.
inline constexpr std::string_view type_rows_adopted = "reeve.rows_adopted";
/// A row of an older log, as it was. It changes no table.
inline constexpr std::string_view type_event_adopted = "reeve.event_adopted";
/// The end of an adoption: what was adopted, what was irregular, and what the adopted tables claimed.
inline constexpr std::string_view type_adopted = "reeve.adopted";

/// One row of a batch is at most so large, as JSON: an import reads lines of 64 MiB.
inline constexpr std::size_t adopted_row_bytes_max = 48 * 1024 * 1024;

/// The payload of a batch, row by row.
class RowsPayload {
 public:
  explicit RowsPayload(const journal::Layout& layout) : layout_(layout) {}
  /// Rows of a table come together.
  void add(int table, journal::Row row);
  bool is_empty() const { return table_ < 0; }
  std::size_t size() const { return text_.size(); }
  /// The canonical payload; it is empty again then.
  std::string take();

 private:
  void end_table();

  const journal::Layout& layout_;
  std::string text_;
  int table_ = -1;
};

/// Inserts the rows of a batch. Foreign keys are the caller's to switch off: rows come by tables. Throws Error corrupt.
void write_adopted_rows(engine::Connection& connection, const journal::Layout& layout,
                        const journal::Event& event);

/// What the adopted file said of one field of a row.
struct Claim {
  std::string table;
  std::string key;    ///< JSON of the primary key
  std::string field;  ///< a column
  std::string value;  ///< JSON
};
/// Throws Error corrupt.
std::vector<Claim> claims_of(const journal::Event& event);

/// A claim that the state does not bear out.
struct Disagreement {
  Claim claim;
  std::string found;  ///< JSON of the state's value; empty: the row is not there
};
/// Compares with the rows as they are. Throws Error invalid_input that names a claim whose table, key or field is none.
std::vector<Disagreement> compare_claims(engine::Connection& connection, const journal::Layout& layout,
                                         const std::vector<Claim>& claims);

}  // namespace reeve::state
