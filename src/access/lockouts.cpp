#include "access/lockouts.h"

#include "access/name.h"

#include "access/delete_failures_sql.h"
#include "access/give_failure_back_sql.h"
#include "access/list_failures_sql.h"
#include "access/lock_failures_sql.h"
#include "access/purge_failures_sql.h"
#include "access/select_failures_sql.h"
#include "access/update_failures_sql.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace reeve::access {

namespace {

constexpr std::size_t name_bytes_max = 256;
constexpr std::uint32_t purge_every = 256;

void bind_row(engine::Statement& statement, LockoutKind kind, std::string_view name) {
  statement.bind_text(1, name_of(kind));
  statement.bind_text(2, name);
}

/// In the order in which their rows are locked, by everybody.
std::array<std::pair<LockoutKind, std::string_view>, 2> rows_of(const Attempt& attempt) {
  return {{{LockoutKind::source, attempt.source}, {LockoutKind::subject, attempt.subject}}};
}

}  // namespace

Lockouts::Lockouts(StorePool& pool, const LockoutPolicy& policy, Clock& clock)
    : pool_(pool), policy_(policy), clock_(clock) {
  if (policy.subject_failures < 1 || policy.source_failures < 1 || policy.wait_first < 1 ||
      policy.wait_max < policy.wait_first || policy.forget_after < policy.wait_max) {
    throw Error(ErrorCode::invalid_input, "the policy of lockout doesn't fit",
                "at least one failure is free; wait_first <= wait_max <= forget_after");
  }
}

/// One as far ahead as failures are remembered is of no clock that merely goes faster than this one.
bool Lockouts::is_of_wrong_clock(Microseconds now, const Count& stored) const {
  return stored.last_failed - now > policy_.forget_after;
}

/// Old failures are forgotten. A time to come is kept, for this clock may be the one that lags: whoever has to wait until then
/// waits no shorter because somebody else counts by it.
Lockouts::Count Lockouts::as_of(Microseconds now, const Count& stored) const {
  if (now - stored.last_failed >= policy_.forget_after) {
    return {.failures = 0, .last_failed = now};
  }
  return {.failures = stored.failures,
          .last_failed = is_of_wrong_clock(now, stored) ? now : stored.last_failed};
}

std::optional<Microseconds> Lockouts::locked_until(LockoutKind kind, const Count& count,
                                                   Microseconds now) const {
  const std::int64_t free = kind == LockoutKind::subject ? policy_.subject_failures : policy_.source_failures;
  if (count.failures < free) {
    return std::nullopt;
  }
  Microseconds wait = policy_.wait_first;
  for (std::int64_t more = count.failures - free; more > 0 && wait < policy_.wait_max; --more) wait *= 2;
  const Microseconds until = count.last_failed + std::min(wait, policy_.wait_max);
  return until > now ? std::optional(until) : std::nullopt;
}

std::optional<Microseconds> Lockouts::look(Store& store, const Attempt& attempt, Microseconds now) {
  std::optional<Microseconds> until;
  engine::Statement& row = store.of(embedded::select_failures_sql);
  for (const auto& [kind, name] : rows_of(attempt)) {
    bind_row(row, kind, name);
    const bool is_there = row.step();
    const Count stored = is_there ? Count{row.integer(0), row.integer(1)} : Count{};
    row.reset();
    // One of a wrong clock is brought up to date by whoever counts.
    if (is_there && !is_of_wrong_clock(now, stored))
      until = std::max(until, locked_until(kind, as_of(now, stored), now));
  }
  return until;
}

