#include "base/json_fault.h"

#include <charconv>
#include <set>
#include <utility>

namespace reeve::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_utf8(std::string& out, unsigned code_point) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80U) {
    put(code_point);
  } else if (code_point < 0x800U) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000U) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

// The length of the code point at the front of the text, or 0 when it is not UTF-8.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  return simdjson::validate_utf8(text.data(), std::min(length, text.size())) && length <= text.size() ? length
                                                                                                      : 0;
}

// Walks the text once. Every function takes what it is named after from the text, or records the fault and
// returns false.
class Scanner {
 public:
  Scanner(std::string_view text, Limits limits, std::optional<std::string_view> target = {})
      : text_(text), limits_(limits), target_(target) {}

  void run() {
    if (text_.size() > limits_.bytes_max) {
      too_much(limits_.bytes_max, "more than " + std::to_string(limits_.bytes_max) + " bytes");
      return;
    }
    space();
    found_ = at_;
    if (!value(0)) return;
    space();
    if (at_ < text_.size()) fail(at_, "something after its value");
  }

  std::optional<Fault> take_fault() { return std::move(fault_); }
  std::size_t found() const { return found_; }

 private:
  bool fail(std::size_t offset, std::string what, std::string remedy = {}) {
    fault_ = Fault{ErrorCode::invalid_input, offset, pointer_, std::move(what), std::move(remedy)};
    return false;
  }

  bool too_much(std::size_t offset, std::string what) {
    fault_ = Fault{ErrorCode::limit_exceeded, offset, pointer_, std::move(what), {}};
    return false;
  }

  bool unexpected() {
    if (at_ >= text_.size()) return fail(at_, "an unexpected end");
    return fail(at_,
                utf8_length(text_.substr(at_)) == 0 ? "bytes that are not UTF-8" : "an unexpected character");
  }

  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool skip(char c) {
    if (!peek(c)) return false;
    ++at_;
    return true;
  }

  bool value(int depth) {
    if (at_ >= text_.size()) return unexpected();
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      if (depth >= limits_.depth_max) {
        return too_much(at_, "more than " + std::to_string(limits_.depth_max) + " levels");
      }
      return c == '{' ? object(depth + 1) : array(depth + 1);
    }
    if (c == '"') {
      std::string ignored;
      return string(ignored);
    }
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view literal : {"true", "false", "null"}) {
      if (text_.substr(at_, literal.size()) == literal) {
        at_ += literal.size();
        return true;
      }
    }
    return unexpected();
  }

  bool object(int depth) {
    ++at_;
    space();
    if (skip('}')) return true;
    std::set<std::string, std::less<>> names;
    const std::size_t length = pointer_.size();
    while (true) {
      const std::size_t start = at_;
      std::string name;
      if (!peek('"')) return unexpected();
      if (!string(name)) return false;
      append_pointer(pointer_, name);
      if (!names.insert(std::move(name)).second) return fail(start, "a member twice");
      if (target_ == pointer_) found_ = start;
      space();
      if (!skip(':')) return unexpected();
      space();
      if (!value(depth)) return false;
      pointer_.resize(length);
      space();
      if (skip('}')) return true;
      if (!skip(',')) return unexpected();
      space();
    }
  }

  bool array(int depth) {
    ++at_;
    space();
    if (skip(']')) return true;
    const std::size_t length = pointer_.size();
    for (std::size_t index = 0;; ++index) {
      append_pointer(pointer_, std::to_string(index));
      if (target_ == pointer_) found_ = at_;
      if (!value(depth)) return false;
      pointer_.resize(length);
      space();
      if (skip(']')) return true;
      if (!skip(',')) return unexpected();
      space();
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20U) {
        return fail(at_, "a control character in text", "escape it");
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) return fail(at_, "text that is not UTF-8");
      out.append(text_, at_, length);
      at_ += length;
    }
    return fail(at_, "an unexpected end");
  }

  bool escape(std::string& out) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    if (at_ >= text_.size()) return fail(start, "an unexpected end");
    const char letter = text_[at_++];
    if (letter != 'u') {
      const std::size_t index = letters.find(letter);
      if (index == std::string_view::npos) return fail(start, "an unknown escape in text");
      out += meanings[index];
      return true;
    }
    unsigned code_point = 0;
    if (!four_digits(code_point)) return fail(start, "an unknown escape in text");
    if (code_point == 0) return fail(start, "U+0000 in text", "leave it out; text has no such character");
    if (code_point >= 0xD800U && code_point < 0xE000U) {
      unsigned low = 0;
      const bool paired = code_point < 0xDC00U && text_.substr(at_, 2) == "\\u";
      if (paired) at_ += 2;
      if (!paired || !four_digits(low) || low < 0xDC00U || low >= 0xE000U) {
        return fail(start, "half a surrogate pair in text");
      }
      code_point = 0x10000U + ((code_point - 0xD800U) << 10U) + (low - 0xDC00U);
    }
    append_utf8(out, code_point);
    return true;
  }

  bool four_digits(unsigned& code_unit) {
    if (text_.size() - at_ < 4) return false;
    code_unit = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_digit(text_[at_++]);
      if (digit < 0) return false;
      code_unit = code_unit * 16U + static_cast<unsigned>(digit);
    }
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  bool number() {
    const std::size_t start = at_;
    bool is_integer = true;
    skip('-');
    if (!skip('0') && !digits()) return fail(start, "a malformed number");
    if (skip('.')) {
      is_integer = false;
      if (!digits()) return fail(start, "a malformed number");
    }
    if (skip('e') || skip('E')) {
      is_integer = false;
      if (!skip('-')) skip('+');
      if (!digits()) return fail(start, "a malformed number");
    }
    // What follows a number must not be a part of one: 01, 1.2.3, 1x.
    if (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(text_[at_]) == std::string_view::npos) {
      return fail(start, "a malformed number");
    }
    const std::string_view token = text_.substr(start, at_ - start);
    static const char* const remedy = "write it as a string of decimal digits";
    if (is_integer) {
      std::int64_t integer = 0;
      const auto result = std::from_chars(token.data(), token.data() + token.size(), integer);
      constexpr auto max = static_cast<std::int64_t>(integer_max);
      if (result.ec == std::errc() && integer >= -max && integer <= max) return true;
      return fail(start, "an integer beyond 2^53", remedy);
    }
    // The reader's own parser decides what is too large, so that both agree.
    simdjson::dom::parser parser;
    double real = 0;
    if (parser.parse(token.data(), token.size()).get(real) != simdjson::SUCCESS) {
      return fail(start, "a number beyond the range of a double", remedy);
    }
    if (is_beyond_integers(real)) return fail(start, "an integer beyond 2^53", remedy);
    return true;
  }

  std::string_view text_;
  Limits limits_;
  std::optional<std::string_view> target_;
  std::size_t at_ = 0;
  std::size_t found_ = 0;
  std::string pointer_;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<Fault> find_fault(std::string_view text, Limits limits) {
  Scanner scanner(text, limits);
  scanner.run();
  return scanner.take_fault();
}

std::size_t offset_of(std::string_view text, std::string_view pointer) {
  Scanner scanner(text, {.bytes_max = text.size(), .depth_max = Limits{}.depth_max}, pointer);
  scanner.run();
  return scanner.found();
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return std::string(text.substr(0, size)) + "...";
}

}  // namespace reeve::json
