#include "vectors/lexical_embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace reeve::vectors {

namespace {

/// FNV-1a, with splitmix64's end so that all bits depend on all bytes. Part of version 1 of the model.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<std::uint8_t>(c) >= 0x80;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (is_of_word(c)) {
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

/// Where characters begin, and the end.
std::vector<std::size_t> character_starts(std::string_view word) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < word.size(); ++at) {
    if ((static_cast<std::uint8_t>(word[at]) & 0xc0) != 0x80) starts.push_back(at);
  }
  starts.push_back(word.size());
  return starts;
}

constexpr double part_weight = 0.5;

}  // namespace

LexicalEmbedder::LexicalEmbedder(std::size_t dimensions) {
  if (dimensions < 16 || dimensions > dimensions_max) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} dimensions of a lexical vector", dimensions),
                fmt::format("16 to {}", dimensions_max));
  }
  model_ = {"lexical", "1", dimensions, false};
}

Embedding LexicalEmbedder::of(std::string_view text) const {
  if (std::string fault = fault_of_text(text); !fault.empty()) return lasting_failure(std::move(fault));
  // Sorted, so that sums are taken in one order.
  std::map<std::uint64_t, std::pair<int, bool>> features;
  for (const std::string& word : words_of(text)) {
    features.try_emplace(hash_of(word), 0, true).first->second.first += 1;
    const std::string framed = "<" + word + ">";
    const std::vector<std::size_t> starts = character_starts(framed);
    for (std::size_t length = 3; length <= 5; ++length) {
      for (std::size_t first = 0; first + length < starts.size(); ++first) {
        const std::string_view part =
            std::string_view(framed).substr(starts[first], starts[first + length] - starts[first]);
        features.try_emplace(hash_of(part), 0, false).first->second.first += 1;
      }
    }
  }
  if (features.empty()) return lasting_failure("the text has no word");
  std::vector<double> sums(model_.dimensions);
  for (const auto& [hash, feature] : features) {
    const double weight = std::sqrt(static_cast<double>(feature.first)) * (feature.second ? 1 : part_weight);
    sums[(hash >> 1) % sums.size()] += (hash & 1) != 0 ? weight : -weight;
  }
  Embedding made;
  for (const double sum : sums) made.vector.push_back(static_cast<float>(sum));
  if (!normalize(made.vector)) return lasting_failure("the words of the text cancel each other out");
  return made;
}

std::vector<Embedding> LexicalEmbedder::embed(std::span<const std::string_view> texts) {
  std::vector<Embedding> all;
  all.reserve(texts.size());
  for (const std::string_view text : texts) all.push_back(of(text));
  return all;
}

}  // namespace reeve::vectors
