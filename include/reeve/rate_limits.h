#pragma once
// Named rate limits in a store of live values (docs/live.md).

#include <reeve/clock.h>
#include <reeve/live.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// What a limit says when its store can't be asked.
enum class OnFailure : std::uint8_t { closed, open };

/// Of `per_seconds`: 366 days. `capacity` is at most live::capacity_max, and no more than one in a microsecond.
inline constexpr std::int64_t limit_seconds_max = 366L * 86'400;

/// `capacity` at once, and as many again in `per_seconds`, evenly.
struct RateLimit {
  std::string name;  ///< 1 to 64 of a-z, 0-9, _, - and .
  std::int64_t capacity = 1;
  std::int64_t per_seconds = 60;
  OnFailure on_failure = OnFailure::closed;
};

/// The limits that a blueprint declares (limits/NAME.toml), by name: of a folder the blueprint in it, of a ledger the one in force
/// there. Throws Error as Ledger::open does, and invalid_input for a blueprint with findings.
std::vector<RateLimit> read_limits(std::string_view url_or_folder);

/// What is asked of one limit, for one subject: an address, a user, an organisation; any bytes.
struct LimitUse {
  std::string_view limit;
  std::string_view subject;
  std::int64_t count = 1;
};

struct LimitDecision {
  enum class Reason : std::uint8_t {
    within,
    exceeded,
    failed_closed,  ///< the store can't be asked, and the limit says no then
    failed_open,    ///< the store can't be asked, and the limit says yes then
  };
  bool allowed = false;
  Reason reason = Reason::failed_closed;
  std::string limit;             ///< which one decided
  std::int64_t left = 0;         ///< of it; 0 when the store can't be asked
  Microseconds retry_after = 0;  ///< of it; 0 unless it was exceeded
  std::string failure;           ///< what the store said when it can't be asked
};

/// Thread-safe.
class RateLimits {
 public:
  /// The store must outlive it. Throws Error invalid_input for limits that don't fit, or a name twice.
  RateLimits(live::Store& store, const std::vector<RateLimit>& limits);

  /// Throws Error not_found for an unknown limit, invalid_input for a count beyond its capacity. Nothing else: what is wrong
  /// with the store is a decision.
  LimitDecision take(std::string_view limit, std::string_view subject, std::int64_t count = 1);
  /// All of them, one after the other; the first that refuses decides, and what the ones before it gave is taken. When all
  /// allow, the one with the least left decides, or one that could not be asked.
  LimitDecision take(const std::vector<LimitUse>& uses);

 private:
  struct Declared {
    live::Bucket bucket;
    OnFailure on_failure = OnFailure::closed;
  };
  live::Store& store_;
  std::map<std::string, Declared, std::less<>> limits_;
};

}  // namespace reeve
