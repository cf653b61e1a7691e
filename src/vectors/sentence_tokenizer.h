#pragma once
// The pieces of a text as the sentence encoder knows them: the most probable path through a vocabulary of pieces with a
// probability each (Kudo, "Subword Regularization", 2018; a unigram model), as the encoder's own tokenizer finds it.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reeve::vectors {

class SentenceTokenizer {
 public:
  /// Pieces and the logarithms of their probabilities, as the vocabulary's JSON has them. Throws Error corrupt when it is
  /// something else.
  explicit SentenceTokenizer(std::string_view vocabulary_json);
  /// The numbers of the pieces, after Unicode's form NFKC. Precondition: valid UTF-8.
  std::vector<std::uint32_t> pieces(std::string_view text) const;
  std::size_t size() const { return lengths_.size(); }

 private:
  struct Node {
    double score = 0;
    std::uint32_t piece = 0;  ///< 0: none ends here
  };
  std::uint32_t child(std::uint32_t node, char32_t symbol) const;
  void insert(const std::u32string& piece, double score, std::uint32_t number);

  std::vector<std::uint32_t> lengths_;  // of the pieces, in code points
  std::vector<Node> nodes_{Node{}};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;
};

}  // namespace reeve::vectors
