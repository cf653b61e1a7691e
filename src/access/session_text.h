#pragma once
// Sessions as text (docs/live.md): tokens, ids, keys, and what is stored. Inside this module only.

#include "base/hash.h"

#include <reeve/clock.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::access {

using SessionSecret = std::array<std::uint8_t, 32>;

/// What the keys of one user's sessions begin with, so that they are found together: of user and ledger. It names neither, but who guesses both can tell.
using OwnerTag = std::array<std::uint8_t, 16>;
OwnerTag owner_tag(std::string_view user, std::string_view ledger);

Digest hash_of(const SessionSecret& secret);

inline constexpr std::string_view session_prefix = "session/";
std::string keys_of(const OwnerTag& owner);

/// Of a session: whose it is, and half of its secret's hash. The other half is compared when it was found.
class SessionName {
 public:
  SessionName(const OwnerTag& owner, const Digest& hash);
  static std::optional<SessionName> of_id(std::string_view id);
  static std::optional<SessionName> of_key(std::string_view key);

  std::string id() const { return owner_ + "." + half_; }
  std::string key() const;
  std::string token(const SessionSecret& secret) const;

 private:
  SessionName() = default;
  std::string owner_;  ///< in hexadecimal digits, as the next
  std::string half_;
};

struct PresentedToken {
  SessionName name;
  Digest hash;
};
/// Nothing unless it has the form of one.
std::optional<PresentedToken> read_token(std::string_view token);

struct StoredSession {
  Digest hash{};
  std::string user;
  std::string ledger;
  Microseconds created = 0;
  Microseconds last_seen = 0;
  std::string metadata;
};
/// `1`, then netstrings (D. J. Bernstein, 1997): hash in hexadecimal digits, user, ledger, created, last seen, metadata.
std::string encode(const StoredSession& session);
/// Throws Error corrupt.
StoredSession decode(std::string_view value);

}  // namespace reeve::access
