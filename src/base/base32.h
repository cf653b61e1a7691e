#pragma once
// Base32 (RFC 4648, section 6) in lower case and without padding: what a double click selects whole.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace reeve {

constexpr std::size_t base32_size(std::size_t bytes) { return (bytes * 8 + 4) / 5; }

/// Precondition: `text` has base32_size(bytes.size()) characters.
void to_base32(std::span<const std::uint8_t> bytes, std::span<char> text);
/// False unless the text is what to_base32 gives for as many bytes as `bytes` has.
bool from_base32(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace reeve