Begun Lockouts::count(Store& store, const Attempt& attempt, Microseconds now) {
  struct Row {
    LockoutKind kind;
    std::string_view name;
    Count count;
  };
  std::vector<Row> rows;
  std::optional<Microseconds> until;
  engine::Statement& lock = store.of(embedded::lock_failures_sql);
  for (const auto& [kind, name] : rows_of(attempt)) {
    if (name.empty()) continue;
    bind_row(lock, kind, name);
    lock.bind_integer(3, now);
    ensure(lock.step(), "an upsert gives its row");
    rows.push_back({kind, name, as_of(now, {lock.integer(0), lock.integer(1)})});
    lock.reset();
    until = std::max(until, locked_until(kind, rows.back().count, now));
  }
  engine::Statement& update = store.of(embedded::update_failures_sql);
  for (const Row& row : rows) {
    bind_row(update, row.kind, row.name);
    update.bind_integer(3, until ? row.count.failures : row.count.failures + 1);
    update.bind_integer(4, until ? row.count.last_failed : std::max(row.count.last_failed, now));
    update.run();
  }
  Begun begun{.locked_until = until, .at = now};
  for (const Row& row : rows) {
    (row.kind == LockoutKind::source ? begun.source_failed : begun.subject_failed) = row.count.last_failed;
  }
  return begun;
}

Begun Lockouts::begin(const Attempt& attempt) {
  check_name("a subject", attempt.subject, name_bytes_max);
  if (!attempt.source.empty()) check_name("a source", attempt.source, name_bytes_max);
  const Microseconds now = clock_.now();
  if (begun_++ % purge_every == 0) purge(now);
  // Who is locked out costs one look and no write.
  const auto until = pool_.read([&](Store& store) { return look(store, attempt, now); });
  if (until) return {.locked_until = until, .at = now};
  return pool_.write([&](Store& store) { return count(store, attempt, now); });
}

/// A failure that came meanwhile stays the last one.
void Lockouts::give_back(Store& store, LockoutKind kind, std::string_view name, Microseconds at,
                         Microseconds failed_before) {
  engine::Statement& row = store.of(embedded::give_failure_back_sql);
  bind_row(row, kind, name);
  row.bind_integer(3, at);
  row.bind_integer(4, failed_before);
  row.run();
}

void Lockouts::succeed(const Attempt& attempt, const Begun& begun) {
  pool_.write([&](Store& store) {
    give_back(store, LockoutKind::source, attempt.source, begun.at, begun.source_failed);
    engine::Statement& subject = store.of(embedded::delete_failures_sql);
    bind_row(subject, LockoutKind::subject, attempt.subject);
    subject.run();
    return true;
  });
}

void Lockouts::withdraw(const Attempt& attempt, const Begun& begun) {
  pool_.write([&](Store& store) {
    give_back(store, LockoutKind::source, attempt.source, begun.at, begun.source_failed);
    give_back(store, LockoutKind::subject, attempt.subject, begun.at, begun.subject_failed);
    return true;
  });
}

bool Lockouts::clear(LockoutKind kind, std::string_view name) {
  return pool_.write([&](Store& store) {
    engine::Statement& row = store.of(embedded::delete_failures_sql);
    bind_row(row, kind, name);
    row.run();
    return store.connection().changes() > 0;
  });
}

std::vector<LockoutEntry> Lockouts::list() {
  const Microseconds now = clock_.now();
  return pool_.read([&](Store& store) {
    std::vector<LockoutEntry> entries;
    engine::Statement& rows = store.of(embedded::list_failures_sql);
    while (rows.step()) {
      const LockoutKind kind =
          rows.text(0) == name_of(LockoutKind::source) ? LockoutKind::source : LockoutKind::subject;
      const Count count = as_of(now, {rows.integer(2), rows.integer(3)});
      if (count.failures > 0) {
        entries.push_back({kind, std::string(rows.text(1)), count.failures, count.last_failed,
                           locked_until(kind, count, now)});
      }
    }
    return entries;
  });
}

void Lockouts::purge(Microseconds now) {
  pool_.write([&](Store& store) {
    engine::Statement& statement = store.of(embedded::purge_failures_sql);
    statement.bind_integer(1, now - policy_.forget_after);
    statement.run();
    return true;
  });
}

}  // namespace reeve::access

namespace reeve {

std::string_view name_of(LockoutKind kind) { return kind == LockoutKind::subject ? "subject" : "source"; }

}  // namespace reeve
