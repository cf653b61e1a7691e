#pragma once
// A scanner of JSON objects so plain that their text shows every value: what most queries are asked with.

#include <array>
#include <cstdint>
#include <string_view>

namespace reeve::state {

/// Takes one token after the other. Whatever is not plain makes it answer false; a real reader of JSON then
/// says whether the text is right at all.
class PlainScanner {
 public:
  explicit PlainScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// Takes a punctuation mark, with the space before it.
  bool mark(char letter) {
    if (at_ != end_ && *at_ == letter) {
      ++at_;
      return true;
    }
    return mark_after_space(letter);
  }
  bool at_end() {
    skip_space();
    return at_ == end_;
  }
  /// The first byte of the next token, NUL at the end.
  char peek() {
    skip_space();
    return at_ == end_ ? '\0' : *at_;
  }
  /// A string of printable ASCII without escapes.
  bool string(std::string_view& value) {
    if (!mark('"')) {
      return false;
    }
    const char* at = at_;
    while (at != end_ && is_plain[static_cast<unsigned char>(*at)]) {
      ++at;
    }
    if (at == end_ || *at != '"') {
      return false;
    }
    value = {at_, static_cast<std::size_t>(at - at_)};
    at_ = at + 1;
    return true;
  }
  /// An integer of at most 15 digits, so one that a double holds too.
  bool integer(std::int64_t& value) {
    const bool negative = mark('-');
    const char* from = at_;
    value = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - from < 16) {
      value = value * 10 + (*at_++ - '0');
    }
    const auto digits = at_ - from;
    if (digits == 0 || digits > 15 || (digits > 1 && *from == '0') || !ends_token()) {
      return false;
    }
    value = negative ? -value : value;
    return true;
  }
  /// `true`, `false` or `null`.
  bool word(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - at_) < expected.size() ||
        std::string_view(at_, expected.size()) != expected) {
      return false;
    }
    at_ += expected.size();
    return ends_token();
  }

 private:
  /// Printable ASCII that ends no string and escapes nothing.
  static constexpr std::array<bool, 256> is_plain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7F; ++byte) {
      plain[byte] = byte != '"' && byte != '\\';
    }
    return plain;
  }();

  bool mark_after_space(char letter) {
    skip_space();
    if (at_ == end_ || *at_ != letter) {
      return false;
    }
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) {
      ++at_;
    }
  }
  bool ends_token() const {
    return at_ != end_ &&
           (*at_ == ',' || *at_ == '}' || *at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r');
  }

  const char* at_;
  const char* end_;
};

}  // namespace reeve::state
