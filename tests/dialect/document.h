#pragma once
// Documents that a test writes: compared with the stored file, or with REEVE_WRITE_DOCS written anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace reeve::test {

/// For a cell of a table: a bar would end it.
inline std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

inline void expect_current(const std::string& path, const std::string& document) {
  if (std::getenv("REEVE_WRITE_DOCS") != nullptr) std::ofstream(path) << document;
  std::ostringstream stored;
  stored << std::ifstream(path).rdbuf();
  EXPECT_EQ(stored.str(), document) << path << " is not current: REEVE_WRITE_DOCS=1 build/tests_dialect";
}

}  // namespace reeve::test
