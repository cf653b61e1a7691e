#include "base/regular_expression.h"

#include <reeve/error.h>

#include <re2/re2.h>

#include <map>
#include <memory>

namespace reeve {
namespace {

/// Statements have few patterns; should a program have many, the cache begins anew.
constexpr std::size_t compiled_max = 64;

const RE2& compiled(const std::string& pattern) {
  thread_local std::map<std::string, std::unique_ptr<RE2>> cache;
  const auto found = cache.find(pattern);
  if (found != cache.end()) return *found->second;
  RE2::Options options;
  options.set_dot_nl(true);
  options.set_log_errors(false);
  auto made = std::make_unique<RE2>(pattern, options);
  if (!made->ok()) throw Error(ErrorCode::invalid_input, "invalid regular expression: " + made->error());
  if (cache.size() >= compiled_max) cache.clear();
  return *cache.emplace(pattern, std::move(made)).first->second;
}

}  // namespace

bool matches(std::string_view text, const std::string& pattern) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled(pattern));
}

}  // namespace reeve
