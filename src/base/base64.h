#pragma once
// Base64 (RFC 4648, section 4: the standard alphabet, with padding). libsodium's.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <cstdint>

namespace reeve {

std::string to_base64(std::span<const std::uint8_t> bytes);
std::string to_base64(std::string_view bytes);
/// Nothing unless the whole text is base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace reeve
