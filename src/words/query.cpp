#include "words/query.h"

#include "words/analyser.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

namespace reeve::words {

namespace {

constexpr std::string_view quotes[] = {"\"", "\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB"};

/// The bytes of a quote that begins here, or 0.
std::size_t quote_at(std::string_view text) {
  for (const std::string_view quote : quotes) {
    if (text.starts_with(quote)) return quote.size();
  }
  return 0;
}

/// The bytes of a blank that begins here, or 0.
std::size_t blank_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first <= ' ' || first == 0x7F) return 1;
  if (first < 0x80) return 0;
  utf8proc_int32_t point = 0;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &point);
  if (size <= 0) return 1;  // a byte that is no text separates
  const utf8proc_category_t category = utf8proc_category(point);
  const bool is_blank = category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
                        category == UTF8PROC_CATEGORY_ZP;
  return is_blank ? static_cast<std::size_t>(size) : 0;
}

bool is_or(std::string_view word) {
  return word.size() == 2 && (word[0] == 'o' || word[0] == 'O') && (word[1] == 'r' || word[1] == 'R');
}

class QueryReader {
 public:
  QueryReader(std::string_view text, const std::string& language)
      : rest_(text.substr(0, query_bytes_max)), analyser_(language), plain_("none") {
    query_.was_cut = text.size() > query_bytes_max;
  }

  Query read() {
    while (!rest_.empty()) {
      if (const std::size_t blank = blank_at(rest_)) {
        rest_.remove_prefix(blank);
        continue;
      }
      read_item();
    }
    // Twice the same asks for no more than once.
    std::vector<std::vector<Unit>> once;
    for (std::vector<Unit>& units : query_.wanted) {
      if (std::find(once.begin(), once.end(), units) == once.end()) once.push_back(std::move(units));
    }
    query_.wanted = std::move(once);
    return std::move(query_);
  }

 private:
  void read_item() {
    const bool excluded = rest_.size() > 1 && rest_.front() == '-' && blank_at(rest_.substr(1)) == 0;
    if (excluded) rest_.remove_prefix(1);
    std::string_view item;
    bool quoted = false;
    if (const std::size_t quote = quote_at(rest_)) {
      rest_.remove_prefix(quote);
      item = quoted_item();
      quoted = true;
    } else {
      item = plain_item();
    }
    bool is_prefix = false;
    if (quoted && rest_.starts_with('*')) {
      rest_.remove_prefix(1);
      is_prefix = true;
    } else if (!quoted && item.ends_with('*')) {
      is_prefix = true;
    }
    if (!quoted && !excluded && is_or(item) && !query_.wanted.empty()) {
      joins_ = follows_wanted_;
      return;
    }
    take(item, is_prefix, excluded);
  }

  std::string_view quoted_item() {
    std::size_t end = 0;
    while (end < rest_.size() && quote_at(rest_.substr(end)) == 0) ++end;
    const std::string_view item = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!rest_.empty()) rest_.remove_prefix(quote_at(rest_));
    return item;
  }

  std::string_view plain_item() {
    std::size_t end = 0;
    while (end < rest_.size() && blank_at(rest_.substr(end)) == 0 && quote_at(rest_.substr(end)) == 0) {
      ++end;
      // A byte within a character begins no blank and no quote.
      while (end < rest_.size() && (static_cast<unsigned char>(rest_[end]) & 0xC0U) == 0x80U) ++end;
    }
    const std::string_view item = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return item;
  }

  void take(std::string_view item, bool is_prefix, bool excluded) {
    Unit unit;
    std::string_view last;
    analyser_.read(item, [&](const Word& word) {
      if (terms_ == query_terms_max) {
        query_.was_cut = true;
        return false;
      }
      ++terms_;
      unit.terms.emplace_back(word.term);
      last = item.substr(word.begin, word.end - word.begin);
      return true;
    });
    const bool joins = std::exchange(joins_, false);
    if (unit.terms.empty()) return;
    if (is_prefix) {
      unit.is_prefix = true;
      shorten(unit.terms.back(), last);
    }
    follows_wanted_ = !excluded;
    if (excluded) {
      add(query_.excluded, std::move(unit));
    } else if (joins) {
      add(query_.wanted.back(), std::move(unit));
    } else {
      query_.wanted.push_back({std::move(unit)});
    }
  }

  static void add(std::vector<Unit>& units, Unit unit) {
    if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(std::move(unit));
  }

  /// What is typed of a word is no word yet: what its stem and itself begin with alike.
  void shorten(std::string& stem, std::string_view typed) {
    const std::vector<std::string> folded = plain_.terms(typed);
    if (folded.size() != 1) return;
    auto [end, other] = std::mismatch(stem.begin(), stem.end(), folded[0].begin(), folded[0].end());
    while (end != stem.end() && end != stem.begin() && (static_cast<unsigned char>(*end) & 0xC0U) == 0x80U) {
      --end;
    }
    if (end != stem.begin()) stem.erase(end, stem.end());
  }

  std::string_view rest_;
  Analyser analyser_;
  Analyser plain_;
  Query query_;
  std::size_t terms_ = 0;
  bool joins_ = false;           ///< `or` was the item before
  bool follows_wanted_ = false;  ///< the unit before is no excluded one: `or` may join
};

}  // namespace

