#include "sql/functions.h"

#include "sql/functions_internal.h"

#include <vector>

namespace reeve::sql {

std::span<const ScalarFunction> scalar_functions() {
  static const std::vector<ScalarFunction> all = [] {
    std::vector<ScalarFunction> out;
    for (const auto theme : {number_functions(), text_functions(), time_functions(), json_functions(),
                             json_path_functions(), interval_functions(), calendar_functions()})
      out.insert(out.end(), theme.begin(), theme.end());
    return out;
  }();
  return all;
}

std::span<const AggregateFunction> aggregate_functions() { return collecting_functions(); }

}  // namespace reeve::sql
