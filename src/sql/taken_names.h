#pragma once
// Names that a blueprint can't give, because Reeve or an engine has them or because something else has them already.

#include "sql/catalogue.h"

#include <optional>
#include <string>

namespace reeve::sql {

struct TakenName {
  std::string message;
  std::string remedy;
};

/// The first name of a schema that one of the engines would refuse or mean something else by. In a schema of PostgreSQL
/// tables, views, indexes and the keys that are kept by indexes share one space of names; SQLite takes `A` and `a` for
/// the same.
std::optional<TakenName> find_taken_name(const Catalogue& catalogue);

}  // namespace reeve::sql
