#pragma once
// Passwords of subjects, and signing in (docs/access.md).

#include "access/lockouts.h"
#include "access/password_hasher.h"
#include "access/store.h"

#include <reeve/access.h>

#include <string>
#include <string_view>

namespace reeve::access {

/// Thread-safe. The promises are those of Access (reeve/access.h).
class Passwords {
 public:
  /// All of them outlive it.
  Passwords(StorePool& pool, PasswordHasher& hasher, Lockouts& lockouts, Clock& clock)
      : pool_(pool), hasher_(hasher), lockouts_(lockouts), clock_(clock) {}

  void set(std::string_view subject, std::string_view password);
  bool erase(std::string_view subject);
  SignIn sign_in(std::string_view subject, std::string_view password, std::string_view source);

 private:
  PasswordCheck compare(std::string_view subject, std::string_view password, std::string& hash);
  bool rehash(std::string_view subject, std::string_view password, std::string_view old_hash);

  StorePool& pool_;
  PasswordHasher& hasher_;
  Lockouts& lockouts_;
  Clock& clock_;
};

}  // namespace reeve::access
