#include "whispyrkeep/door.h"

#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>

namespace whispyrkeep {

namespace {

constexpr reeve::Microseconds second = 1'000'000;

reeve::Rejection rejection_of(const reeve::LimitDecision& refused) {
  if (refused.reason == reeve::LimitDecision::Reason::failed_closed)
    return {"nobody can log in at the moment; try again later", reeve::ErrorCode::unavailable};
  return {"too many passwords were tried; try again in " +
              std::to_string((refused.retry_after + second - 1) / second) + " s",
          reeve::ErrorCode::limit_exceeded};
}

}  // namespace

LogIn Door::log_in(std::string_view email, std::string_view password, std::string_view address) {
  const reeve::LimitDecision decision = take_log_in(*services_.limits, email, address);
  if (!decision.allowed) return {.token = {}, .refused = rejection_of(decision)};
  const auto known = reeve::query_one(ledger_, queries::password_of{.email = std::string(email)});
  const reeve::PasswordCheck check = services_.access->check_password(
      password, known ? std::optional<std::string_view>(known->password_hash) : std::nullopt);
  if (!check.matches)
    return {.token = {}, .refused = {{"the address or the password is wrong", reeve::ErrorCode::denied}}};
  if (check.needs_rehash) store_hash(known->user_id, hash(password));
  return {.token = services_.sessions->create(known->user_id, account_).token};
}

std::optional<std::string> Door::user_of(std::string_view token) {
  const auto session = services_.sessions->find(token);
  if (!session || session->ledger != account_) return std::nullopt;
  return session->user;
}

bool Door::log_out(std::string_view token) { return user_of(token) && services_.sessions->revoke(token); }

std::string Door::hash(std::string_view password) { return services_.access->hash_password(password); }

reeve::Outcome Door::store_hash(const std::string& user_id, const std::string& hash) {
  return reeve::command(ledger_, commands::change_user{.user_id = user_id, .password_hash = hash},
                        {.actor = user_id});
}

reeve::Outcome Door::change_password(const std::string& user_id, std::string_view password) {
  reeve::Outcome outcome = store_hash(user_id, hash(password));
  if (outcome) services_.sessions->revoke_all(user_id, account_);
  return outcome;
}

}  // namespace whispyrkeep
