#include "cli/row_writer.h"

#include "base/json.h"
#include "cli/display_width.h"

#include <reeve/error.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace reeve::cli {

namespace {

/// The rows that widths are taken from are held back; what follows is written at once.
class TableWriter : public RowWriter {
 public:
  TableWriter(Output& out, std::vector<std::string> columns) : out_(out), columns_(std::move(columns)) {
    for (const std::string& column : columns_) widths_.push_back(display_width(column));
    numeric_.assign(columns_.size(), false);
  }

  void row(std::span<const Cell> cells) override {
    ensure(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
    ++rows_;
    std::vector<Cell> shown;
    for (const Cell& cell : cells) shown.push_back({cell.kind, text_of(cell)});
    if (measured_) {
      write_row(shown);
      return;
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(shown[i].text));
      if (shown[i].kind == Cell::Kind::number) numeric_[i] = true;
    }
    held_.push_back(std::move(shown));
    if (held_.size() >= table_rows_measured) write_held();
  }

  void finish() override {
    if (!measured_) write_held();
    out_.write(rows_ == 1 ? "(1 row)\n" : "(" + std::to_string(rows_) + " rows)\n");
  }

 private:
  static std::string text_of(const Cell& cell) {
    if (cell.kind == Cell::Kind::null) return "NULL";
    if (cell.kind == Cell::Kind::text && cell.text == "NULL") return "\"NULL\"";
    return on_one_line(cell.text);
  }

  void write_held() {
    measured_ = true;
    std::vector<Cell> names;
    std::vector<Cell> rule;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      names.push_back({numeric_[i] ? Cell::Kind::number : Cell::Kind::text, columns_[i]});
      rule.push_back({Cell::Kind::text, std::string(widths_[i], '-')});
    }
    write_row(names);
    write_row(rule);
    for (const std::vector<Cell>& cells : held_) write_row(cells);
    held_.clear();
    held_.shrink_to_fit();
  }

  void write_row(const std::vector<Cell>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += "  ";
      const std::size_t width = display_width(cells[i].text);
      const std::string padding(widths_[i] - std::min(width, widths_[i]), ' ');
      const bool to_the_right =
          cells[i].kind == Cell::Kind::number || (cells[i].kind == Cell::Kind::null && numeric_[i]);
      line += to_the_right ? padding + cells[i].text : cells[i].text + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_.write(line + "\n");
  }

  Output& out_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> widths_;
  std::vector<bool> numeric_;
  std::vector<std::vector<Cell>> held_;
  bool measured_ = false;
  std::int64_t rows_ = 0;
};

class CsvWriter : public RowWriter {
 public:
  CsvWriter(Output& out, const std::vector<std::string>& columns) : out_(out) {
    std::vector<Cell> names;
    for (const std::string& column : columns) names.push_back(Cell::of(column));
    row(names);
  }

  void row(std::span<const Cell> cells) override {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += ',';
      append_field(cells[i], line);
    }
    out_.write(line + "\r\n");
  }

  void finish() override {}

 private:
  static void append_field(const Cell& cell, std::string& line) {
    if (cell.kind == Cell::Kind::null) return;
    if (!cell.text.empty() && cell.text.find_first_of("\",\r\n") == std::string::npos) {
      line += cell.text;
      return;
    }
    line += '"';
    for (const char c : cell.text) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }

  Output& out_;
};

class JsonWriter : public RowWriter {
 public:
  JsonWriter(Output& out, std::vector<std::string> columns) : out_(out), columns_(std::move(columns)) {}
  void row(std::span<const Cell> cells) override { out_.write(json_object(columns_, cells) + "\n"); }
  void finish() override {}

 private:
  Output& out_;
  std::vector<std::string> columns_;
};

/// A reader of JSON that takes numbers for doubles would see another integer: it is written as text.
bool is_beyond_double(std::string_view number) {
  constexpr std::int64_t exact_max = std::int64_t{1} << 53;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc() && end == number.data() + number.size() &&
         (value > exact_max || value < -exact_max);
}

void append_json(const Cell& cell, std::string& line) {
  switch (cell.kind) {
    case Cell::Kind::null: line += "null"; return;
    case Cell::Kind::text: json::append_canonical_string(cell.text, line); return;
    case Cell::Kind::number: line += is_beyond_double(cell.text) ? '"' + cell.text + '"' : cell.text; return;
    case Cell::Kind::boolean:
    case Cell::Kind::json: line += cell.text; return;
  }
}

}  // namespace

Cell Cell::number(std::int64_t value) { return {Kind::number, std::to_string(value)}; }

std::string json_object(std::span<const std::string> names, std::span<const Cell> cells) {
  ensure(names.size() == cells.size(), "an object has as many names as values");
  std::string line = "{";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    json::append_canonical_string(names[i], line);
    line += ':';
    append_json(cells[i], line);
  }
  return line + "}";
}

std::unique_ptr<RowWriter> make_row_writer(Format format, Output& out, std::vector<std::string> columns) {
  switch (format) {
    case Format::json: return std::make_unique<JsonWriter>(out, std::move(columns));
    case Format::csv: return std::make_unique<CsvWriter>(out, columns);
    case Format::table: break;
  }
  return std::make_unique<TableWriter>(out, std::move(columns));
}

}  // namespace reeve::cli
