#include "words/analyser.h"

#include <reeve/error.h>

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace reeve::words {

namespace {

/// Rules of this file; a change of any that gives other words is another number.
constexpr std::string_view rules_version = "words/1";

struct Range {
  utf8proc_int32_t first;
  utf8proc_int32_t last;
};

/// Blocks of scripts without blanks between words (Unicode's Blocks.txt): each of their letters is a word.
constexpr std::array<Range, 15> without_blanks{{
    {0x0E00, 0x0EFF},    // Thai, Lao
    {0x1000, 0x109F},    // Myanmar
    {0x1780, 0x17FF},    // Khmer
    {0x1950, 0x19DF},    // Tai Le, New Tai Lue
    {0x1A20, 0x1AAF},    // Tai Tham
    {0x2E80, 0x2FDF},    // radicals
    {0x3005, 0x3007},    // iteration mark, zero
    {0x3021, 0x3029},    // Hangzhou numerals
    {0x3031, 0x30FF},    // Hiragana, Katakana
    {0x31F0, 0x31FF},    // Katakana phonetic extensions
    {0x3400, 0x4DBF},    // unified ideographs, extension A
    {0x4E00, 0x9FFF},    // unified ideographs
    {0xF900, 0xFAFF},    // compatibility ideographs
    {0x1B000, 0x1B16F},  // Kana supplement and extensions
    {0x20000, 0x3FFFF},  // ideographs beyond the first plane
}};

/// Marks that are taken away whatever they stand on: points of Hebrew and Arabic.
constexpr std::array<Range, 5> points{
    {{0x0591, 0x05C7}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06ED}}};

/// Combining marks of no script; taken away from Latin and Greek letters.
constexpr std::array<Range, 5> accents{
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};

constexpr utf8proc_int32_t first_cyrillic = 0x0400;

template <std::size_t Count>
bool is_in(const std::array<Range, Count>& ranges, utf8proc_int32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [point](const Range& range) { return point >= range.first && point <= range.last; });
}

enum class Kind : std::uint8_t { other, letter, digit, mark, alone, apostrophe };

constexpr utf8proc_int32_t zero_width_joiner = 0x200D;
constexpr utf8proc_int32_t zero_width_non_joiner = 0x200C;
constexpr utf8proc_int32_t soft_hyphen = 0x00AD;

Kind kind_of(utf8proc_int32_t point) {
  if (point < 0x80) {
    if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z')) return Kind::letter;
    if (point >= '0' && point <= '9') return Kind::digit;
    return point == '\'' ? Kind::apostrophe : Kind::other;
  }
  if (point == 0x2019 || point == 0x02BC || point == 0xFF07) return Kind::apostrophe;
  if (point == zero_width_joiner || point == zero_width_non_joiner || point == soft_hyphen) return Kind::mark;
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return is_in(without_blanks, point) ? Kind::alone : Kind::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return Kind::digit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return Kind::mark;
    default: return Kind::other;
  }
}

/// A code point and where the next one begins; U+FFFD for a byte that begins none.
struct Point {
  utf8proc_int32_t value = 0;
  Kind kind = Kind::other;
  std::size_t end = 0;
};

Point point_at(std::string_view text, std::size_t at) {
  Point point;
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) {
    point.value = first;
    point.end = at + 1;
  } else {
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &point.value);
    if (size <= 0) {
      return {0xFFFD, Kind::other, at + 1};
    }
    point.end = at + static_cast<std::size_t>(size);
  }
  point.kind = kind_of(point.value);
  return point;
}

bool is_word(Kind kind) { return kind == Kind::letter || kind == Kind::digit; }

/// Cuts words out of a text.
class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  /// False at the end. `word` is what is folded: without an `'s`, and with the apostrophe of `80's`.
  bool next(std::size_t& begin, std::size_t& end, std::string_view& word) {
    while (at_ < text_.size()) {
      const Point point = point_at(text_, at_);
      if (point.kind == Kind::alone) {
        begin = at_;
        at_ = after_marks(point.end);
        end = at_;
        word = text_.substr(begin, end - begin);
        return true;
      }
      if (is_word(point.kind)) {
        begin = at_;
        word = run(point);
        end = at_;
        return true;
      }
      at_ = point.end;
    }
    return false;
  }

 private:
  std::size_t after_marks(std::size_t at) const {
    while (at < text_.size()) {
      const Point point = point_at(text_, at);
      if (point.kind != Kind::mark) break;
      at = point.end;
    }
    return at;
  }

  std::string_view run(const Point& first) {
    const std::size_t begin = at_;
    Point last = first;
    at_ = first.end;
    while (at_ < text_.size()) {
      const Point point = point_at(text_, at_);
      if (point.kind == Kind::apostrophe) {
        const std::size_t word_end = at_;
        if (!joins(last.kind, point.end)) {
          return text_.substr(begin, word_end - begin);
        }
        at_ = point.end;
        continue;
      }
      if (!is_word(point.kind) && point.kind != Kind::mark) break;
      if (point.kind != Kind::mark) last = point;
      at_ = point.end;
    }
    return text_.substr(begin, at_ - begin);
  }

  /// Whether the word goes on behind an apostrophe. An `'s` that ends it is passed over.
  bool joins(Kind before, std::size_t after) {
    if (after >= text_.size()) return false;
    const Point next = point_at(text_, after);
    if (before == Kind::digit) return next.kind == Kind::letter;
    if (next.value == 's' || next.value == 'S') {
      const bool ends = next.end >= text_.size() || !continues(point_at(text_, next.end).kind);
      if (ends) at_ = next.end;
    }
    return false;
  }

  static bool continues(Kind kind) { return is_word(kind) || kind == Kind::mark || kind == Kind::apostrophe; }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Cuts a term between characters.
