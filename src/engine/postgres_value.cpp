#include "engine/postgres_value.h"

#include "base/clock.h"
#include "sql/functions_internal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace reeve::engine {

namespace {

template <typename Integer>
Integer read_big_endian(const char* data) {
  std::make_unsigned_t<Integer> bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    bits = static_cast<decltype(bits)>(bits << 8U | static_cast<unsigned char>(data[i]));
  }
  return static_cast<Integer>(bits);
}

constexpr std::int64_t days_to_2000 = 10957;  // from 1970-01-01
constexpr std::int64_t day_microseconds = 86'400'000'000;
constexpr std::int64_t day_min = -719162;  // 0001-01-01, from 1970-01-01
constexpr std::int64_t day_max = 2932896;  // 9999-12-31

void append_uuid(const char* data, std::string& out) {
  constexpr char digits[] = "0123456789abcdef";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      out += '-';
    }
    const auto byte = static_cast<unsigned char>(data[i]);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

/// jsonb writes a large double with all its digits (1e21 as 1 and 21 zeros), which would read as an integer
/// that canonical JSON has not. Marks such numbers as doubles; true when there was one.
bool mark_long_numbers(std::string_view text, std::string& out) {
  constexpr std::size_t digits_min = 22;
  out.clear();
  bool in_string = false;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string) {
      in_string = c != '"';
      i += c == '\\' ? 2 : 1;
      continue;
    }
    in_string = c == '"';
    if (c < '0' || c > '9') {
      ++i;
      continue;
    }
    const std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      ++i;
    }
    const bool integral = i == text.size() || (text[i] != '.' && text[i] != 'e' && text[i] != 'E');
    const bool fraction = from > 0 && (text[from - 1] == '.' || text[from - 1] == 'e' ||
                                       text[from - 1] == 'E' || text[from - 1] == '+');
    if (integral && !fraction && i - from >= digits_min) {
      out += text.substr(copied, i - copied);
      out += "e0";
      copied = i;
    }
  }
  if (copied == 0) {
    return false;
  }
  out += text.substr(copied);
  return true;
}

}  // namespace

std::int16_t read_int16(const char* data) { return read_big_endian<std::int16_t>(data); }
std::int32_t read_int32(const char* data) { return read_big_endian<std::int32_t>(data); }
std::int64_t read_int64(const char* data) { return read_big_endian<std::int64_t>(data); }

PostgresDecoder::PostgresDecoder() : reader_({.bytes_max = 512U * 1024 * 1024, .depth_max = 1000}) {}

bool PostgresDecoder::decode_json(std::string_view text, std::string& place, ValueView& value) {
  const std::string_view marked = mark_long_numbers(text, json_text_) ? std::string_view(json_text_) : text;
  place.clear();
  try {
    json::append_canonical(reader_.read(marked), place);
  } catch (const Error&) {
    return false;  // JSON that is not I-JSON: a name twice, an integer beyond 2^53
  }
  value = ValueView::of(std::string_view(place));
  return true;
}

bool PostgresDecoder::decode(Oid type, std::string_view data, std::string& place, ValueView& value) {
  switch (type) {
    case oid::boolean: value = ValueView::of(static_cast<std::int64_t>(data[0] != 0)); return true;
    case oid::smallint: value = ValueView::of(std::int64_t{read_int16(data.data())}); return true;
    case oid::integer: value = ValueView::of(std::int64_t{read_int32(data.data())}); return true;
    case oid::bigint: value = ValueView::of(read_int64(data.data())); return true;
    case oid::double_precision: {
      const auto real = std::bit_cast<double>(read_int64(data.data()));
      value = ValueView::of(real);
      return std::isfinite(real);
    }
    case oid::text:
    case oid::varchar:
    case oid::name: value = ValueView::of(data); return true;
    case oid::bytea: value = ValueView::of_bytes(data.data(), data.size()); return true;
    case oid::uuid:
      place.clear();
      append_uuid(data.data(), place);
      value = ValueView::of(std::string_view(place));
      return true;
    case oid::date: {
      const std::int64_t day = std::int64_t{read_int32(data.data())} + days_to_2000;
      if (day < day_min || day > day_max) {
        return false;
      }
      place = sql::date_of(day);
      value = ValueView::of(std::string_view(place));
      return true;
    }
    case oid::timestamptz: {
      const std::int64_t time = read_int64(data.data());
      // Checked before anything is added: the infinities are the ends of the range.
      if (time < (day_min - days_to_2000) * day_microseconds ||
          time >= (day_max + 1 - days_to_2000) * day_microseconds) {
        return false;
      }
      place = format_time(Microseconds{time + days_to_2000 * day_microseconds});
      value = ValueView::of(std::string_view(place));
      return true;
    }
    case oid::json: return decode_json(data, place, value);
    case oid::jsonb: return data.size() > 1 && data[0] == 1 && decode_json(data.substr(1), place, value);
    default: return false;
  }
}

