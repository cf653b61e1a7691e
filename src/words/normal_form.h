#pragma once
// Unicode's normal forms (Unicode Standard Annex 15).

#include <reeve/secret.h>

#include <optional>
#include <string>
#include <string_view>

namespace reeve::words {

/// NFKC: compatible characters are one, and marks are part of their letters. Precondition: valid UTF-8.
std::string compatibility_form(std::string_view text);

/// NFKC_Casefold: compatible characters and both cases are one, and what nobody sees is left out. Nothing for a text with a
/// character that this version of Unicode does not have: of all others, every later version gives the same. Precondition: valid UTF-8.
std::optional<std::string> folded_form(std::string_view text);

/// NFC: letters with their marks are one character where there is one. Nothing of the text is left in memory beside the result.
/// Precondition: valid UTF-8.
Secret composed_secret(std::string_view text);

}  // namespace reeve::words
