#pragma once
// Rows as text: a table for people, CSV (RFC 4180), or JSON with one object per line. All three are streams.

#include "cli/output.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

enum class Format : std::uint8_t { table, json, csv };

struct Cell {
  enum class Kind : std::uint8_t { null, number, boolean, text, json };
  Kind kind = Kind::null;
  std::string text;  ///< number, boolean and json as JSON writes them; text as it is

  static Cell null() { return {}; }
  static Cell number(std::int64_t value);
  static Cell boolean(bool value) { return {Kind::boolean, value ? "true" : "false"}; }
  static Cell of(std::string_view value) { return {Kind::text, std::string(value)}; }
  /// The text, or NULL when it is empty.
  static Cell optional(std::string_view value) { return value.empty() ? null() : of(value); }
  static Cell json(std::string_view value) { return {Kind::json, std::string(value)}; }
};

/// How many rows a table's widths are taken from; later rows may stick out.
inline constexpr std::size_t table_rows_measured = 500;

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// As many cells as there are columns.
  virtual void row(std::span<const Cell> cells) = 0;
  /// Writes what is held back; a table ends with the number of rows.
  virtual void finish() = 0;
};

/// NULL is `NULL` in a table (a text that reads so is quoted there), an empty field in CSV (an empty text is
/// `""`), null in JSON. A table aligns numbers to the right and keeps control characters from the terminal.
std::unique_ptr<RowWriter> make_row_writer(Format format, Output& out, std::vector<std::string> columns);

/// One JSON object on one line, from names and cells.
std::string json_object(std::span<const std::string> names, std::span<const Cell> cells);

}  // namespace reeve::cli
