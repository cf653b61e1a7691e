#pragma once
// The files of cases: one case a line, an expression or a statement. A list `let NAME = A | B | C` makes a line
// that says {NAME} one case for each of its members, and one for each pair if it says two.

#include <string>
#include <vector>

namespace reeve::test {

enum class Expected {
  answer,   ///< at least one of the line's cases has an answer, and all are alike
  error,    ///< `! `: every case is an error on both engines
  settled,  ///< `~ `: the dialect's answer is not PostgreSQL's own; both engines are asked for it
  schema,   ///< `schema `: a migration
};

struct CaseLine {
  Expected expected = Expected::answer;
  std::string file;
  int line = 0;
  std::vector<std::string> cases;  ///< with the members of lists in their places
  bool statement = false;          ///< else an expression, of which SELECT makes a statement
};

/// Throws std::runtime_error for a file that is none.
std::vector<CaseLine> read_cases(const std::string& path);

/// The names of the files in a folder, sorted.
std::vector<std::string> case_files(const std::string& folder);

}  // namespace reeve::test
