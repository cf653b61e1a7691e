#pragma once
// UUIDs (RFC 9562) in their text form: 36 bytes, lower case.

#include "base/clock.h"
#include "base/hash.h"

#include <string>
#include <string_view>

namespace reeve {

/// Version 7: sorts by time, to the microsecond. invalid_input for a time before 1970.
std::string uuid_v7(Microseconds time, Random& random);
/// Version 8: the first 16 bytes of a digest.
std::string uuid_v8(const Digest& digest);
/// 36 bytes, hexadecimal digits in lower case, hyphens in place.
bool is_uuid(std::string_view text);

}  // namespace reeve
