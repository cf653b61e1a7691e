#pragma once
// PostgreSQL's values in binary format as Reeve's, and Reeve's as parameters. Inside this module only.

#include "base/json.h"
#include "base/value.h"

#include <libpq-fe.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::engine {

/// Identifiers of PostgreSQL's own types; they never change.
namespace oid {
constexpr Oid boolean = 16;
constexpr Oid bytea = 17;
constexpr Oid name = 19;
constexpr Oid bigint = 20;
constexpr Oid smallint = 21;
constexpr Oid integer = 23;
constexpr Oid text = 25;
constexpr Oid json = 114;
constexpr Oid double_precision = 701;
constexpr Oid varchar = 1043;
constexpr Oid date = 1082;
constexpr Oid timestamptz = 1184;
constexpr Oid uuid = 2950;
constexpr Oid jsonb = 3802;
constexpr Oid bytea_array = 1001;
constexpr Oid text_array = 1009;
constexpr Oid bigint_array = 1016;
constexpr Oid double_array = 1022;
constexpr Oid timestamptz_array = 1185;
constexpr Oid uuid_array = 2951;
}  // namespace oid

/// Reads big-endian integers of the wire.
std::int16_t read_int16(const char* data);
std::int32_t read_int32(const char* data);
std::int64_t read_int64(const char* data);

/// Decodes values; keeps the buffers for the next.
class PostgresDecoder {
 public:
  PostgresDecoder();
  /// One value that is not NULL. Text and bytes are views into `data`; what has to be written anew goes into
  /// `place`. Empty: the type is none of Reeve's, or the value none that Reeve's type has (NaN, infinity,
  /// a year above 9999).
  bool decode(Oid type, std::string_view data, std::string& place, ValueView& value);

 private:
  bool decode_json(std::string_view text, std::string& place, ValueView& value);

  json::Reader reader_;
  std::string json_text_;
};

/// The parameters of one execution in the form that libpq takes. Keeps its buffers. Texts of the values must
/// live until the execution was sent.
class PostgresParameters {
 public:
  /// Throws type_mismatch: text or numbers for a bytea, bytes for anything else, U+0000 in text.
  void encode(std::span<const ValueView> values, std::span<const Oid> types);

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void encode_one(int number, const ValueView& value, Oid type);
  void own(std::string_view bytes, int format);
  void own_integer(std::uint64_t bits);

  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::size_t> owned_;  ///< 1 + the place in buffer_; 0: not in it
  std::string buffer_;
};

}  // namespace reeve::engine
