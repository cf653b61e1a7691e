#pragma once
// What is wrong with a JSON text, and where. Slow and exact: it runs once the reader has refused a text, and
// when a schema is compiled.

#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace reeve::json {

/// The bound of integers that every reader of JSON holds exactly.
constexpr double integer_max = 9007199254740992.0;
/// From here on canonical JSON writes an exponent, so a number is not mistaken for an integer beyond 2^53.
constexpr double exponent_min = 1e21;

/// True for 1e17: canonical JSON would write it as an integer beyond 2^53, which is refused when read again.
inline bool is_beyond_integers(double number) {
  const double size = number < 0 ? -number : number;
  return size > integer_max && size < exponent_min;
}

struct Fault {
  ErrorCode code = ErrorCode::invalid_input;
  std::size_t offset = 0;  ///< in bytes
  std::string pointer;     ///< of the value that holds the fault
  std::string what;        ///< "an integer beyond 2^53"
  std::string remedy;
};

/// The first fault in order of the text, or nothing when a Reader with these limits takes it.
std::optional<Fault> find_fault(std::string_view text, Limits limits);
/// Where the member begins that the pointer names: the offset of its name (of an element: of its value).
/// Precondition: find_fault finds nothing. The offset of the first value when there is no such member.
std::size_t offset_of(std::string_view text, std::string_view pointer);

/// Appends `/name`, escaped as RFC 6901 says.
void append_pointer(std::string& pointer, std::string_view name);
/// At most `bytes_max` bytes of it, whole code points; `...` follows what was cut.
std::string cut(std::string_view text, std::size_t bytes_max);

}  // namespace reeve::json
