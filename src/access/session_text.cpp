#include "access/session_text.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reeve::access {

namespace {

constexpr std::size_t tag_digits = 32;
constexpr std::size_t secret_digits = 64;
constexpr char format = '1';

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

[[noreturn]] void refuse() {
  throw Error(ErrorCode::corrupt, "a stored session is not what was written",
              "revoke it; is another program using the same keys?");
}

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    refuse();
  }
  return number;
}

std::string_view take_field(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || colon > 6) {
    refuse();
  }
  const std::int64_t size = number_of(rest.substr(0, colon));
  rest.remove_prefix(colon + 1);
  if (size < 0 || static_cast<std::size_t>(size) >= rest.size() ||
      rest[static_cast<std::size_t>(size)] != ',') {
    refuse();
  }
  const std::string_view field = rest.substr(0, static_cast<std::size_t>(size));
  rest.remove_prefix(field.size() + 1);
  return field;
}

}  // namespace

OwnerTag owner_tag(std::string_view user, std::string_view ledger) {
  const Digest digest = Hasher("reeve.session.owner").text(ledger).text(user).finish();
  OwnerTag tag;
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

Digest hash_of(const SessionSecret& secret) {
  return Hasher("reeve.session").raw(secret.data(), secret.size()).finish();
}

std::string keys_of(const OwnerTag& owner) { return fmt::format("{}{}/", session_prefix, to_hex(owner)); }

SessionName::SessionName(const OwnerTag& owner, const Digest& hash)
    : owner_(to_hex(owner)), half_(to_hex(hash).substr(0, tag_digits)) {}

std::optional<SessionName> SessionName::of_id(std::string_view id) {
  if (id.size() != 2 * tag_digits + 1 || id[tag_digits] != '.' || !is_hex(id.substr(0, tag_digits)) ||
      !is_hex(id.substr(tag_digits + 1))) {
    return std::nullopt;
  }
  SessionName name;
  name.owner_ = id.substr(0, tag_digits);
  name.half_ = id.substr(tag_digits + 1);
  return name;
}

std::optional<SessionName> SessionName::of_key(std::string_view key) {
  if (!key.starts_with(session_prefix)) {
    return std::nullopt;
  }
  std::string id(key.substr(session_prefix.size()));
  std::replace(id.begin(), id.end(), '/', '.');
  return of_id(id);
}

std::string SessionName::key() const { return fmt::format("{}{}/{}", session_prefix, owner_, half_); }

std::string SessionName::token(const SessionSecret& secret) const {
  return fmt::format("{}.{}", owner_, to_hex(secret));
}

std::optional<PresentedToken> read_token(std::string_view token) {
  if (token.size() != tag_digits + 1 + secret_digits || token[tag_digits] != '.' ||
      !is_hex(token.substr(0, tag_digits))) {
    return std::nullopt;
  }
  const std::optional<Digest> secret = digest_from_hex(token.substr(tag_digits + 1));
  if (!secret) {
    return std::nullopt;
  }
  const Digest hash = hash_of(*secret);
  const std::string half = to_hex(hash).substr(0, tag_digits);
  return PresentedToken{*SessionName::of_id(fmt::format("{}.{}", token.substr(0, tag_digits), half)), hash};
}

std::string encode(const StoredSession& session) {
  std::string out(1, format);
  for (const std::string& field :
       {to_hex(session.hash), session.user, session.ledger, std::to_string(session.created),
        std::to_string(session.last_seen), session.metadata}) {
    out += fmt::format("{}:{},", field.size(), field);
  }
  return out;
}

StoredSession decode(std::string_view value) {
  if (!value.starts_with(format)) {
    refuse();
  }
  std::string_view rest = value.substr(1);
  StoredSession session;
  const std::optional<Digest> hash = digest_from_hex(take_field(rest));
  if (!hash) {
    refuse();
  }
  session.hash = *hash;
  session.user = take_field(rest);
  session.ledger = take_field(rest);
  session.created = number_of(take_field(rest));
  session.last_seen = number_of(take_field(rest));
  session.metadata = take_field(rest);
  if (!rest.empty()) {
    refuse();
  }
  return session;
}

}  // namespace reeve::access
