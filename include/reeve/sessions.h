#pragma once
// Who is logged in: sessions in a store of live values (docs/live.md). Where the store can't be reached nobody is.

#include <reeve/clock.h>
#include <reeve/live.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// Every member has an initializer, so that naming a few of them is no warning.
struct SessionOptions {
  Microseconds idle = Microseconds{30} * 60 * 1'000'000;  ///< it ends so long after it was used
  Microseconds longest =
      Microseconds{12} * 60 * 60 * 1'000'000;  ///< and so long after it began, however it is used
  /// Uses closer than this to the last that was noted are not, which saves writing: a session then ends by as much too early.
  Microseconds noted_every = Microseconds{60} * 1'000'000;
  Clock* clock = nullptr;    ///< the store's; null: the system's
  Random* random = nullptr;  ///< null: the system's
};

struct Session {
  std::string id;  ///< for revoke(); whoever has it can't log in with it
  std::string user;
  std::string ledger;
  Microseconds created = 0;
  Microseconds last_seen = 0;
  Microseconds ends = 0;  ///< unless it is used again
  std::string metadata;
};

/// The token is shown this once: stored is its hash.
struct CreatedSession {
  std::string token;
  Session session;
};

/// Thread-safe. Throws Error as the store does, and invalid_input beyond the bounds.
class Sessions {
 public:
  static constexpr std::size_t name_bytes_max = 200;  ///< of a user (at least 1) and of a ledger
  static constexpr std::size_t metadata_bytes_max = 4'096;

  /// The store must outlive it.
  explicit Sessions(live::Store& store, const SessionOptions& options = {});

  CreatedSession create(std::string_view user, std::string_view ledger = {}, std::string_view metadata = {});
  /// The session of a token, which is thereby used. Nothing for any other text, and for one that has ended or was revoked.
  std::optional<Session> find(std::string_view token);
  /// By token or by id; false when there is none.
  bool revoke(std::string_view token_or_id);
  /// Those that the user has now; how many there were.
  std::int64_t revoke_all(std::string_view user, std::string_view ledger = {});
  std::vector<Session> list(std::string_view user, std::string_view ledger = {});
  /// Everybody's, in order of their ids, behind one of them.
  std::vector<Session> list_all(std::size_t limit = 100, std::string_view after = {});

 private:
  live::Store& store_;
  SessionOptions options_;
  Clock& clock_;
  Random& random_;
};

}  // namespace reeve
