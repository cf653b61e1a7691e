#pragma once
// Many values as one parameter of a statement of PostgreSQL.

#include "engine/connection.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::engine {

/// A parameter of type bigint[], double precision[], text[], bytea[], uuid[] or timestamptz[] in PostgreSQL's binary form
/// (array_recv). It must live until the statement was run, sent or posted.
class Array {
 public:
  enum class Of : std::uint8_t { bigint, real, text, bytea, uuid, timestamptz };
  explicit Array(Of of);

  void add(std::int64_t value);  ///< to one of bigint
  void add(double value);        ///< to one of double precision
  /// To one of any other type. Throws Error corrupt when it is no uuid, or no time (RFC 3339) in the years 0001 to 9999.
  void add(std::string_view value);
  void add_null();
  void clear();
  std::size_t size() const { return size_; }
  void bind(Statement& statement, int parameter) const;

 private:
  void count();

  Of of_;
  std::size_t size_ = 0;
  std::string bytes_;
};

}  // namespace reeve::engine
