// Which sources of a SELECT give one row at most once some of their columns are fixed.

#include "sql/analyser.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool covers(const std::set<std::size_t>& have, const std::vector<std::size_t>& key) {
  return std::all_of(key.begin(), key.end(), [&](std::size_t i) { return have.contains(i); });
}

}  // namespace

std::set<int> Analyser::pinned(const Scope& scope, const std::vector<Equality>& equalities,
                               const std::set<int>& given) const {
  std::set<int> fixed = given;
  std::set<int> ours;
  for (const Source& source : scope.sources) ours.insert(source.id);
  const auto known = [&](const std::set<int>& sources) {
    return std::all_of(sources.begin(), sources.end(),
                       [&](int id) { return fixed.contains(id) || !ours.contains(id); });
  };
  for (bool grew = true; grew;) {
    grew = false;
    for (const Source& source : scope.sources) {
      if (fixed.contains(source.id) || !known(source.needs)) continue;
      std::set<std::size_t> columns;
      for (const Equality& equality : equalities)
        if (equality.column.source == source.id && known(equality.others))
          columns.insert(equality.column.column);
      for (const auto& key : source.keys)
        if (covers(columns, key)) {
          fixed.insert(source.id);
          grew = true;
          break;
        }
    }
  }
  return fixed;
}

bool Analyser::all_pinned(const Scope& scope, const std::vector<Equality>& equalities,
                          const std::set<int>& given) const {
  const std::set<int> fixed = pinned(scope, equalities, given);
  return std::all_of(scope.sources.begin(), scope.sources.end(),
                     [&](const Source& s) { return fixed.contains(s.id); });
}

}  // namespace reeve::sql
