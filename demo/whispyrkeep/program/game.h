#pragma once
// A campaign of WhispyrKeep as the demonstration plays it: reserve, roll, ask the model, write.

#include "whispyrkeep/keep.h"
#include "whispyrkeep/program/model.h"

#include <reeve/clock.h>
#include <reeve/ledger.h>

#include <atomic>
#include <string>
#include <string_view>

namespace demo {

inline constexpr const char* user_id = "10000000-0000-4000-8000-000000000001";
inline constexpr const char* universe_id = "20000000-0000-4000-8000-000000000001";
inline constexpr const char* sheet_id = "30000000-0000-4000-8000-000000000001";
inline constexpr const char* campaign_id = "40000000-0000-4000-8000-000000000001";

/// Stands until it is moved.
class HandClock : public reeve::Clock {
 public:
  reeve::Microseconds now() override { return now_ += 1'000; }
  void advance_hours(std::int64_t hours) { now_ += hours * 3'600'000'000; }

 private:
  std::atomic<reeve::Microseconds> now_ = 1'768'780'800'000'000;  // 2026-01-19
};

struct Played {
  std::int64_t turns = 0;
  std::int64_t refused = 0;      ///< patches that were none of the contract
  std::int64_t canon_first = 0;  ///< turns whose lore began with hard canon
};

/// An account as the program uses it: its limits are asked, and its e-mail address is reserved in the directory.
struct Account {
  reeve::Ledger& ledger;
  whispyrkeep::Keep& keep;
};

/// A user who has nothing yet.
reeve::Outcome register_user(const Account& account, std::string_view email, std::string_view name);
/// The user, a universe with a document of hard canon, a character and a campaign.
void found_account(const Account& account);
/// Plays turns up to one. Throws Error when something is refused that must not be.
Played play(const Account& account, HandClock& clock, const StandIn& model, int last_turn);
/// The command, or an Error with the reason why not.
void must(reeve::Ledger& ledger, const std::string& command, const std::string& parameters);
/// Throws Error when what `what` did was refused.
void must_be_accepted(std::string_view what, const reeve::Outcome& outcome);

}  // namespace demo
