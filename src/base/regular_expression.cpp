#include "base/regular_expression.h"

#include <reeve/error.h>

#include <re2/re2.h>

#include <map>
#include <memory>
#include <utility>

namespace reeve {
namespace {

/// Statements have few patterns; should a program have many, the cache begins anew.
constexpr std::size_t compiled_max = 64;

const RE2& compiled(const std::string& pattern, bool longest) {
  thread_local std::map<std::pair<std::string, bool>, std::unique_ptr<RE2>> cache;
  const auto found = cache.find({pattern, longest});
  if (found != cache.end()) return *found->second;
  RE2::Options options;
  options.set_dot_nl(true);
  options.set_longest_match(longest);
  options.set_log_errors(false);
  auto made = std::make_unique<RE2>(pattern, options);
  if (!made->ok()) throw Error(ErrorCode::invalid_input, "invalid regular expression: " + made->error());
  if (cache.size() >= compiled_max) cache.clear();
  return *cache.emplace(std::pair(pattern, longest), std::move(made)).first->second;
}

}  // namespace

bool matches(std::string_view text, const std::string& pattern) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled(pattern, false));
}

std::string replace_matches(std::string_view text, const std::string& pattern, std::string_view replacement,
                            bool all) {
  const RE2& expression = compiled(pattern, true);
  const re2::StringPiece whole(text.data(), text.size());
  std::string out;
  std::size_t copied = 0;
  std::size_t from = 0;
  re2::StringPiece found;
  while (from <= text.size() && expression.Match(whole, from, text.size(), RE2::UNANCHORED, &found, 1)) {
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    out += text.substr(copied, begin - copied);
    out += replacement;
    copied = begin + found.size();
    if (!all) break;
    from = copied;
    if (found.empty()) {
      // One letter on, or the same would be found again.
      ++from;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0U) == 0x80U) ++from;
    }
  }
  return out += text.substr(copied);
}

}  // namespace reeve
