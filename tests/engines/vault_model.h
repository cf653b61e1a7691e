#pragma once
// What the vault (with moves) must be after any stream of submissions: no SQL, no code shared with Reeve.

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace reeve::testing {

/// One submission: an event, or a command of the blueprint.
struct VaultMove {
  enum class Kind : std::uint8_t {
    join_owner,
    leave_owner,
    open,
    credit,
    debit,
    move,
    close,
    withdraw,  ///< from here on commands
    transfer,
    pay_all,
    join_pair,  ///< from here on events again
    join_member,
    give_badge,
    end_day,
  };
  Kind kind = Kind::credit;
  std::string one;  ///< account, owner or member
  std::string other;
  std::int64_t amount = 0;

  bool is_command() const {
    return kind == Kind::withdraw || kind == Kind::transfer || kind == Kind::pay_all;
  }
  std::string name() const;
  std::string payload() const;
};

class VaultModel {
 public:
  /// Some move, whether it fits or not.
  static VaultMove draw(std::mt19937_64& random);

  bool accepts(const VaultMove& move) const;
  /// Precondition: it is accepted.
  void play(const VaultMove& move);

  std::map<std::string, std::int64_t> balances() const;
  const std::set<std::string>& owners() const { return owners_; }
  const std::map<std::string, std::string>& members() const { return members_; }
  std::int64_t day() const { return day_; }

 private:
  struct Account {
    std::string owner;
    std::int64_t balance = 0;
  };
  bool holds(const std::string& account, std::int64_t amount) const;

  std::set<std::string> owners_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, std::string> members_;  ///< with their partners
  std::map<std::pair<std::string, std::int64_t>, std::string> badges_;
  std::set<std::string> labels_;
  std::int64_t day_ = 1;
};

}  // namespace reeve::testing
