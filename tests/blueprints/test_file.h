#pragma once
// The text tests of a blueprint as records (docs/test_format.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::blueprint_tests {

enum class Word : std::uint8_t {
  at,
  actor,
  command,
  event,
  rejected,
  query,
  named,
  restart,
  replay,
  migrate
};

/// One record. Which members are set follows from its word.
struct Record {
  Word word = Word::restart;
  int line = 0;  ///< of its word
  std::string
      name;  ///< of the command, event type or query; the time, the actor, the level; TYPES of a query
  std::string body;        ///< the JSON ({} when left out), or the SQL
  bool is_event = false;   ///< of `rejected`
  bool is_sorted = false;  ///< `rowsort`
  bool has_expected = false;
  std::vector<std::string> expected;
  int expected_line = 0;  ///< of the first expected line
};

/// Throws Error invalid_input that names file and line when a record is not of the format. `file` is used in
/// places only.
std::vector<Record> parse(std::string_view file, std::string_view text);

}  // namespace reeve::blueprint_tests
