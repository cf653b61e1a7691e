#include "engine/array.h"

#include "engine/postgres_value.h"

namespace reeve::engine {

namespace {

void append_big_endian(std::uint64_t value, int size, std::string& out) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift & 0xffU);
  }
}

}  // namespace

Array::Array(Of of) : of_(of) { clear(); }

void Array::clear() {
  size_ = 0;
  bytes_.clear();
  append_big_endian(1, 4, bytes_);  // dimensions
  append_big_endian(1, 4, bytes_);  // there may be NULLs
  append_big_endian(of_ == Of::bigint ? oid::bigint : of_ == Of::text ? oid::text : oid::bytea, 4, bytes_);
  append_big_endian(0, 4, bytes_);  // elements: count() keeps it
  append_big_endian(1, 4, bytes_);  // number of the first
}

void Array::count() {
  ++size_;
  std::string number;
  append_big_endian(size_, 4, number);
  bytes_.replace(12, 4, number);
}

void Array::add(std::int64_t value) {
  ensure(of_ == Of::bigint, "an array is given its own type");
  append_big_endian(8, 4, bytes_);
  append_big_endian(static_cast<std::uint64_t>(value), 8, bytes_);
  count();
}

void Array::add(std::string_view value) {
  ensure(of_ != Of::bigint, "an array is given its own type");
  append_big_endian(value.size(), 4, bytes_);
  bytes_ += value;
  count();
}

void Array::add_null() {
  append_big_endian(0xffffffffU, 4, bytes_);
  count();
}

void Array::bind(Statement& statement, int parameter) const {
  statement.bind_bytes(parameter, bytes_.data(), bytes_.size());
}

}  // namespace reeve::engine
