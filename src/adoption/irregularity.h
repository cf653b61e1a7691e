#pragma once
// What in an adopted database is not as it should be, and what was done about it: nothing is dropped in silence.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reeve::adoption {

struct Irregularity {
  std::string code;   ///< one word for the kind: docs/adoption.md lists them
  std::string table;  ///< of the old file; '' when it is about none
  std::string row;    ///< what tells the row: JSON of its key; '' when it is about none
  std::string field;  ///< a column, or a member of one
  std::string value;  ///< as it was, shortened
  std::string done;   ///< for people
};

/// Gathers them; of a kind in a table so many are kept, and all are counted.
class Findings {
 public:
  static constexpr std::size_t kept_of_kind = 1000;

  void add(Irregularity one);
  const std::vector<Irregularity>& list() const { return list_; }
  /// By code: all of them, those that are not listed too.
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }
  /// The members "counts" and "irregularities" of an object, canonical.
  std::string json_counts() const;
  std::string json_list() const;

 private:
  std::vector<Irregularity> list_;
  std::map<std::string, std::int64_t> counts_;
  std::map<std::pair<std::string, std::string>, std::size_t> kept_;
};

/// A value for people: on one line, at most 80 letters of it.
std::string shortened(std::string value);

}  // namespace reeve::adoption
