#pragma once
// What goes with a Secret inside of Reeve.

#include "base/hash.h"

#include <reeve/secret.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

/// libsodium, once for the process. Whoever calls it directly starts it first.
void start_sodium();
/// Overwrites memory, however the compiler sees it.
void wipe(void* data, std::size_t size) noexcept;
/// The whole buffer of the text, which is empty afterwards.
void wipe(std::string& text) noexcept;

/// As Hasher(domain).text(secret).finish(), which leaves nothing of it behind.
Digest digest_of_secret(std::string_view domain, std::string_view secret);

/// Base64 (RFC 4648, section 4) in constant time for one length.
Secret secret_to_base64(const Secret& secret);
/// Nothing unless the whole text is base64.
std::optional<Secret> secret_from_base64(std::string_view text);

}  // namespace reeve
