#pragma once
// Comma-separated values (RFC 4180), record by record.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

/// Reads a stream of UTF-8; a byte order mark at its beginning is passed over. A field in quotes may hold commas, line
/// ends and doubled quotes. Not thread-safe.
class CsvReader {
 public:
  CsvReader(std::istream& stream, std::string file) : stream_(stream), file_(std::move(file)) {}

  /// A field that is empty and stands without quotes is nothing.
  using Record = std::vector<std::optional<std::string>>;
  /// False at the end. An empty line is no record. Throws Error invalid_input with file and line for a quote that is
  /// not closed or stands within a field, limit_exceeded for a record above 1 MiB.
  bool next(Record& record);
  /// On which the last record began.
  int line() const { return record_line_; }

 private:
  bool read_field(std::optional<std::string>& field);
  void read_quoted(std::string& text);
  void count(std::size_t bytes);
  [[noreturn]] void refuse(const std::string& message, const std::string& remedy) const;

  std::istream& stream_;
  std::string file_;
  int line_ = 1;
  int record_line_ = 1;
  std::size_t bytes_ = 0;
  bool started_ = false;
};

}  // namespace reeve::state