void PostgresParameters::own(std::string_view bytes, int format) {
  owned_.back() = buffer_.size() + 1;
  buffer_ += bytes;
  buffer_ += '\0';
  lengths_.back() = static_cast<int>(bytes.size());
  formats_.back() = format;
}

void PostgresParameters::own_integer(std::uint64_t bits) {
  char bytes[8];
  for (int i = 7; i >= 0; --i) {
    bytes[i] = static_cast<char>(bits & 0xffU);
    bits >>= 8U;
  }
  own({bytes, sizeof bytes}, 1);
}

void PostgresParameters::encode_one(int number, const ValueView& value, Oid type) {
  const auto refuse = [number](std::string_view what) {
    throw Error(ErrorCode::type_mismatch, fmt::format("parameter {} {}", number, what));
  };
  const bool bytes = value.kind() == ValueView::Kind::bytes;
  constexpr std::array takes_as_bytes{
      oid::bytea,        oid::bigint_array, oid::text_array,       oid::bytea_array,
      oid::double_array, oid::uuid_array,   oid::timestamptz_array};  // arrays as array.h writes them
  const bool takes_bytes =
      std::find(takes_as_bytes.begin(), takes_as_bytes.end(), type) != takes_as_bytes.end();
  if (!value.is_null() && bytes != takes_bytes) {
    refuse(bytes ? "takes no bytes" : "takes nothing but bytes");
  }
  char text[40];
  switch (value.kind()) {
    case ValueView::Kind::null: return;
    case ValueView::Kind::integer:
      if (type == oid::bigint) {
        return own_integer(static_cast<std::uint64_t>(value.integer()));
      }
      return own({text, static_cast<std::size_t>(
                            std::to_chars(text, text + sizeof text, value.integer()).ptr - text)},
                 0);
    case ValueView::Kind::real:
      if (type == oid::double_precision) {
        return own_integer(std::bit_cast<std::uint64_t>(value.real()));
      }
      return own(
          {text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, value.real()).ptr - text)},
          0);
    case ValueView::Kind::text:
      if (value.text().find('\0') != std::string_view::npos) {
        refuse("holds U+0000, which no text may");
      }
      if (type != oid::text && type != oid::varchar && type != oid::name && type != oid::json) {
        return own(value.text(), 0);
      }
      break;
    case ValueView::Kind::bytes: break;
  }
  // Texts and bytes go as they are. A null pointer would be NULL: the empty text must stay one.
  values_.back() = value.text().data() != nullptr ? value.text().data() : "";
  lengths_.back() = static_cast<int>(value.text().size());
  formats_.back() = 1;
}

void PostgresParameters::encode(std::span<const ValueView> values, std::span<const Oid> types) {
  values_.clear();
  lengths_.clear();
  formats_.clear();
  owned_.clear();
  buffer_.clear();
  for (std::size_t i = 0; i < types.size(); ++i) {
    values_.push_back(nullptr);
    lengths_.push_back(0);
    formats_.push_back(0);
    owned_.push_back(0);
    encode_one(static_cast<int>(i) + 1, i < values.size() ? values[i] : ValueView{}, types[i]);
  }
  for (std::size_t i = 0; i < owned_.size(); ++i) {
    if (owned_[i] != 0) {
      values_[i] = buffer_.data() + owned_[i] - 1;
    }
  }
}

}  // namespace reeve::engine
