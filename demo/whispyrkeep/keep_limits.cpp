// How often: what blueprints/whispyrkeep/limits declares, asked where it matters.

#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>

#include <algorithm>

namespace whispyrkeep {

namespace {

constexpr reeve::Microseconds second = 1'000'000;

reeve::Rejection rejection_of(const reeve::LimitDecision& refused) {
  if (refused.reason == reeve::LimitDecision::Reason::failed_closed)
    return {"nobody can say whether " + refused.limit + " are within their limit; try again later",
            reeve::ErrorCode::unavailable};
  return {"too many " + refused.limit + "; try again in " +
              std::to_string((refused.retry_after + second - 1) / second) + " s",
          reeve::ErrorCode::limit_exceeded};
}

/// Of ASCII alone, which is what most addresses are: here it is about guesses, not about whose an address is.
std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 32) : letter;
  });
  return folded;
}

}  // namespace

reeve::LimitDecision take_log_in(reeve::RateLimits& limits, std::string_view email,
                                 std::string_view address) {
  const std::string account = lower(email);
  return limits.take({{"log_ins_from", address}, {"log_ins", account}});
}

std::optional<reeve::Rejection> Keep::refusal_of(std::string_view limit) {
  if (services_.limits == nullptr) return std::nullopt;
  const auto account = reeve::query_one(ledger_, queries::account{});
  if (!account) return std::nullopt;  // nobody is here yet, and the command will say so
  const reeve::LimitDecision decision = services_.limits->take(limit, account->user_id);
  if (decision.allowed) return std::nullopt;
  return rejection_of(decision);
}

reeve::Outcome Keep::reserve_turn(std::string_view parameters, const reeve::CommitOptions& options) {
  if (auto refused = refusal_of("turns")) return *std::move(refused);
  return ledger_.command("reserve_turn", parameters, options);
}

reeve::Outcome Keep::request_export(std::string_view parameters, const reeve::CommitOptions& options) {
  if (auto refused = refusal_of("exports")) return *std::move(refused);
  return ledger_.command("request_export", parameters, options);
}

}  // namespace whispyrkeep
