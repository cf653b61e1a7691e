#pragma once
// UUIDs (RFC 9562) in their text form: 36 bytes, lower case.

#include "base/clock.h"
#include "base/hash.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

/// Version 7: sorts by time, to the microsecond. invalid_input for a time before 1970.
std::string uuid_v7(Microseconds time, Random& random);
/// Version 8: the first 16 bytes of a digest.
std::string uuid_v8(const Digest& digest);
/// 36 bytes, hexadecimal digits in lower case, hyphens in place.
bool is_uuid(std::string_view text);
/// The 16 bytes of such a text; nothing when it is none.
std::optional<std::array<std::uint8_t, 16>> bytes_of_uuid(std::string_view text);

}  // namespace reeve
