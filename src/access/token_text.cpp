#include "access/token_text.h"

#include "base/base32.h"
#include "base/secret.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reeve::access {

namespace {

constexpr std::string_view prefix = "rvk_";
constexpr std::size_t id_bytes = 10;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t check_bytes = 4;
constexpr std::size_t id_size = base32_size(id_bytes);
constexpr std::size_t secret_begin = prefix.size() + id_size + 1;
constexpr std::size_t check_begin = secret_begin + base32_size(secret_bytes);
constexpr std::size_t token_size = check_begin + base32_size(check_bytes);
static_assert(token_size == 80);

std::array<std::uint8_t, check_bytes> check_of(std::string_view before) {
  const Digest digest = digest_of_secret("reeve.token.check.1", before);
  std::array<std::uint8_t, check_bytes> check{};
  std::copy_n(digest.begin(), check_bytes, check.begin());
  return check;
}

}  // namespace

CreatedToken make_token(Random& random) {
  Secret text(token_size);
  const std::span<char> characters(reinterpret_cast<char*>(text.bytes().data()), token_size);
  std::memcpy(characters.data(), prefix.data(), prefix.size());
  std::array<std::uint8_t, id_bytes> id{};
  random.fill(id);
  to_base32(id, characters.subspan(prefix.size(), id_size));
  characters[secret_begin - 1] = '_';
  Secret secret(secret_bytes);
  random.fill(secret.bytes());
  to_base32(secret.bytes(), characters.subspan(secret_begin, check_begin - secret_begin));
  to_base32(check_of(text.text().substr(0, check_begin)), characters.subspan(check_begin));
  return {std::string(text.text().substr(prefix.size(), id_size)), std::move(text)};
}

ParsedToken parse_token(std::string_view text) {
  std::array<std::uint8_t, id_bytes> id{};
  std::array<std::uint8_t, check_bytes> check{};
  if (text.size() != token_size || !text.starts_with(prefix) || text[secret_begin - 1] != '_' ||
      !from_base32(text.substr(prefix.size(), id_size), id)) {
    return {};
  }
  Secret secret(secret_bytes);
  ParsedToken parsed{.id = std::string(text.substr(prefix.size(), id_size))};
  parsed.is_mistyped = !from_base32(text.substr(secret_begin, check_begin - secret_begin), secret.bytes()) ||
                       !from_base32(text.substr(check_begin), check) ||
                       check != check_of(text.substr(0, check_begin));
  return parsed;
}

Digest hash_of_token(std::string_view text) { return digest_of_secret("reeve.token.1", text); }

// On a mismatch the last * takes one byte more: no earlier one needs to be looked at again.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t in_pattern = 0;
  std::size_t in_name = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (in_name < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      taken = in_name;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == name[in_name]) {
      ++in_pattern;
      ++in_name;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      in_name = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

}  // namespace reeve::access
