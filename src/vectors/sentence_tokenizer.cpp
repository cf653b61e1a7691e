#include "vectors/sentence_tokenizer.h"

#include "base/json.h"
#include "base/utf8.h"
#include "words/normal_form.h"

#include <algorithm>

namespace reeve::vectors {

namespace {

/// The first six are marks of the model's own, and no pieces of a text.
constexpr std::uint32_t reserved = 6;
constexpr char32_t separator = 0x2581;
constexpr std::size_t vocabulary_bytes_max = 16 * 1024 * 1024;

[[noreturn]] void refuse() {
  throw Error(ErrorCode::corrupt, "the vocabulary of the sentence encoder is not one",
              "remove its folder and fetch it again (./dev setup)");
}

/// Precondition: valid UTF-8.
std::u32string code_points_of(std::string_view text) {
  std::u32string all;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0) == 0x80) {
      all.back() = all.back() << 6 | (byte & 0x3fU);
    } else {
      // The first byte has as many bits as fit: seven, five, four or three.
      all += byte < 0x80 ? byte : byte < 0xe0 ? byte & 0x1fU : byte < 0xf0 ? byte & 0x0fU : byte & 0x07U;
    }
  }
  return all;
}

}  // namespace

SentenceTokenizer::SentenceTokenizer(std::string_view vocabulary_json) {
  json::Reader reader({.bytes_max = vocabulary_bytes_max});
  simdjson::dom::array pieces;
  if (reader.read(vocabulary_json).get(pieces) != simdjson::SUCCESS) refuse();
  for (const simdjson::dom::element element : pieces) {
    std::string_view text;
    double score = 0;
    // Some pieces have no probability, and the encoder's tokenizer reckons with 0.
    const auto probability = element.at(1);
    if (element.at(0).get(text) != simdjson::SUCCESS || probability.error() != simdjson::SUCCESS ||
        (!probability.is_null() && probability.get(score) != simdjson::SUCCESS)) {
      refuse();
    }
    if (text.empty() || !is_valid_utf8(text)) refuse();
    const std::u32string piece = code_points_of(text);
    const auto number = static_cast<std::uint32_t>(lengths_.size());
    lengths_.push_back(static_cast<std::uint32_t>(piece.size()));
    if (number >= reserved) insert(piece, score, number);
  }
  if (lengths_.size() <= reserved) refuse();
}

std::uint32_t SentenceTokenizer::child(std::uint32_t node, char32_t symbol) const {
  const auto found = children_.find(std::uint64_t{node} << 32 | symbol);
  return found == children_.end() ? 0 : found->second;
}

void SentenceTokenizer::insert(const std::u32string& piece, double score, std::uint32_t number) {
  std::uint32_t node = 0;
  for (const char32_t symbol : piece) {
    std::uint32_t next = child(node, symbol);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      children_[std::uint64_t{node} << 32 | symbol] = next;
    }
    node = next;
  }
  nodes_[node] = {score, number};
}

std::vector<std::uint32_t> SentenceTokenizer::pieces(std::string_view text) const {
  ensure(is_valid_utf8(text), "a tokenizer is given UTF-8");
  std::u32string symbols = code_points_of(words::compatibility_form(text));
  if (symbols.empty()) return {};
  std::replace(symbols.begin(), symbols.end(), U' ', separator);
  symbols.insert(symbols.begin(), separator);
  // The best way to each place, and the piece that ends it. A place that none reaches has score 0 and piece 0, the unknown
  // one, and so has an unknown symbol: the encoder's tokenizer does not tell them apart either.
  std::vector<double> best(symbols.size() + 1);
  std::vector<std::uint32_t> last(symbols.size() + 1);
  const auto offer = [&](std::size_t from, std::size_t to, double score, std::uint32_t piece) {
    const double whole = score + best[from];
    if (best[to] == 0 || whole >= best[to]) {
      best[to] = whole;
      last[to] = piece;
    }
  };
  // Ways to a place are compared when all ways to the places before it are known, those from the first place first.
  for (std::size_t from = 0; from < symbols.size(); ++from) {
    bool is_known = false;
    std::uint32_t node = 0;
    for (std::size_t to = from; to < symbols.size(); ++to) {
      node = child(node, symbols[to]);
      if (node == 0) break;
      if (nodes_[node].piece == 0) continue;
      offer(from, to + 1, nodes_[node].score, nodes_[node].piece);
      is_known = true;
    }
    if (!is_known) offer(from, from + 1, 0, 0);
  }
  std::vector<std::uint32_t> found;
  for (std::size_t at = symbols.size(); at > 0;) {
    const std::uint32_t piece = last[at];
    if (piece != 0 || found.empty() || found.back() != 0) found.push_back(piece);
    at -= std::min<std::size_t>(at, lengths_[piece]);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace reeve::vectors
