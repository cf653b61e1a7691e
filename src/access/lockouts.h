#pragma once
// Failures counted before they happen, and waits that grow with them (docs/access.md).

#include "access/store.h"

#include <reeve/access.h>

#include <atomic>
#include <optional>
#include <string_view>
#include <vector>

namespace reeve::access {

/// Who tries: a subject, and where it comes from ('' where that is not known).
struct Attempt {
  std::string_view subject;
  std::string_view source;
};

/// An attempt that has begun, and what is put back when it was no failure.
struct Begun {
  std::optional<Microseconds> locked_until;  ///< nobody may try before; nothing was counted
  Microseconds at = 0;
  Microseconds source_failed = 0;   ///< when the last failure before it was
  Microseconds subject_failed = 0;  ///< the same of the subject
};

/// Thread-safe. An attempt is counted as a failure when it begins, under the locks of its rows, and the count is taken back when it succeeds:
/// however many try at once, no more get through than the policy says.
class Lockouts {
 public:
  /// Both outlive it.
  Lockouts(StorePool& pool, const LockoutPolicy& policy, Clock& clock);

  /// Counts it, or says until when nobody may try; then nothing is counted.
  Begun begin(const Attempt& attempt);
  /// The subject's failures are forgotten, and this attempt is no failure of its source.
  void succeed(const Attempt& attempt, const Begun& begun);
  /// It came to nothing either way: it was no failure.
  void withdraw(const Attempt& attempt, const Begun& begun);

  bool clear(LockoutKind kind, std::string_view name);
  std::vector<LockoutEntry> list();

 private:
  struct Count {
    std::int64_t failures = 0;
    Microseconds last_failed = 0;
  };
  bool is_of_wrong_clock(Microseconds now, const Count& stored) const;
  Count as_of(Microseconds now, const Count& stored) const;
  std::optional<Microseconds> locked_until(LockoutKind kind, const Count& count, Microseconds now) const;
  std::optional<Microseconds> look(Store& store, const Attempt& attempt, Microseconds now);
  Begun count(Store& store, const Attempt& attempt, Microseconds now);
  static void give_back(Store& store, LockoutKind kind, std::string_view name, Microseconds at,
                        Microseconds failed_before);
  void purge(Microseconds now);

  StorePool& pool_;
  const LockoutPolicy policy_;
  Clock& clock_;
  std::atomic<std::uint32_t> begun_ = 0;
};

}  // namespace reeve::access
