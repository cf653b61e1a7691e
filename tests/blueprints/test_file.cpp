#include "test_file.h"

#include "base/utf8.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace reeve::blueprint_tests {

namespace {

constexpr std::string_view separator = "----";

const std::map<std::string, Word, std::less<>> words = {
    {"at", Word::at},          {"actor", Word::actor},       {"command", Word::command},
    {"event", Word::event},    {"rejected", Word::rejected}, {"query", Word::query},
    {"named", Word::named},    {"restart", Word::restart},   {"replay", Word::replay},
    {"migrate", Word::migrate}};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Takes the first word off `text`.
std::string take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string word(text.substr(0, end));
  text = trimmed(text.substr(end));
  return word;
}

class Parser {
 public:
  Parser(std::string_view file, std::string_view text) : file_(file) {
    if (!is_valid_utf8(text) || text.find('\r') != std::string_view::npos) {
      fail(1, "the file is not UTF-8 with LF");
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines_.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::vector<Record> run() {
    std::vector<Record> records;
    while (next_ < lines_.size()) {
      if (lines_[next_].empty() || lines_[next_].starts_with('#')) {
        ++next_;
      } else {
        records.push_back(read_record());
      }
    }
    return records;
  }

 private:
  [[noreturn]] void fail(int line, const std::string& message) const {
    throw Error(ErrorCode::invalid_input, message, "docs/test_format.md says what a record is",
                {file_, line, 1});
  }

  Record read_record() {
    Record record;
    record.line = static_cast<int>(next_) + 1;
    std::string_view first = lines_[next_++];
    const std::string word = take_word(first);
    const auto found = words.find(word);
    if (found == words.end()) fail(record.line, fmt::format("there is no word {}", word));
    record.word = found->second;
    read_lines(record);
    read_first_line(record, first);
    check(record, word);
    return record;
  }

  /// What follows the first line: the rest of the body, then what is expected.
  void read_lines(Record& record) {
    for (; next_ < lines_.size() && !lines_[next_].empty(); ++next_) {
      const std::string_view line = lines_[next_];
      if (record.has_expected) {
        record.expected.emplace_back(line);
      } else if (line == separator) {
        record.has_expected = true;
        record.expected_line = static_cast<int>(next_) + 2;
      } else {
        record.body += line.starts_with('#') ? std::string_view() : line;  // lines stay where they are
        record.body += '\n';
      }
    }
  }

  void read_first_line(Record& record, std::string_view rest) {
    switch (record.word) {
      case Word::actor: record.name = rest; return;
      case Word::at:
      case Word::migrate: record.name = take_word(rest); break;
      case Word::restart:
      case Word::replay: break;
      case Word::query:
        record.name = take_word(rest);
        record.is_sorted = rest == "rowsort";
        if (record.is_sorted) return;
        break;
      case Word::rejected:
        record.name = take_word(rest);
        record.is_event = record.name == "event";
        if (record.is_event) record.name = take_word(rest);
        return join_json(record, rest);
      case Word::named:
      case Word::command:
      case Word::event: record.name = take_word(rest); return join_json(record, rest);
    }
    if (!rest.empty()) fail(record.line, fmt::format("nothing may follow here: {}", rest));
  }

  static void join_json(Record& record, std::string_view rest) {
    record.body = fmt::format("{}\n{}", rest, record.body);
    if (record.body.find_first_not_of("\n ") == std::string::npos) record.body = "{}";
  }

  void check(const Record& record, const std::string& word) const {
    const bool is_query = record.word == Word::query || record.word == Word::named;
    const bool is_submission =
        record.word == Word::command || record.word == Word::event || record.word == Word::rejected;
    if (record.name.empty() && record.word != Word::actor && record.word != Word::restart &&
        record.word != Word::replay) {
      fail(record.line, fmt::format("{} lacks what it is about", word));
    }
    if (!is_query && !is_submission && record.body.find_first_not_of('\n') != std::string::npos) {
      fail(record.line, fmt::format("{} is one line", word));
    }
    if (is_query && !record.has_expected)
      fail(record.line, fmt::format("{} lacks ---- and its result", word));
    if (record.has_expected && !is_query && record.word != Word::command && record.word != Word::rejected) {
      fail(record.line, fmt::format("{} expects nothing", word));
    }
    if (record.word == Word::rejected && record.has_expected && record.expected.size() != 1) {
      fail(record.line, "of a refusal one line is expected");
    }
    if (record.word == Word::query && record.name.find_first_not_of("IDBJT") != std::string::npos) {
      fail(record.line, fmt::format("the types {} are not of I, D, B, J and T", record.name));
    }
  }

  std::string file_;
  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Record> parse(std::string_view file, std::string_view text) { return Parser(file, text).run(); }

}  // namespace reeve::blueprint_tests
