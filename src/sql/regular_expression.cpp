// The pattern is parsed and written anew, so that nothing passes of which the two engines think otherwise.

#include "sql/regular_expression.h"

#include "base/regular_expression.h"
#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>
#include <functional>

namespace reeve::sql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Pattern {
 public:
  Pattern(std::string_view text, bool ignore_case) : text_(text), ignore_case_(ignore_case) {}

  std::string translated() {
    if (text_.starts_with("***")) refuse("a pattern's director ***", "leave it out");
    std::string out = text_.empty() ? "" : alternatives(0);
    if (place_ < text_.size()) refuse("a ) without its (", "\\)");
    return out;
  }

 private:
  [[noreturn]] static void refuse(const std::string& what, const std::string& remedy) {
    throw PatternRefused(what, remedy);
  }
  bool at_end() const { return place_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[place_]; }

  std::string alternatives(int depth) {
    if (depth > 50) refuse("a pattern of so many parentheses", "fewer of them");
    std::string out = branch(depth);
    while (peek() == '|') {
      ++place_;
      out += '|' + branch(depth);
    }
    return out;
  }

  std::string branch(int depth) {
    std::string out;
    while (!at_end() && peek() != '|' && peek() != ')') out += quantified(depth);
    if (out.empty()) refuse("an alternative that is empty", "(...)?");
    return out;
  }

  std::string quantified(int depth) {
    const bool anchor = peek() == '^' || peek() == '$';
    std::string out = atom(depth);
    const char c = peek();
    if (c != '*' && c != '+' && c != '?' && c != '{') return out;
    if (anchor) refuse("a quantifier of an anchor", "leave it out");
    if (c == '{') {
      out += bounds();
    } else {
      out += c;
      ++place_;
    }
    if (peek() == '?') {  // Whether a text matches is the same.
      ++place_;
    }
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{')
      refuse("a quantifier of a quantifier", "(...)* around it");
    return out;
  }

  int number() {
    int value = 0;
    const std::size_t start = place_;
    while (is_digit(peek()) && value <= 255) value = value * 10 + (text_[place_++] - '0');
    if (place_ == start || value > 255)
      refuse("bounds that are no numbers to 255", "{2}, {2,} or {2,5}; a brace: \\{");
    return value;
  }

  std::string bounds() {
    ++place_;
    const int low = number();
    std::string out = "{" + std::to_string(low);
    if (peek() == ',') {
      ++place_;
      out += ',';
      if (peek() != '}') {
        const int high = number();
        if (high < low) refuse("bounds in the wrong order", "the smaller first");
        out += std::to_string(high);
      }
    }
    if (peek() != '}') refuse("bounds without their end", "{2,5}; a brace: \\{");
    ++place_;
    return out + '}';
  }

  std::string atom(int depth) {
    const char c = peek();
    switch (c) {
      case '^':
      case '$':
      case '.': ++place_; return std::string(1, c);
      case '(': return group(depth);
      case '[': return bracket();
      case '\\': return literal(escaped());
      case '*':
      case '+':
      case '?':
      case '{': refuse("a quantifier of nothing", "a backslash before it, if it means itself");
      default: return literal(code_point());
    }
  }

  std::string group(int depth) {
    ++place_;
    if (text_.substr(place_).starts_with("?:")) {
      place_ += 2;
    } else if (peek() == '?') {
      refuse("(? of a pattern",
             "(...), (?:...), ~* for either case; for what must not follow a second condition");
    }
    std::string out = "(?:" + alternatives(depth + 1);
    if (peek() != ')') refuse("a ( without its )", "\\(");
    ++place_;
    return out + ")";
  }

  /// The bytes of one code point.
  std::string code_point() {
    std::size_t size = 1;
    while (place_ + size < text_.size() && (static_cast<unsigned char>(text_[place_ + size]) & 0xc0) == 0x80)
      ++size;
    std::string out(text_.substr(place_, size));
    place_ += size;
    return out;
  }

  /// Behind a backslash only what is neither letter nor digit means itself.
  std::string escaped() {
    ++place_;
    const char c = peek();
    if (at_end() || is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80)
      refuse(std::string("the escape \\") + (at_end() ? "" : std::string(1, c)),
             "[0-9] for \\d, [A-Za-z0-9_] for \\w, [ ] for \\s, ^ and $ for \\A and \\Z");
    return code_point();
  }

  static std::string quoted(const std::string& point) {
    const bool plain = point.size() > 1 || is_letter(point[0]) || is_digit(point[0]) || point[0] == '_' ||
                       static_cast<unsigned char>(point[0]) < ' ' || point[0] == ' ';
    return plain ? point : "\\" + point;
  }

  std::string literal(const std::string& point) {
    if (!ignore_case_) return quoted(point);
    if (point.size() > 1)
      refuse("a letter beyond ASCII with ~*", "lower(...) ~ and a pattern in small letters");
    if (!is_letter(point[0])) return quoted(point);
    const char other = static_cast<char>(point[0] ^ 0x20);
    return "[" + point + other + "]";
  }

  std::string bracket_point() {
    const char c = peek();
    if (at_end()) refuse("a [ without its ]", "\\[");
    if (c == '[') refuse("classes like [:alpha:]", "[A-Za-z]; a bracket: \\[");
    std::string point = c == '\\' ? escaped() : code_point();
    if (ignore_case_ && point.size() > 1)
      refuse("a letter beyond ASCII with ~*", "lower(...) ~ and a pattern in small letters");
    return point;
  }

  std::string bracket() {
    ++place_;
    std::string out = "[";
    if (peek() == '^') {
      ++place_;
      out += '^';
    }
    if (peek() == ']') refuse("a ] at the beginning of [...]", "\\]");
    bool first = true;
    while (peek() != ']') {
      const bool is_dash = peek() == '-';
      const std::string low = bracket_point();
      const bool last = peek() == ']';
      if (is_dash && !last && (!first || peek() == '-')) refuse("a - within [...]", "\\-");
      first = false;
      if (peek() != '-' || text_.substr(place_).starts_with("-]")) {
        out += member(low);
        continue;
      }
      ++place_;
      const std::string high = bracket_point();
      if (high < low) refuse("a range in the wrong order", "the smaller first");  // UTF-8 keeps the order.
      out += range(low, high);
    }
    ++place_;
    return out + "]";
  }

  std::string member(const std::string& point) const {
    std::string out = quoted(point);
    if (ignore_case_ && is_letter(point[0])) out += static_cast<char>(point[0] ^ 0x20);
    return out;
  }

  std::string range(const std::string& low, const std::string& high) const {
    std::string out = quoted(low) + "-" + quoted(high);
    if (!ignore_case_) return out;
    const auto add = [&](char from, char to) {
      const char first = std::max(from, low[0]);
      const char last = std::min(to, high[0]);
      if (first <= last)
        out += std::string(1, static_cast<char>(first ^ 0x20)) + "-" + static_cast<char>(last ^ 0x20);
    };
    add('a', 'z');
    add('A', 'Z');
    return out;
  }

  std::string_view text_;
  bool ignore_case_;
  std::size_t place_ = 0;
};

}  // namespace

