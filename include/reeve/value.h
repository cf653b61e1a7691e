#pragma once
// Values as they cross the boundary of Reeve: what a column holds and a parameter takes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reeve {

using Bytes = std::vector<std::byte>;

/// SQL NULL.
struct Null {
  bool operator==(const Null&) const = default;
};

/// One owned value. Booleans are the integers 0 and 1; uuid, date, timestamptz and jsonb are text in
/// their canonical form (docs/state_hash.md). A double is never NaN or infinite.
using Value = std::variant<Null, std::int64_t, double, std::string, Bytes>;

/// The same without ownership: valid as long as what it points into (a row: until the next step).
class ValueView {
 public:
  enum class Kind : std::uint8_t { null, integer, real, text, bytes };

  ValueView() = default;
  static ValueView of(std::int64_t value) {
    ValueView view(Kind::integer);
    view.integer_ = value;
    return view;
  }
  static ValueView of(double value) {
    ValueView view(Kind::real);
    view.real_ = value;
    return view;
  }
  static ValueView of(std::string_view value) {
    ValueView view(Kind::text);
    view.data_ = value.data();
    view.size_ = value.size();
    return view;
  }
  static ValueView of_bytes(const void* data, std::size_t size) {
    ValueView view(Kind::bytes);
    view.data_ = static_cast<const char*>(data);
    view.size_ = size;
    return view;
  }
  static ValueView of(const Value& value);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  /// Precondition of each: the kind matches.
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  /// Text or bytes.
  std::string_view text() const { return {data_, size_}; }

  Value to_value() const;
  /// Same kind and same value; doubles by bit pattern, except that 0.0 equals -0.0.
  bool operator==(const ValueView& other) const;

 private:
  explicit ValueView(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::null;
  union {
    std::int64_t integer_ = 0;
    double real_;
    const char* data_;
  };
  std::size_t size_ = 0;
};

}  // namespace reeve
