#pragma once
// Text as the words that search compares: cut, folded, reduced to stems (docs/search.md, "Words"). The same for rows and for
// queries, on both engines.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace reeve::words {

/// Languages whose words can be reduced, in order; without `none`.
const std::vector<std::string>& languages();
/// Of the rules and the tables of Unicode: entries made under another one are made anew.
std::string analyser_version();

/// A word, and the bytes of the text that it was made of.
struct Word {
  std::string_view term;  ///< valid during the call only
  std::size_t begin = 0;
  std::size_t end = 0;
};

inline constexpr std::size_t term_bytes_max = 64;

/// Not thread-safe.
class Analyser {
 public:
  /// `none`, or one of languages(). Throws Error invalid_input for another.
  explicit Analyser(const std::string& language);
  ~Analyser();
  Analyser(const Analyser&) = delete;
  Analyser& operator=(const Analyser&) = delete;

  /// Each word of a text, in order, until `take` answers false. Bytes that are not UTF-8 are passed over.
  void read(std::string_view text, const std::function<bool(const Word&)>& take);
  std::vector<std::string> terms(std::string_view text);

 private:
  struct FreeStemmer {
    void operator()(sb_stemmer* stemmer) const noexcept;
  };
  bool fold(std::string_view word);
  void fold_beyond_ascii(std::string_view word);
  void stem();

  std::unique_ptr<sb_stemmer, FreeStemmer> stemmer_;
  std::string term_;
  std::string scratch_;
};

}  // namespace reeve::words
