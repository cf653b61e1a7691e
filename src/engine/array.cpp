#include "engine/array.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "engine/postgres_value.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <array>
#include <bit>

namespace reeve::engine {

namespace {

void append_big_endian(std::uint64_t value, int size, std::string& out) {
  std::array<char, 8> bytes{};
  for (int place = 0; place < size; ++place) {
    bytes[static_cast<std::size_t>(place)] = static_cast<char>(value >> (8 * (size - 1 - place)) & 0xffU);
  }
  out.append(bytes.data(), static_cast<std::size_t>(size));
}

Oid type_of(Array::Of of) {
  switch (of) {
    case Array::Of::bigint: return oid::bigint;
    case Array::Of::real: return oid::double_precision;
    case Array::Of::text: return oid::text;
    case Array::Of::uuid: return oid::uuid;
    case Array::Of::timestamptz: return oid::timestamptz;
    case Array::Of::bytea: break;
  }
  return oid::bytea;
}

constexpr Microseconds from_1970_to_2000 = 946'684'800'000'000;

[[noreturn]] void refuse(std::string_view value, std::string_view type) {
  throw Error(ErrorCode::corrupt, fmt::format("{} is no {}", value.substr(0, 40), type),
              "run `reeve verify`");
}

}  // namespace

Array::Array(Of of) : of_(of) { clear(); }

void Array::clear() {
  size_ = 0;
  bytes_.clear();
  append_big_endian(1, 4, bytes_);  // dimensions
  append_big_endian(1, 4, bytes_);  // there may be NULLs
  append_big_endian(type_of(of_), 4, bytes_);
  append_big_endian(0, 4, bytes_);  // elements: count() keeps it
  append_big_endian(1, 4, bytes_);  // number of the first
}

void Array::count() {
  ++size_;
  for (std::size_t place = 0; place < 4; ++place) {
    bytes_[12 + place] = static_cast<char>(size_ >> (24 - 8 * place) & 0xffU);
  }
}

void Array::add(std::int64_t value) {
  ensure(of_ == Of::bigint, "an array is given its own type");
  append_big_endian(8, 4, bytes_);
  append_big_endian(static_cast<std::uint64_t>(value), 8, bytes_);
  count();
}

void Array::add(double value) {
  ensure(of_ == Of::real, "an array is given its own type");
  append_big_endian(8, 4, bytes_);
  append_big_endian(std::bit_cast<std::uint64_t>(value), 8, bytes_);
  count();
}

void Array::add(std::string_view value) {
  ensure(of_ != Of::bigint && of_ != Of::real, "an array is given its own type");
  switch (of_) {
    case Of::uuid: {
      const auto bytes = bytes_of_uuid(value);
      if (!bytes) {
        refuse(value, "uuid");
      }
      append_big_endian(bytes->size(), 4, bytes_);
      bytes_.append(bytes->begin(), bytes->end());
      break;
    }
    case Of::timestamptz: {
      const auto time = parse_time(value);
      if (!time) {
        refuse(value, "time");
      }
      append_big_endian(8, 4, bytes_);
      append_big_endian(static_cast<std::uint64_t>(*time - from_1970_to_2000), 8, bytes_);
      break;
    }
    default: append_big_endian(value.size(), 4, bytes_); bytes_ += value;
  }
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
