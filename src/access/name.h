#pragma once
// Names that people give: of secrets, ledgers, tokens, subjects.

#include <cstddef>
#include <string_view>

namespace reeve::access {

/// Throws Error invalid_input unless it is 1 to `bytes_max` bytes of UTF-8 without control characters. `what` begins the sentence.
void check_name(std::string_view what, std::string_view name, std::size_t bytes_max);

}  // namespace reeve::access
