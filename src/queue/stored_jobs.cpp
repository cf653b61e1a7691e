// Jobs as people look at them, try them again and call them off.

#include "queue/queue.h"

#include "queue/cancel_running_sql.h"
#include "queue/count_jobs_sql.h"
#include "queue/insert_done_sql.h"
#include "queue/retry_job_sql.h"
#include "queue/select_done_jobs_sql.h"
#include "queue/select_jobs_sql.h"
#include "queue/select_open_sql.h"

namespace reeve::queue {

namespace {

std::optional<Microseconds> optional_time(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  return value.is_null() ? std::nullopt : std::optional(value.integer());
}

}  // namespace

std::vector<Stored> Queue::list(const Which& which) {
  std::vector<Stored> jobs;
  engine::Statement& row = statements_.of(embedded::select_jobs_sql);
  row.bind_text(1, which.kind);
  row.bind_text(2, which.state);
  row.bind_integer(3, which.sequence);
  row.bind_integer(4, which.limit);
  while (row.step()) {
    Stored& job = jobs.emplace_back();
    job.kind = row.text(0);
    job.sequence = row.integer(1);
    job.state = row.text(2);
    job.priority = row.integer(3);
    job.due = row.integer(4);
    job.tier = row.text(5);
    job.unique_key = row.text(6);
    job.waits_for = row.text(7);
    job.attempts = row.integer(8);
    job.claims = row.integer(9);
    job.cancelled = row.integer(10) != 0;
    job.enqueued = row.integer(11);
    job.started = optional_time(row, 12);
    job.worker = row.text(13);
    job.text = row.text(14);
    job.arguments = row.text(15);
  }
  row.reset();
  return jobs;
}

std::vector<Stored> Queue::list_done(const Which& which) {
  std::vector<Stored> jobs;
  engine::Statement& row = statements_.of(embedded::select_done_jobs_sql);
  row.bind_text(1, which.kind);
  row.bind_integer(2, which.sequence);
  row.bind_text(3, which.state);
  row.bind_integer(4, which.limit);
  while (row.step()) {
    Stored& job = jobs.emplace_back();
    job.kind = row.text(0);
    job.sequence = row.integer(1);
    job.state = row.text(2);
    job.attempts = row.integer(3);
    job.enqueued = row.integer(4);
    job.started = optional_time(row, 5);
    job.finished = row.integer(6);
    job.worker = row.text(7);
    job.text = row.text(8);
  }
  row.reset();
  return jobs;
}

std::vector<Count> Queue::count() {
  std::vector<Count> counts;
  engine::Statement& row = statements_.of(embedded::count_jobs_sql);
  while (row.step()) {
    counts.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2)});
  }
  row.reset();
  return counts;
}

bool Queue::retry(std::string_view kind, std::int64_t sequence) {
  engine::Statement& row = statements_.of(embedded::retry_job_sql);
  row.bind_text(1, kind);
  row.bind_integer(2, sequence);
  row.bind_integer(3, clock_.now());
  bool is_found = false;
  try {
    is_found = row.step();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unique_violation) {
      throw;
    }
  }
  row.reset();
  return is_found;
}

std::optional<Queue::Running> Queue::find_open(std::string_view kind, std::int64_t sequence) {
  engine::Statement& row = statements_.of(embedded::select_open_sql);
  row.bind_text(1, kind);
  row.bind_integer(2, sequence);
  auto open = row.step() ? std::optional(running_of(row)) : std::nullopt;
  row.reset();
  return open;
}

Queue::Cancel Queue::cancel(std::string_view kind, std::int64_t sequence) {
  const std::optional<Running> open = find_open(kind, sequence);
  if (!open) {
    return Cancel::unknown;
  }
  if (open->state != "running") {
    write_done(kind, sequence, "cancelled", *open, "");
    follow(kind, sequence, *open);
    return Cancel::done;
  }
  engine::Statement& running = statements_.of(embedded::cancel_running_sql);
  running.bind_text(1, kind);
  running.bind_integer(2, sequence);
  const bool is_told = running.step();
  running.reset();
  return is_told ? Cancel::told : Cancel::unknown;
}

bool Queue::confirm(std::string_view kind, std::int64_t sequence) {
  const std::optional<Running> open = find_open(kind, sequence);
  if (!open || open->claims == 0 || !is_confirmed(kind)) {
    return false;
  }
  write_done(kind, sequence, "completed", *open, "confirmed");
  follow(kind, sequence, *open);
  return true;
}

}  // namespace reeve::queue
