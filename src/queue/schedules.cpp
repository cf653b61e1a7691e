#include "queue/schedules.h"

#include "base/clock.h"
#include "base/json.h"

#include "queue/begin_schedule_sql.h"
#include "queue/has_job_sql.h"
#include "queue/insert_job_sql.h"
#include "queue/move_schedule_sql.h"
#include "queue/pause_kind_sql.h"
#include "queue/resume_kind_sql.h"
#include "queue/select_next_slot_sql.h"
#include "queue/select_paused_sql.h"
#include "queue/select_schedule_sql.h"
#include "queue/select_schedules_sql.h"

namespace reeve::queue {

namespace {

using CatchUp = blueprint::JobKind::CatchUp;

constexpr Microseconds second = 1'000'000;
/// A slot that is older than this was missed.
constexpr Microseconds lateness_max = 60 * second;
/// So many slots at once are made up for; the others with the next look.
constexpr std::size_t slots_max = 100;
/// Of a schedule that has no slot any more.
constexpr Microseconds never = 253'402'300'799'000'000;
/// While a job of a schedule is open another waits for its end, so all of them have one key.
constexpr std::string_view key_of_schedule = "[]";

std::string arguments_of(const blueprint::JobKind::Schedule& schedule, Microseconds slot) {
  if (schedule.slot_member.empty()) return schedule.given;
  std::string arguments = schedule.given;
  arguments.pop_back();
  arguments += arguments.size() > 1 ? "," : "";
  json::append_canonical_string(schedule.slot_member, arguments);
  arguments += ":\"" + format_time(slot) + "\"}";
  return json::canonical(arguments);
}

}  // namespace

Schedules::Schedules(engine::Connection& connection, const Kinds& kinds, Clock& clock)
    : statements_(connection), kinds_(kinds), clock_(clock) {
  for (const auto& [name, kind] : kinds_) {
    if (kind.schedule) {
      timed_.push_back({&kind, CronSchedule(kind.schedule->expression, kind.schedule->zone)});
    }
  }
}

void Schedules::make_jobs(const std::set<std::string>& paused) {
  for (const Timed& timed : timed_) {
    if (!paused.contains(timed.kind->name)) {
      make_jobs_of(timed);
    }
  }
}

void Schedules::make_jobs_of(const Timed& timed) {
  const blueprint::JobKind::Schedule& schedule = *timed.kind->schedule;
  const Microseconds now = clock_.now();
  const std::optional<Microseconds> known = next_of(timed);
  if (!known) {
    const std::string identity = schedule.identity();
    engine::Statement& begin = statements_.of(embedded::begin_schedule_sql);
    begin.bind_text(1, timed.kind->name);
    begin.bind_text(2, identity);
    begin.bind_integer(3, timed.cron.next(now).value_or(never));
    begin.run();
    return;
  }
  const Microseconds next = *known;
  if (next > now) {
    return;
  }
  if (schedule.catch_up != CatchUp::all) {
    const Microseconds slot = timed.cron.last(next, now).value_or(next);
    const bool is_wanted = schedule.catch_up == CatchUp::last || now - slot <= lateness_max;
    if (move(timed, next, timed.cron.next(now), is_wanted ? std::optional(slot) : std::nullopt) &&
        is_wanted) {
      enqueue(*timed.kind, slot);
    }
    return;
  }
  std::vector<Microseconds> slots;
  std::optional<Microseconds> slot = next;
  for (; slot && *slot <= now && slots.size() < slots_max; slot = timed.cron.next(*slot))
    slots.push_back(*slot);
  if (!move(timed, next, slot, slots.back())) return;
  for (const Microseconds one : slots) enqueue(*timed.kind, one);
}

/// Nothing of a schedule that is new, or another than it was.
std::optional<Microseconds> Schedules::next_of(const Timed& timed) {
  const std::string identity = timed.kind->schedule->identity();
  engine::Statement& row = statements_.of(embedded::select_schedule_sql);
  row.bind_text(1, timed.kind->name);
  const bool is_known = row.step() && row.text(0) == identity;
  const std::optional<Microseconds> next = is_known ? std::optional(row.integer(1)) : std::nullopt;
  row.reset();
  return next;
}

/// False when another has moved it first.
bool Schedules::move(const Timed& timed, Microseconds from, std::optional<Microseconds> to,
                     std::optional<Microseconds> last) {
  engine::Statement& row = statements_.of(embedded::move_schedule_sql);
  row.bind_text(1, timed.kind->name);
  row.bind_integer(2, from);
  row.bind_integer(3, to.value_or(never));
  bind_optional(row, 4, last);
  const bool is_moved = row.step();
  row.reset();
  return is_moved;
}

void Schedules::enqueue(const blueprint::JobKind& kind, Microseconds slot) {
  // A clock that was set back comes to a slot once more.
  engine::Statement& known = statements_.of(embedded::has_job_sql);
  known.bind_text(1, kind.name);
  known.bind_integer(2, slot / second);
  const bool is_known = known.step();
  known.reset();
  if (is_known) return;
  const bool is_alone = kind.schedule->catch_up != CatchUp::all;
  engine::Statement& insert = statements_.of(embedded::insert_job_sql);
  insert.bind_text(1, kind.name);
  insert.bind_integer(2, slot / second);
  insert.bind_text(3, "ready");
  insert.bind_integer(4, kind.priority);
  insert.bind_integer(5, 0);
  insert.bind_integer(6, slot);
  insert.bind_text(7, "");
  bind_optional(insert, 8, is_alone ? key_of_schedule : std::string_view());
  insert.bind_null(9);
  const std::string arguments = arguments_of(*kind.schedule, slot);
  insert.bind_text(10, arguments);
  insert.bind_integer(11, clock_.now());
  insert.bind_null(12);
  insert.run();
}

std::optional<Microseconds> Schedules::next() {
  if (timed_.empty()) return std::nullopt;
  engine::Statement& row = statements_.of(embedded::select_next_slot_sql);
  const bool is_there = row.step() && !row.column(0).is_null();
  const auto next = is_there ? std::optional(row.integer(0)) : std::nullopt;
  row.reset();
  return next;
}

std::vector<ScheduleRow> Schedules::list() {
  std::map<std::string, ScheduleRow> rows;
  for (const Timed& timed : timed_) rows[timed.kind->name].kind = timed.kind->name;
  engine::Statement& row = statements_.of(embedded::select_schedules_sql);
  while (row.step()) {
    const auto known = rows.find(std::string(row.text(0)));
    if (known == rows.end() || kinds_.find(known->first)->second.schedule->identity() != row.text(1))
      continue;
    if (row.integer(2) < never) known->second.next = row.integer(2);
    if (!row.column(3).is_null()) known->second.last = row.integer(3);
  }
  row.reset();
  std::vector<ScheduleRow> list;
  for (auto& [name, one] : rows) list.push_back(std::move(one));
  return list;
}

std::vector<Paused> Schedules::paused() {
  std::vector<Paused> all;
  engine::Statement& row = statements_.of(embedded::select_paused_sql);
  while (row.step()) all.push_back({std::string(row.text(0)), row.integer(1)});
  row.reset();
  return all;
}

std::set<std::string> Schedules::paused_kinds() {
  std::set<std::string> kinds;
  for (const Paused& one : paused()) {
    if (one.kind == all_kinds) {
      for (const auto& [name, kind] : kinds_) kinds.insert(name);
    }
    kinds.insert(one.kind);
  }
  return kinds;
}

void Schedules::pause(std::string_view kind) {
  engine::Statement& row = statements_.of(embedded::pause_kind_sql);
  row.bind_text(1, kind);
  row.bind_integer(2, clock_.now());
  row.run();
}

bool Schedules::resume(std::string_view kind) {
  const std::set<std::string> before = paused_kinds();
  engine::Statement& row = statements_.of(embedded::resume_kind_sql);
  row.bind_text(1, kind);
  bool was_paused = false;
  while (row.step()) was_paused = true;
  row.reset();
  const std::set<std::string> after = paused_kinds();
  for (const Timed& timed : timed_) {
    if (before.contains(timed.kind->name) && !after.contains(timed.kind->name)) pass_over(timed);
  }
  return was_paused;
}

/// The slots that have come. A clock that was set back brings none of before.
void Schedules::pass_over(const Timed& timed) {
  const std::optional<Microseconds> next = next_of(timed);
  if (!next) return;
  const Microseconds from_now = timed.cron.next(clock_.now()).value_or(never);
  if (from_now > *next) move(timed, *next, from_now, std::nullopt);
}

}  // namespace reeve::queue
