#pragma once
// Unicode's normal forms (Unicode Standard Annex 15).

#include <string>
#include <string_view>

namespace reeve::words {

/// NFKC: compatible characters are one, and marks are part of their letters. Precondition: valid UTF-8.
std::string compatibility_form(std::string_view text);

}  // namespace reeve::words
