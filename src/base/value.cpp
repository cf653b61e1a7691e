#include "base/value.h"

#include <bit>

namespace reeve {

ValueView ValueView::of(const Value& value) {
  struct Visitor {
    ValueView operator()(const Null&) const { return {}; }
    ValueView operator()(std::int64_t integer) const { return of(integer); }
    ValueView operator()(double real) const { return of(real); }
    ValueView operator()(const std::string& text) const { return of(std::string_view(text)); }
    ValueView operator()(const Bytes& bytes) const { return of_bytes(bytes.data(), bytes.size()); }
  };
  return std::visit(Visitor{}, value);
}

Value ValueView::to_value() const {
  switch (kind_) {
    case Kind::null: return Null{};
    case Kind::integer: return integer_;
    case Kind::real: return real_;
    case Kind::text: return std::string(text());
    case Kind::bytes: {
      const std::string_view bytes = text();
      const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
      return Bytes(first, first + bytes.size());
    }
  }
  return Null{};
}

bool ValueView::operator==(const ValueView& other) const {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::null: return true;
    case Kind::integer: return integer_ == other.integer_;
    case Kind::real: {
      const auto left = std::bit_cast<std::uint64_t>(real_);
      const auto right = std::bit_cast<std::uint64_t>(other.real_);
      // Both are a zero of either sign when nothing but the sign bit is set in either.
      return left == right || ((left | right) << 1U) == 0;
    }
    case Kind::text:
    case Kind::bytes: return text() == other.text();
  }
  return false;
}

}  // namespace reeve
