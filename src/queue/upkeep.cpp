// What time brings about: leases that end, jobs whose time has come, slots of schedules, and what is forgotten.

#include "queue/queue.h"

#include "queue/purge_done_sql.h"
#include "queue/purge_turns_sql.h"
#include "queue/release_blocked_sql.h"
#include "queue/select_expired_sql.h"
#include "queue/select_next_due_sql.h"
#include "queue/select_rate_sql.h"
#include "queue/wake_awaiting_sql.h"
#include "queue/wake_delayed_sql.h"

#include <algorithm>

namespace reeve::queue {

namespace {

constexpr Microseconds day = 86'400'000'000;

}  // namespace

void Queue::expire(std::string_view state, std::string_view why) {
  std::vector<Ending> expired;
  engine::Statement& rows = statements_.of(embedded::select_expired_sql);
  rows.bind_integer(1, clock_.now());
  rows.bind_text(2, state);
  while (rows.step()) {
    expired.push_back({.kind = std::string(rows.text(0)),
                       .sequence = rows.integer(1),
                       .claims = rows.integer(2),
                       .unique_key = std::string(rows.text(3)),
                       .text = std::string(why),
                       .at_once = true});
  }
  rows.reset();
  end(expired);
}

void Queue::wake(std::optional<std::int64_t> moment) {
  expire("running", "its lease ended: the worker died or hung");
  const auto any = [this](const auto& holds) {
    return std::any_of(kinds_.begin(), kinds_.end(), [&](const auto& kind) { return holds(kind.second); });
  };
  if (any([](const blueprint::JobKind& kind) { return kind.confirm_us > 0; })) {
    expire("published", "nobody confirmed it in time");
  }
  engine::Statement& delayed = statements_.of(embedded::wake_delayed_sql);
  delayed.bind_integer(1, clock_.now());
  delayed.run();
  if (moment) {
    engine::Statement& awaiting = statements_.of(embedded::wake_awaiting_sql);
    awaiting.bind_integer(1, *moment);
    awaiting.run();
  }
  statements_.of(embedded::release_blocked_sql).run();
}

std::optional<Microseconds> Queue::next_due() {
  engine::Statement& row = statements_.of(embedded::select_next_due_sql);
  row.bind_text(1, "delayed");
  const auto due = row.step() ? std::optional(row.integer(0)) : std::nullopt;
  row.reset();
  return due;
}

std::optional<Microseconds> Queue::next_lease_end() {
  engine::Statement& row = statements_.of(embedded::select_next_due_sql);
  row.bind_text(1, "running");
  const auto due = row.step() ? std::optional(row.integer(0)) : std::nullopt;
  row.reset();
  return due;
}

std::optional<Microseconds> Queue::next_of_rate(const blueprint::JobKind& kind) {
  engine::Statement& row = statements_.of(embedded::select_rate_sql);
  row.bind_text(1, kind.name);
  const auto next = row.step() ? std::optional(row.integer(0)) : std::nullopt;
  row.reset();
  return next && *next > clock_.now() ? next : std::nullopt;
}

bool Queue::purge(std::int64_t limit) {
  const Microseconds now = clock_.now();
  bool is_more = false;
  for (const auto& [name, kind] : kinds_) {
    engine::Statement& row = statements_.of(embedded::purge_done_sql);
    row.bind_integer(1, now - kind.retention_days * day);
    row.bind_text(2, name);
    row.bind_integer(3, limit);
    row.run();
    is_more |= statements_.connection().changes() >= limit;
  }
  statements_.of(embedded::purge_turns_sql).run();
  return is_more;
}

}  // namespace reeve::queue
