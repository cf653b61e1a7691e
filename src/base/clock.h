#pragma once
// Time and randomness are injected: nothing above this module reads the machine's clock or its entropy.

#include <reeve/clock.h>

#include <optional>
#include <string>
#include <string_view>

namespace reeve {

Clock& system_clock();
/// The operating system's entropy.
Random& system_random();

/// RFC 3339 in UTC with six fraction digits: `2026-01-02T03:04:05.000006Z`, 27 bytes. invalid_input
/// outside of the years 0001 to 9999.
std::string format_time(Microseconds time);
/// Takes RFC 3339 with any offset and up to six fraction digits; nothing if it is anything else.
std::optional<Microseconds> parse_time(std::string_view text);
/// `2026-01-02`, a day that exists, the years 0001 to 9999.
bool is_date(std::string_view text);

}  // namespace reeve