void bound(std::string& term) {
  if (term.size() <= term_bytes_max) return;
  std::size_t size = term_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(term[size]) & 0xC0U) == 0x80U) --size;
  term.resize(size);
}

}  // namespace

const std::vector<std::string>& languages() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const char** name = sb_stemmer_list(); *name != nullptr; ++name) {
      // What snowball keeps for comparison with its predecessors is no language.
      if (std::string_view(*name) != "porter") found.emplace_back(*name);
    }
    std::sort(found.begin(), found.end());
    return found;
  }();
  return names;
}

std::string analyser_version() {
  return std::string(rules_version) + " unicode/" + utf8proc_unicode_version() + " snowball/2";
}

void Analyser::FreeStemmer::operator()(sb_stemmer* stemmer) const noexcept { sb_stemmer_delete(stemmer); }

Analyser::Analyser(const std::string& language) {
  if (language == "none") return;
  if (!std::binary_search(languages().begin(), languages().end(), language)) {
    throw Error(ErrorCode::invalid_input, "the language " + language + " is not known",
                "write none, or a language that docs/search.md names");
  }
  stemmer_.reset(sb_stemmer_new(language.c_str(), nullptr));
}

Analyser::~Analyser() = default;

/// False when nothing is left of it.
bool Analyser::fold(std::string_view word) {
  term_.clear();
  bool is_ascii = true;
  for (const char c : word) {
    if (static_cast<unsigned char>(c) >= 0x80U) {
      is_ascii = false;
      break;
    }
    if (c == '\'') continue;
    term_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (!is_ascii) fold_beyond_ascii(word);
  if (stemmer_) stem();
  bound(term_);
  return !term_.empty();
}

/// Decomposed and case folded, without accents, composed again.
void Analyser::fold_beyond_ascii(std::string_view word) {
  constexpr int decompose =
      UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  term_.clear();
  scratch_.clear();
  utf8proc_uint8_t* decomposed = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(word.data()),
                                 static_cast<utf8proc_ssize_t>(word.size()), &decomposed,
                                 static_cast<utf8proc_option_t>(decompose));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(decomposed, &std::free);
  if (size <= 0) return;
  const std::string_view folded(reinterpret_cast<const char*>(decomposed), static_cast<std::size_t>(size));
  utf8proc_int32_t base = 0;
  for (std::size_t at = 0; at < folded.size();) {
    const Point point = point_at(folded, at);
    const bool is_accent = is_in(accents, point.value);
    constexpr utf8proc_int32_t cyrillic_ie = 0x0435;
    constexpr utf8proc_int32_t diaeresis = 0x0308;
    const bool is_word_part = is_word(point.kind) || point.kind == Kind::mark || point.kind == Kind::alone;
    const bool dropped = (is_accent && base < first_cyrillic) ||
                         (point.value == diaeresis && base == cyrillic_ie) || is_in(points, point.value) ||
                         !is_word_part;
    if (!dropped) scratch_.append(folded.substr(at, point.end - at));
    if (!is_accent) base = point.value;
    at = point.end;
  }
  utf8proc_uint8_t* composed = nullptr;
  const auto composed_size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(scratch_.data()),
                                          static_cast<utf8proc_ssize_t>(scratch_.size()), &composed,
                                          static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> composed_owner(composed, &std::free);
  if (composed_size > 0) {
    term_.assign(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(composed_size));
  }
}

void Analyser::stem() {
  const sb_symbol* stemmed = sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(term_.data()),
                                             static_cast<int>(term_.size()));
  const int size = sb_stemmer_length(stemmer_.get());
  if (stemmed != nullptr && size > 0) {
    scratch_.assign(reinterpret_cast<const char*>(stemmed), static_cast<std::size_t>(size));
    std::swap(term_, scratch_);
  }
}

void Analyser::read(std::string_view text, const std::function<bool(const Word&)>& take) {
  Cutter cutter(text);
  Word word;
  std::string_view cut;
  while (cutter.next(word.begin, word.end, cut)) {
    if (!fold(cut)) continue;
    word.term = term_;
    if (!take(word)) return;
  }
}

std::vector<std::string> Analyser::terms(std::string_view text) {
  std::vector<std::string> found;
  read(text, [&](const Word& word) {
    found.emplace_back(word.term);
    return true;
  });
  return found;
}

}  // namespace reeve::words
