#include "simulation/model.h"

#include <fmt/format.h>

namespace reeve::testing {

Intent VaultModel::draw(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  const auto owner = [&] { return fmt::format("o{}", below(8)); };
  const auto account = [&] { return fmt::format("a{}", below(12)); };
  const auto amount = static_cast<std::int64_t>(1 + below(60));
  switch (below(20)) {
    case 0: {
      const std::string id = owner();
      return {false, "owner.joined", fmt::format(R"({{"owner_id":"{}","name":"Owner"}})", id), id, "", 0};
    }
    case 1: {
      const std::string id = owner();
      if (below(6) != 0) return {false, "day.ended", "{}", "", "", 0};
      return {false, "owner.left", fmt::format(R"({{"owner_id":"{}"}})", id), id, "", 0};
    }
    case 2:
    case 3: {
      const std::string id = account();
      const std::string whose = owner();
      return {true, "open", fmt::format(R"({{"account_id":"{}","owner_id":"{}"}})", id, whose), id, whose, 0};
    }
    case 4: return {false, "day.ended", "{}", "", "", 0};
    case 5: return {true, "pay_all", fmt::format(R"({{"amount":{}}})", amount), "", "", amount};
    case 6: {
      const std::string id = account();
      return {false, "account.closed", fmt::format(R"({{"account_id":"{}"}})", id), id, "", 0};
    }
    case 7: {
      const std::string id = owner();
      const auto number = static_cast<std::int64_t>(below(900));
      const std::string label = fmt::format("badge {}", below(4000));
      return {false,
              "badge.given",
              fmt::format(R"({{"owner_id":"{}","number":{},"label":"{}"}})", id, number, label),
              id,
              label,
              number};
    }
    case 8:
    case 9:
    case 10: {
      const std::string id = account();
      return {
          false, "account.credited", fmt::format(R"({{"account_id":"{}","amount":{}}})", id, amount), id, "",
          amount};
    }
    case 11:
    case 12:
    case 13: {
      const std::string id = account();
      return {true, "withdraw", fmt::format(R"({{"account_id":"{}","amount":{}}})", id, amount),
              id,   "",         amount};
    }
    case 14: {
      const std::string id = account();
      return {
          false,
          "account.noted",
          fmt::format(R"({{"account_id":"{}","notes":{{"text":"{}"}}}})", id, std::string(below(300), 'n')),
          id,
          "",
          0};
    }
    default: {
      const std::string from = account();
      const std::string to = account();
      return {
          true, "transfer", fmt::format(R"({{"from_id":"{}","to_id":"{}","amount":{}}})", from, to, amount),
          from, to,         amount};
    }
  }
}

std::int64_t VaultModel::transfer(const Intent& intent) {
  const auto from = accounts_.find(intent.one);
  const auto to = accounts_.find(intent.other);
  if (from == accounts_.end() || from->second.balance < intent.number || to == accounts_.end()) return -1;
  from->second.balance -= intent.number;
  to->second.balance += intent.number;
  return 2;
}

std::int64_t VaultModel::apply(const Intent& intent) {
  const auto count = [&]() -> std::int64_t {
    const std::string& name = intent.name;
    const auto account = accounts_.find(intent.one);
    const bool is_there = account != accounts_.end();
    if (name == "owner.joined") return owners_.insert(intent.one).second ? 1 : -1;
    if (name == "owner.left") {
      std::erase_if(accounts_, [&](const auto& entry) { return entry.second.owner == intent.one; });
      return owners_.erase(intent.one) == 1 ? 1 : -1;
    }
    if (name == "open") {
      if (!owners_.contains(intent.other) || is_there) return -1;
      accounts_[intent.one] = {intent.other, 0};
      return 1;
    }
    if (name == "day.ended") return ++day_, 1;
    if (name == "pay_all") {
      for (auto& [id, paid] : accounts_) paid.balance += intent.number;
      return static_cast<std::int64_t>(accounts_.size());
    }
    if (name == "account.closed") {
      if (!is_there || account->second.balance != 0) return -1;
      accounts_.erase(account);
      return 1;
    }
    if (name == "badge.given") {
      if (badges_.contains({intent.one, intent.number}) || labels_.contains(intent.other)) return -1;
      badges_.insert({intent.one, intent.number});
      labels_.insert(intent.other);
      return 1;
    }
    if (name == "transfer") return transfer(intent);
    if (!is_there) return -1;
    if (name == "account.credited") account->second.balance += intent.number;
    if (name == "withdraw") {
      if (account->second.balance < intent.number) return -1;
      account->second.balance -= intent.number;
    }
    return 1;
  }();
  head += count > 0 ? count : 0;
  return count;
}

std::string VaultModel::accounts() const {
  std::string out;
  for (const auto& [id, account] : accounts_) out += fmt::format("{} {}\n", id, account.balance);
  return out;
}

std::string VaultModel::owners() const {
  std::string out;
  for (const std::string& owner : owners_) out += owner + "\n";
  return out;
}

}  // namespace reeve::testing
