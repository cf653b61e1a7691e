#include "state/csv.h"

#include <reeve/error.h>

#include <string_view>

namespace reeve::state {

namespace {

constexpr std::size_t record_bytes_max = 1024 * 1024;
constexpr int end = std::char_traits<char>::eof();

}  // namespace

void CsvReader::refuse(const std::string& message, const std::string& remedy) const {
  throw Error(ErrorCode::invalid_input, message, remedy, {file_, record_line_, 0});
}

void CsvReader::count(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > record_bytes_max) {
    throw Error(ErrorCode::limit_exceeded, "the record is larger than 1 MiB", "is a quote left open?",
                {file_, record_line_, 0});
  }
}

void CsvReader::read_quoted(std::string& text) {
  for (;;) {
    const int c = stream_.get();
    if (c == end) {
      refuse("a quote is opened and never closed", "double a quote that belongs to the text");
    }
    count(1);
    line_ += c == '\n' ? 1 : 0;
    if (c != '"') {
      text += static_cast<char>(c);
    } else if (stream_.peek() == '"') {
      stream_.get();
      text += '"';
    } else {
      return;
    }
  }
}

/// True when another field follows in the record.
bool CsvReader::read_field(std::optional<std::string>& field) {
  field.reset();
  if (stream_.peek() == '"') {
    stream_.get();
    read_quoted(field.emplace());
  }
  const bool is_quoted = field.has_value();
  for (;;) {
    const int c = stream_.get();
    if (c == end || c == '\n') {
      line_ += c == '\n' ? 1 : 0;
      return false;
    }
    if (c == ',') {
      return true;
    }
    if (c == '\r' && (stream_.peek() == '\n' || stream_.peek() == end)) {
      continue;
    }
    if (is_quoted || c == '"') {
      refuse("a quote stands within a field", "put the whole field in quotes, and double those within");
    }
    count(1);
    (field ? *field : field.emplace()) += static_cast<char>(c);
  }
}

bool CsvReader::next(Record& record) {
  if (!started_) {
    started_ = true;
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    std::string first(mark.size(), '\0');
    stream_.read(first.data(), static_cast<std::streamsize>(first.size()));
    if (first != mark) {
      stream_.clear();
      stream_.seekg(0);
    }
  }
  while (stream_.peek() != end) {
    record.clear();
    record_line_ = line_;
    bytes_ = 0;
    bool more = true;
    while (more) {
      more = read_field(record.emplace_back());
    }
    if (record.size() > 1 || record.front()) {
      return true;
    }
  }
  return false;
}

}  // namespace reeve::state
