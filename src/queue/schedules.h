#pragma once
// Jobs that time asks for, and kinds that are paused (docs/jobs.md).

#include "base/cron.h"
#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "queue/statements.h"

#include <reeve/clock.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::queue {

/// Stands for all kinds where one is paused.
inline constexpr std::string_view all_kinds = "*";

struct Paused {
  std::string kind;  ///< or all_kinds
  Microseconds since = 0;
};

/// Where the schedule of a kind stands.
struct ScheduleRow {
  std::string kind;
  std::optional<Microseconds> next;  ///< nothing: no worker has looked at it yet
  std::optional<Microseconds> last;
};

/// Of one connection, inside the write (or, to look, read) transaction of the caller. Each slot is made into one job, whoever
/// looks: it is made by who moves the row that says which slot is next. Not thread-safe.
class Schedules {
 public:
  using Kinds = std::map<std::string, blueprint::JobKind, std::less<>>;
  /// `kinds` must outlive it.
  Schedules(engine::Connection& connection, const Kinds& kinds, Clock& clock);

  /// Makes the jobs of the slots that have come. A schedule that is new begins with the first slot from now on.
  void make_jobs(const std::set<std::string>& paused);
  /// When the next slot comes; nothing where there is no schedule.
  std::optional<Microseconds> next();
  std::vector<ScheduleRow> list();

  std::vector<Paused> paused();
  /// Those of the kinds that `paused()` names.
  std::set<std::string> paused_kinds();
  void pause(std::string_view kind);
  /// What has come meanwhile is left out. False when it was not paused.
  bool resume(std::string_view kind);

 private:
  struct Timed {
    const blueprint::JobKind* kind;
    CronSchedule cron;
  };
  void make_jobs_of(const Timed& timed);
  std::optional<Microseconds> next_of(const Timed& timed);
  void pass_over(const Timed& timed);
  bool move(const Timed& timed, Microseconds from, std::optional<Microseconds> to,
            std::optional<Microseconds> last);
  void enqueue(const blueprint::JobKind& kind, Microseconds slot);

  Statements statements_;
  const Kinds& kinds_;
  Clock& clock_;
  std::vector<Timed> timed_;
};

}  // namespace reeve::queue
