#pragma once
// Statements by chance: expressions of known types over two tables, and SELECT, INSERT, UPDATE and DELETE around
// them. The same seed gives the same statements.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace reeve::test {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  /// What makes the tables and their rows.
  static std::vector<std::string> schema();

  std::string next();

 private:
  enum class Kind { boolean, integer, bigint, real, text, date, time, json };

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }
  Kind any_kind() { return static_cast<Kind>(below(8)); }
  /// One that can be ordered.
  Kind ordered_kind() { return static_cast<Kind>(below(7)); }

  std::string expression(Kind kind, int depth);
  std::string leaf(Kind kind);
  std::string of_any_kind(Kind kind, int depth);
  std::string boolean(int depth);
  std::string integer(int depth);
  std::string bigint(int depth);
  std::string real(int depth);
  std::string text(int depth);
  std::string date(int depth);
  std::string time(int depth);
  std::string json(int depth);

  std::string select();
  std::string grouped();
  std::string joined();
  std::string windowed();
  std::string write();

  std::mt19937_64 random_;
  std::string qualifier_;  ///< before a column's name
};

}  // namespace reeve::test
