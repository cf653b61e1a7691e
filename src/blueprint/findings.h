#pragma once
// The findings of one check, gathered up to a bound.

#include "blueprint/blueprint.h"

#include <string>
#include <string_view>
#include <vector>

namespace reeve::blueprint {

class Findings {
 public:
  /// Dropped without a word when it is known already or there are findings_max.
  void add(Place place, std::string message, std::string remedy, ErrorCode code = ErrorCode::invalid_input);
  /// An error of the SQL front or of a schema. Rethrown when it is a defect of Reeve and not of the file.
  /// `fallback` is used when the error has no place.
  void add(const Error& error, const Place& fallback);

  bool empty() const { return list_.empty(); }
  bool full() const { return list_.size() >= findings_max; }
  std::size_t size() const { return list_.size(); }
  const std::vector<Finding>& list() const { return list_; }
  /// Throws the first finding as an Error that counts the others; returns when there is none.
  void raise() const;

 private:
  std::vector<Finding> list_;
};

/// The place of a byte of a text.
Place place_at(std::string_view file, std::string_view text, std::size_t offset);

/// `a`, `b`, `c`: for remedies that list what is known.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace reeve::blueprint
