// Whose an e-mail address is, over all accounts: reserved in the directory, used, then confirmed.

#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>
#include <nlohmann/json.hpp>

namespace whispyrkeep {

namespace {

constexpr std::string_view scope = "email";

/// '' where there is none: what is wrong with the parameters, the command says.
std::string email_of(std::string_view parameters) {
  const nlohmann::json given = nlohmann::json::parse(parameters, nullptr, false);
  if (!given.is_object()) return {};
  const auto email = given.find("email");
  return email != given.end() && email->is_string() ? email->get<std::string>() : std::string();
}

}  // namespace

std::vector<std::string> Keep::emails() {
  const auto account = reeve::query_one(ledger_, queries::account{});
  return account ? std::vector<std::string>{account->email} : std::vector<std::string>{};
}

reeve::Outcome Keep::command_with_email(std::string_view name, std::string_view parameters,
                                        const reeve::CommitOptions& options) {
  const auto commit = [&] { return ledger_.command(name, parameters, options); };
  const std::string email = email_of(parameters);
  if (services_.names == nullptr || email.empty()) return commit();
  return services_.names->use(scope, email, commit, [this] { return emails(); });
}

reeve::Outcome Keep::register_user(std::string_view parameters, const reeve::CommitOptions& options) {
  return command_with_email("register_user", parameters, options);
}

reeve::Outcome Keep::change_user(std::string_view parameters, const reeve::CommitOptions& options) {
  return command_with_email("change_user", parameters, options);
}

reeve::Outcome Keep::delete_user(std::string_view parameters, const reeve::CommitOptions& options) {
  reeve::Outcome outcome = ledger_.command("delete_user", parameters, options);
  settle_email();
  return outcome;
}

reeve::Settled Keep::settle_email() {
  if (services_.names == nullptr) return {};
  return services_.names->settle(scope, [this] { return emails(); });
}

}  // namespace whispyrkeep
