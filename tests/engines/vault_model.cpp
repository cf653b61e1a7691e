#include "vault_model.h"

#include <fmt/format.h>

namespace reeve::testing {

using Kind = VaultMove::Kind;

std::string VaultMove::name() const {
  switch (kind) {
    case Kind::join_owner: return "owner.joined";
    case Kind::leave_owner: return "owner.left";
    case Kind::open: return "account.opened";
    case Kind::credit: return "account.credited";
    case Kind::debit: return "account.debited";
    case Kind::move: return "account.moved";
    case Kind::close: return "account.closed";
    case Kind::withdraw: return "withdraw";
    case Kind::transfer: return "transfer";
    case Kind::pay_all: return "pay_all";
    case Kind::join_pair: return "pair.joined";
    case Kind::join_member: return "member.joined";
    case Kind::give_badge: return "badge.given";
    case Kind::end_day: return "day.ended";
  }
  return {};
}

std::string VaultMove::payload() const {
  switch (kind) {
    case Kind::join_owner: return fmt::format(R"({{"owner_id":"{}","name":"{} of {}"}})", one, one, amount);
    case Kind::leave_owner: return fmt::format(R"({{"owner_id":"{}"}})", one);
    case Kind::open: return fmt::format(R"({{"account_id":"{}","owner_id":"{}"}})", one, other);
    case Kind::credit:
    case Kind::debit:
    case Kind::withdraw: return fmt::format(R"({{"account_id":"{}","amount":{}}})", one, amount);
    case Kind::move:
    case Kind::transfer:
      return fmt::format(R"({{"from_id":"{}","to_id":"{}","amount":{}}})", one, other, amount);
    case Kind::close: return fmt::format(R"({{"account_id":"{}"}})", one);
    case Kind::pay_all: return fmt::format(R"({{"amount":{}}})", amount);
    case Kind::join_pair: return fmt::format(R"({{"one":"{}","other":"{}"}})", one, other);
    case Kind::join_member: return fmt::format(R"({{"member_id":"{}","partner_id":"{}"}})", one, other);
    case Kind::give_badge:
      return fmt::format(R"({{"owner_id":"{}","number":{},"label":"{}"}})", one, amount, other);
    case Kind::end_day: return "{}";
  }
  return {};
}

VaultMove VaultModel::draw(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t count) { return random() % count; };
  const auto account = [&] { return fmt::format("a{}", below(30)); };
  const auto owner = [&] { return fmt::format("o{}", below(6)); };
  const auto member = [&] { return fmt::format("m{}", below(4'000)); };
  const auto amount = static_cast<std::int64_t>(1 + below(50));
  const std::uint64_t kind = below(1'000);
  if (kind < 20) return {Kind::join_owner, owner(), {}, amount};
  if (kind < 23) return {Kind::leave_owner, owner(), {}, 0};
  if (kind < 150) return {Kind::open, account(), owner(), 0};
  if (kind < 400) return {Kind::credit, account(), {}, amount};
  if (kind < 550) return {Kind::debit, account(), {}, amount};
  if (kind < 650) return {Kind::move, account(), account(), amount};
  if (kind < 680) return {Kind::close, account(), {}, 0};
  if (kind < 760) return {Kind::withdraw, account(), {}, amount};
  if (kind < 860) return {Kind::transfer, account(), account(), amount};
  if (kind < 864) return {Kind::pay_all, {}, {}, amount % 3 + 1};
  if (kind < 900) return {Kind::join_pair, member(), member(), 0};
  if (kind < 940) return {Kind::join_member, member(), member(), 0};
  if (kind < 990) return {Kind::give_badge, owner(), fmt::format("badge {}", below(20'000)), amount * 7};
  return {Kind::end_day, {}, {}, 0};
}

bool VaultModel::holds(const std::string& account, std::int64_t amount) const {
  const auto found = accounts_.find(account);
  return found != accounts_.end() && found->second.balance >= amount;
}

bool VaultModel::accepts(const VaultMove& move) const {
  switch (move.kind) {
    case Kind::join_owner: return !owners_.contains(move.one);
    case Kind::leave_owner: return owners_.contains(move.one);
    case Kind::open: return !accounts_.contains(move.one) && owners_.contains(move.other);
    case Kind::credit: return accounts_.contains(move.one);
    case Kind::debit:
    case Kind::withdraw: return holds(move.one, move.amount);
    // To itself it is worth as much more while the amount is looked for.
    case Kind::move: return holds(move.one, move.one == move.other ? 0 : move.amount);
    case Kind::close: return accounts_.contains(move.one) && !holds(move.one, 1);
    case Kind::transfer: return holds(move.one, move.amount) && accounts_.contains(move.other);
    case Kind::pay_all:
    case Kind::end_day: return true;
    case Kind::join_pair:
      return move.one != move.other && !members_.contains(move.one) && !members_.contains(move.other);
    case Kind::join_member:
      return !members_.contains(move.one) && (move.one == move.other || members_.contains(move.other));
    case Kind::give_badge: return !badges_.contains({move.one, move.amount}) && !labels_.contains(move.other);
  }
  return false;
}

void VaultModel::play(const VaultMove& move) {
  switch (move.kind) {
    case Kind::join_owner: owners_.insert(move.one); break;
    case Kind::leave_owner:
      owners_.erase(move.one);
      std::erase_if(accounts_, [&](const auto& entry) { return entry.second.owner == move.one; });
      break;
    case Kind::open: accounts_[move.one] = {move.other, 0}; break;
    case Kind::credit: accounts_[move.one].balance += move.amount; break;
    case Kind::debit:
    case Kind::withdraw: accounts_[move.one].balance -= move.amount; break;
    case Kind::move:  // to nobody it is lost
    case Kind::transfer:
      if (accounts_.contains(move.other)) accounts_[move.other].balance += move.amount;
      accounts_[move.one].balance -= move.amount;
      break;
    case Kind::close: accounts_.erase(move.one); break;
    case Kind::pay_all:
      for (auto& [name, account] : accounts_) account.balance += move.amount;
      break;
    case Kind::join_pair:
      members_[move.one] = move.other;
      members_[move.other] = move.one;
      break;
    case Kind::join_member: members_[move.one] = move.other; break;
    case Kind::give_badge:
      badges_[{move.one, move.amount}] = move.other;
      labels_.insert(move.other);
      break;
    case Kind::end_day: ++day_; break;
  }
}

std::map<std::string, std::int64_t> VaultModel::balances() const {
  std::map<std::string, std::int64_t> balances;
  for (const auto& [name, account] : accounts_) balances[name] = account.balance;
  return balances;
}

}  // namespace reeve::testing
