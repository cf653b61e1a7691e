#pragma once
// What a vault (state/vault_test.h) is after a row of submissions, said a second time and simply.

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace reeve::testing {

/// One submission, as it is made and as the model understands it.
struct Intent {
  bool is_command = false;
  std::string name;
  std::string payload;
  std::string one;          ///< the owner or account it is about
  std::string other;        ///< the account that receives; the owner of a new account; a label
  std::int64_t number = 0;  ///< an amount, or a badge's number
};

class VaultModel {
 public:
  /// A submission that may be accepted or not.
  static Intent draw(std::mt19937_64& random);

  /// How many events it makes, and the state with them; -1 when it is rejected.
  std::int64_t apply(const Intent& intent);

  /// Rows as the vault's queries give them, a line each.
  std::string accounts() const;
  std::string owners() const;
  std::int64_t day() const { return day_; }
  std::int64_t head = 0;

 private:
  struct Account {
    std::string owner;
    std::int64_t balance = 0;
  };
  std::int64_t transfer(const Intent& intent);

  std::map<std::string, Account> accounts_;
  std::set<std::string> owners_;
  std::set<std::pair<std::string, std::int64_t>> badges_;
  std::set<std::string> labels_;
  std::int64_t day_ = 1;
};

}  // namespace reeve::testing
