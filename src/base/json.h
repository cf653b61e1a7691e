#pragma once
// JSON as Reeve accepts it (I-JSON, RFC 7493) and as it stores and hashes it (JCS, RFC 8785).

#include <reeve/error.h>

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve::json {

struct Limits {
  std::size_t bytes_max = 1024 * 1024;
  int depth_max = 64;
};

/// Parses text and keeps the buffers for the next. Not thread-safe: one per thread.
class Reader {
 public:
  explicit Reader(Limits limits = {});
  /// The tree is valid until the next read. Refused with invalid_input (message names the member as a JSON
  /// pointer where it can): invalid UTF-8, a member twice, U+0000 in text, lone surrogates, integers beyond
  /// 2^53 (1e17 too: canonical JSON would write it as such an integer), numbers that are not finite doubles,
  /// anything after the value. limit_exceeded: size, depth.
  simdjson::dom::element read(std::string_view text);

 private:
  Limits limits_;
  simdjson::dom::parser parser_;
  std::string buffer_;
};

/// Appends RFC 8785 text: members sorted by UTF-16 code units, numbers as ECMAScript writes them.
void append_canonical(simdjson::dom::element element, std::string& out);
/// Appends one string with its quotes.
void append_canonical_string(std::string_view text, std::string& out);
/// Appends one number. Precondition: finite. -0 is written as 0.
void append_canonical_number(double number, std::string& out);
/// Order of member names in canonical JSON.
bool member_less(std::string_view left, std::string_view right);

/// Reads and writes anew: the canonical text.
std::string canonical(std::string_view text, Limits limits = {});

}  // namespace reeve::json
