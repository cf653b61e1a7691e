#pragma once
// The way into an account: passwords and sessions.

#include <reeve/access.h>
#include <reeve/ledger.h>
#include <reeve/rate_limits.h>
#include <reeve/sessions.h>

#include <optional>
#include <string>
#include <string_view>

namespace whispyrkeep {

/// What is shared by all accounts; none of it is null.
struct DoorServices {
  reeve::RateLimits* limits = nullptr;  ///< those that the blueprint declares (reeve::read_limits)
  reeve::Access* access = nullptr;      ///< hashes passwords; they are stored in the account
  reeve::Sessions* sessions = nullptr;
};

struct LogIn {
  std::string token;                             ///< of the session, shown this once; '' without one
  std::optional<reeve::Rejection> refused = {};  ///< why there is none
};

/// Thread-safe as its ledger is; must not outlive it, nor the services.
class Door {
 public:
  /// `account` is the ledger's name in its directory.
  Door(reeve::Ledger& ledger, std::string account, const DoorServices& services)
      : ledger_(ledger), account_(std::move(account)), services_(services) {}

  /// Within the limits `log_ins` and `log_ins_from`, which are asked before a password is compared. Code denied for an address that is
  /// not this account's as for a wrong password, after as long; limit_exceeded; unavailable when nobody can say. A
  /// password that was hashed more cheaply than is asked for now is hashed anew.
  LogIn log_in(std::string_view email, std::string_view password, std::string_view address);
  /// Whose a token is, which is thereby used. Nothing when the session has ended, was revoked, or is of another account.
  std::optional<std::string> user_of(std::string_view token);
  bool log_out(std::string_view token);

  /// The hash that register_user takes.
  std::string hash(std::string_view password);
  /// Ends all sessions of the user, that of who asks too.
  reeve::Outcome change_password(const std::string& user_id, std::string_view password);

 private:
  reeve::Outcome store_hash(const std::string& user_id, const std::string& hash);

  reeve::Ledger& ledger_;
  std::string account_;
  DoorServices services_;
};

}  // namespace whispyrkeep
