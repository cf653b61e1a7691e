#pragma once
// The text of an API token (docs/access.md).

#include "base/hash.h"

#include <reeve/access.h>
#include <reeve/clock.h>

#include <optional>
#include <string>
#include <string_view>

namespace reeve::access {

/// A new token: `rvk_`, an id of 80 random bits, `_`, a secret of 256, and a check sum of 32.
CreatedToken make_token(Random& random);

struct ParsedToken {
  std::string id;            ///< as it stands there; empty where the text is no token
  bool is_mistyped = false;  ///< the check sum is another
};
ParsedToken parse_token(std::string_view text);

/// What is stored of it. A plain hash: 256 random bits can't be guessed however fast guessing is, so there is nothing that a slow hash or
/// a key would add, and who checks a token needs no secret.
Digest hash_of_token(std::string_view text);

/// Whether a name is of a pattern in which * stands for any bytes, or none.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace reeve::access
