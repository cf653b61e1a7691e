#pragma once
// API tokens as they are stored (docs/access.md).

#include "access/store.h"

#include <reeve/access.h>

#include <string_view>
#include <vector>

namespace reeve::access {

/// Thread-safe. The promises are those of Access (reeve/access.h).
class Tokens {
 public:
  /// All of them outlive it.
  Tokens(StorePool& pool, Clock& clock, Random& random) : pool_(pool), clock_(clock), random_(random) {}

  CreatedToken create(const NewToken& token);
  Authorization authorize(std::string_view token, std::string_view ledger, Verb verb);
  std::vector<TokenEntry> list();
  bool revoke(std::string_view id);

 private:
  void note_use(std::string_view id, Microseconds hour);

  StorePool& pool_;
  Clock& clock_;
  Random& random_;
};

}  // namespace reeve::access