std::string to_re2(std::string_view pattern, bool ignore_case) {
  std::string out = Pattern(pattern, ignore_case).translated();
  try {
    matches("", out);
  } catch (const Error&) {
    throw PatternRefused("a pattern of this size", "smaller bounds");
  }
  return out;
}

namespace {

/// A constant pattern in RE2's syntax. Throws Error at the place.
std::string pattern_of(const Expr& given, bool ignore_case,
                       const std::function<void(std::string, std::string)>& refuse) {
  if (!given.literal)
    refuse("the pattern of a regular expression is a constant here",
           "LIKE or strpos() for what comes with the statement");
  try {
    return to_re2(*given.literal, ignore_case);
  } catch (const PatternRefused& refused) {
    refuse(std::string(refused.what()) + " is not supported in a regular expression", refused.remedy);
  }
  return {};
}

}  // namespace

Expr Analyser::regular_match(const std::string& op, Expr left, Expr right, int location) {
  if (left.open()) left = coerce(std::move(left), Type::text, Cast::implicit);
  if (left.type != Type::text) refuse(location, "operator " + op + " takes text", "cast it: (...)::text");
  const std::string pattern =
      pattern_of(right, op.ends_with('*'),
                 [&](const std::string& what, const std::string& remedy) { refuse(location, what, remedy); });
  plain_only(location, "a regular expression", "compare with substr(), strpos(), replace()");
  const std::string call = "reeve_regular_match(" + left.sql.sqlite + ", " + quoted_text(pattern) + ")";
  return combine(
      {op[0] == '!' ? "(NOT " + call + ")" : call,
       "((" + left.sql.postgres + " COLLATE \"C\") " + op + " " + quoted_text(*right.literal) + ")"},
      Type::boolean, {&left}, location);
}

/// regexp_like(text, pattern [, 'i']), regexp_replace(text, pattern, replacement [, flags]).
Expr Analyser::regular_call(const std::string& name, std::vector<Expr> arguments, int location) {
  const std::size_t least = name == "regexp_like" ? 2 : 3;
  if (arguments.size() < least || arguments.size() > least + 1)
    refuse(location,
           name + "() takes a text, a pattern" + (least == 3 ? ", a replacement and flags" : " and flags"));
  const std::string flags = arguments.size() > least ? arguments[least].literal.value_or("?") : "";
  if (flags.find_first_not_of(least == 3 ? "gi" : "i") != std::string::npos || flags.size() > least - 1)
    refuse(location, name + "() takes " + (least == 3 ? "the flags 'g' and 'i'" : "the flag 'i'") + " only",
           "another pattern");
  const bool ignore_case = flags.find('i') != std::string::npos;
  Expr text = std::move(arguments[0]);
  if (least == 2)
    return regular_match(ignore_case ? "~*" : "~", std::move(text), std::move(arguments[1]), location);
  if (text.open()) text = coerce(std::move(text), Type::text, Cast::implicit);
  if (text.type != Type::text) refuse(location, name + "() takes text", "cast it: (...)::text");
  const std::string pattern =
      pattern_of(arguments[1], ignore_case,
                 [&](const std::string& what, const std::string& remedy) { refuse(location, what, remedy); });
  if (!arguments[2].literal || arguments[2].literal->find('\\') != std::string::npos)
    refuse(location, "what regexp_replace() writes is a constant without a backslash here",
           "replace(), split_part() and substr() for parts of what was found");
  plain_only(location, "a regular expression", "compare with substr(), strpos(), replace()");
  const std::string replacement = quoted_text(*arguments[2].literal);
  const bool all = flags.find('g') != std::string::npos;
  return combine(
      {"reeve_regular_replace(" + text.sql.sqlite + ", " + quoted_text(pattern) + ", " + replacement +
           (all ? ", 1)" : ", 0)"),
       "regexp_replace((" + text.sql.postgres + " COLLATE \"C\"), " + quoted_text(*arguments[1].literal) +
           ", " + replacement + ", " + quoted_text(flags) + ")"},
      Type::text, {&text}, location);
}

}  // namespace reeve::sql