std::string Unit::to_string() const {
  std::string out = terms.size() > 1 ? "\"" : "";
  for (const std::string& term : terms) {
    out += &term == &terms.front() ? "" : " ";
    out += term;
  }
  out += terms.size() > 1 ? "\"" : "";
  return out + (is_prefix ? "*" : "");
}

Query read_query(std::string_view text, const std::string& language) {
  return QueryReader(text, language).read();
}

namespace {

/// More words of a text are not looked at for a snippet.
constexpr std::size_t snippet_words_max = 20'000;

struct Shown {
  std::string term;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_hit = false;
};

/// (place of its first word, place of its last, unit) of each unit in the text.
struct Found {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t unit = 0;
};

std::vector<Found> find_units(const Query& query, std::vector<Shown>& words) {
  std::vector<Found> found;
  std::size_t number = 0;
  for (const std::vector<Unit>& units : query.wanted) {
    for (const Unit& unit : units) {
      const std::size_t size = unit.terms.size();
      for (std::size_t at = 0; at + size <= words.size(); ++at) {
        std::size_t place = 0;
        while (place < size && unit.has(place, words[at + place].term)) ++place;
        if (place < size) continue;
        for (std::size_t i = at; i < at + size; ++i) words[i].is_hit = true;
        found.push_back({at, at + size - 1, number});
      }
      ++number;
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Found& left, const Found& right) { return left.first < right.first; });
  return found;
}

/// The first word of the window with the most different units.
std::pair<std::size_t, std::size_t> best_window(const std::vector<Found>& found, std::size_t words_max) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  for (std::size_t begin = 0; begin < found.size(); ++begin) {
    std::vector<std::size_t> units;
    for (std::size_t i = begin; i < found.size() && found[i].first < found[begin].first + words_max; ++i) {
      if (found[i].last >= found[begin].first + words_max) continue;
      if (std::find(units.begin(), units.end(), found[i].unit) == units.end()) units.push_back(found[i].unit);
    }
    if (units.size() > best.second) best = {found[begin].first, units.size()};
    if (begin > 2'000) break;
  }
  return best;
}

}  // namespace

namespace {

/// More bytes than these between two words, or of a word, are not shown.
constexpr std::size_t gap_bytes_max = 64;
constexpr std::size_t word_bytes_max = 256;

bool is_inside(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string start_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  while (bytes_max > 0 && is_inside(text[bytes_max])) --bytes_max;
  return std::string(text.substr(0, bytes_max)) + "…";
}

std::string end_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t begin = text.size() - bytes_max;
  while (begin < text.size() && is_inside(text[begin])) ++begin;
  return "…" + std::string(text.substr(begin));
}

}  // namespace

Snippet make_snippet(std::string_view text, const Query& query, const std::string& language,
                     const SnippetOptions& options) {
  std::vector<Shown> words;
  Analyser analyser(language);
  analyser.read(text, [&](const Word& word) {
    words.push_back({std::string(word.term), word.begin, word.end, false});
    return words.size() < snippet_words_max;
  });
  Snippet snippet;
  if (words.empty()) return snippet;
  const std::size_t words_max = std::max<std::size_t>(options.words_max, 1);
  const std::vector<Found> found = find_units(query, words);
  auto [first, units] = best_window(found, words_max);
  snippet.units = units;
  // A few words before the first hit say what it is about.
  const std::size_t before = std::min<std::size_t>(first, words_max / 6);
  std::size_t begin = first - before;
  std::size_t end = std::min(words.size(), begin + words_max);
  begin = end - std::min(end, words_max) < begin ? end - std::min(end, words_max) : begin;
  snippet.text = begin > 0 ? "…" : "";
  std::size_t at = begin > 0 ? words[begin].begin : 0;
  for (std::size_t i = begin; i < end; ++i) {
    const std::string_view gap = text.substr(at, words[i].begin - at);
    snippet.text += i == begin ? end_of(gap, gap_bytes_max) : start_of(gap, gap_bytes_max);
    const std::string_view shown = text.substr(words[i].begin, words[i].end - words[i].begin);
    snippet.text += words[i].is_hit ? options.mark_begin : "";
    snippet.text += start_of(shown, word_bytes_max);
    snippet.text += words[i].is_hit ? options.mark_end : "";
    at = words[i].end;
  }
  snippet.text += end < words.size() ? "…" : start_of(text.substr(at), gap_bytes_max);
  return snippet;
}

}  // namespace reeve::words
