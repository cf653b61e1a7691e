#include "queue/queue.h"

#include "base/clock.h"
#include "base/json.h"
#include "engine/array.h"

#include "queue/claim_job_sql.h"
#include "queue/complete_job_sql.h"
#include "queue/delete_job_sql.h"
#include "queue/fail_job_sql.h"
#include "queue/follow_job_sql.h"
#include "queue/give_rate_back_sql.h"
#include "queue/insert_done_sql.h"
#include "queue/insert_job_sql.h"
#include "queue/postgres_claim_jobs_sql.h"
#include "queue/postgres_complete_jobs_sql.h"
#include "queue/prolong_job_sql.h"
#include "queue/publish_job_sql.h"
#include "queue/raise_turn_sql.h"
#include "queue/release_job_sql.h"
#include "queue/select_event_sql.h"
#include "queue/select_ready_sql.h"
#include "queue/select_running_sql.h"
#include "queue/take_rate_sql.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace reeve::queue {

namespace {

constexpr Microseconds minute = 60'000'000;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void sort(std::vector<Claimed>& jobs) {
  std::sort(jobs.begin(), jobs.end(), [](const Claimed& one, const Claimed& other) {
    return std::tuple(-one.priority, one.turn, one.sequence, std::string_view(one.kind)) <
           std::tuple(-other.priority, other.turn, other.sequence, std::string_view(other.kind));
  });
}

std::optional<Microseconds> optional_time(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  return value.is_null() ? std::nullopt : std::optional(value.integer());
}

}  // namespace

Queue::Queue(engine::Connection& connection, const Kinds& kinds, Clock& clock, Random& random)
    : statements_(connection), kinds_(kinds), clock_(clock), random_(random) {}

const blueprint::JobKind* Queue::find(std::string_view kind) const {
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<Claimed> Queue::claim_in_file(const std::vector<const blueprint::JobKind*>& kinds,
                                          std::size_t limit, std::string_view worker) {
  std::vector<Claimed> claimed;
  engine::Statement& ready = statements_.of(embedded::select_ready_sql);
  for (const blueprint::JobKind* kind : kinds) {
    ready.bind_text(1, kind->name);
    ready.bind_integer(2, static_cast<std::int64_t>(limit));
    while (ready.step()) {
      Claimed& job = claimed.emplace_back();
      job.kind = kind->name;
      job.priority = ready.integer(0);
      job.turn = ready.integer(1);
      job.sequence = ready.integer(2);
    }
    ready.reset();
  }
  sort(claimed);
  claimed.resize(std::min(claimed.size(), limit));
  const Microseconds now = clock_.now();
  engine::Statement& update = statements_.of(embedded::claim_job_sql);
  for (Claimed& job : claimed) {
    update.bind_text(1, job.kind);
    update.bind_integer(2, job.sequence);
    update.bind_text(3, worker);
    update.bind_integer(4, now);
    update.bind_integer(5, now + find(job.kind)->lease_us);
    ensure(update.step(), "a job that is ready can be claimed by the one writer of a file");
    job.attempt = update.integer(0);
    job.claims = update.integer(1);
    job.enqueued = update.integer(2);
    job.arguments = update.text(3);
    job.unique_key = update.text(4);
    update.reset();
  }
  return claimed;
}

std::vector<Claimed> Queue::claim_in_schema(const std::vector<const blueprint::JobKind*>& kinds,
                                            std::size_t limit, std::string_view worker) {
  engine::Array names(engine::Array::Of::text);
  engine::Array leases(engine::Array::Of::bigint);
  for (const blueprint::JobKind* kind : kinds) {
    names.add(std::string_view(kind->name));
    leases.add(kind->lease_us);
  }
  engine::Statement& row = statements_.of(embedded::postgres_claim_jobs_sql);
  row.bind_text(1, statements_.connection().ledger());
  names.bind(row, 2);
  leases.bind(row, 3);
  row.bind_integer(4, static_cast<std::int64_t>(limit));
  row.bind_text(5, worker);
  row.bind_integer(6, clock_.now());
  std::vector<Claimed> claimed;
  while (row.step()) {
    Claimed& job = claimed.emplace_back();
    job.kind = row.text(0);
    job.sequence = row.integer(1);
    job.priority = row.integer(2);
    job.turn = row.integer(3);
    job.attempt = row.integer(4);
    job.claims = row.integer(5);
    job.enqueued = row.integer(6);
    job.arguments = row.text(7);
    job.unique_key = row.text(8);
  }
  row.reset();
  sort(claimed);
  return claimed;
}

std::vector<Claimed> Queue::claim(const std::vector<const blueprint::JobKind*>& kinds, std::size_t limit,
                                  std::string_view worker) {
  const bool is_file = statements_.connection().engine() == engine::Engine::sqlite;
  const auto take = [&](const std::vector<const blueprint::JobKind*>& of, std::size_t most) {
    return is_file ? claim_in_file(of, most, worker) : claim_in_schema(of, most, worker);
  };
  std::vector<const blueprint::JobKind*> free;
  std::vector<Claimed> claimed;
  for (const blueprint::JobKind* kind : kinds) {
    if (kind->rate == 0) {
      free.push_back(kind);
      continue;
    }
    if (claimed.size() == limit || !has_ready(*kind)) {
      continue;
    }
    const Microseconds now = clock_.now();
    engine::Statement& slot = statements_.of(embedded::take_rate_sql);
    slot.bind_text(1, kind->name);
    slot.bind_integer(2, now);
    slot.bind_integer(3, now + (minute + kind->rate - 1) / kind->rate);
    const bool is_free = slot.step();
    slot.reset();
    if (!is_free) {
      continue;
    }
    std::vector<Claimed> one = take({kind}, 1);
    if (one.empty()) {
      engine::Statement& back = statements_.of(embedded::give_rate_back_sql);
      back.bind_text(1, kind->name);
      back.bind_integer(2, now);
      back.run();
    } else {
      claimed.push_back(std::move(one.front()));
    }
  }
  if (!free.empty() && claimed.size() < limit) {
    std::vector<Claimed> more = take(free, limit - claimed.size());
    claimed.insert(claimed.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    sort(claimed);
  }
  raise_turns(claimed);
  return claimed;
}

/// A look, that whoever waits for the next job of a kind with a rate does not write.
bool Queue::has_ready(const blueprint::JobKind& kind) {
  engine::Statement& ready = statements_.of(embedded::select_ready_sql);
  ready.bind_text(1, kind.name);
  ready.bind_integer(2, 1);
  const bool is_there = ready.step();
  ready.reset();
  return is_there;
}

/// The current turn of a priority is the last that was claimed.
void Queue::raise_turns(const std::vector<Claimed>& claimed) {
  std::map<std::int64_t, std::int64_t> turns;
  for (const Claimed& job : claimed) {
    if (job.turn > 0) {
      std::int64_t& turn = turns[job.priority];
      turn = std::max(turn, job.turn);
    }
  }
  for (const auto& [priority, turn] : turns) {
    engine::Statement& raise = statements_.of(embedded::raise_turn_sql);
    raise.bind_integer(1, priority);
    raise.bind_text(2, current_turn);
    raise.bind_integer(3, turn);
    raise.run();
  }
}

void Queue::end(std::vector<Ending>& endings) {
  // The order in which those who enqueue meet the same rows.
  std::sort(endings.begin(), endings.end(), [](const Ending& one, const Ending& other) {
    return std::tie(one.kind, one.unique_key, one.sequence) <
           std::tie(other.kind, other.unique_key, other.sequence);
  });
  complete(endings);
  for (Ending& ending : endings) {
    if (!ending.accepted) {
      end_slowly(ending);
    }
  }
}

/// Those that end well and that nothing follows.
void Queue::complete(std::vector<Ending>& endings) {
  if (statements_.connection().engine() == engine::Engine::postgres) {
    complete_in_schema(endings);
    return;
  }
  engine::Statement& remove = statements_.of(embedded::complete_job_sql);
  for (Ending& ending : endings) {
    if (!ending.completed || is_confirmed(ending.kind)) {
      continue;
    }
    remove.bind_text(1, ending.kind);
    remove.bind_integer(2, ending.sequence);
    remove.bind_integer(3, ending.claims);
    ending.accepted = remove.step();
    if (ending.accepted) {
      const Running running{.attempts = remove.integer(0),
                            .enqueued = remove.integer(1),
                            .started = optional_time(remove, 2),
                            .worker = std::string(remove.text(3))};
      remove.reset();
      write_done(ending.kind, ending.sequence, "completed", running, ending.text);
    }
    remove.reset();
  }
}

/// All of them by one statement.
void Queue::complete_in_schema(std::vector<Ending>& endings) {
  using Of = engine::Array::Of;
  engine::Array kinds(Of::text);
  engine::Array sequences(Of::bigint);
  engine::Array claims(Of::bigint);
  engine::Array results(Of::text);
  engine::Array kept(Of::bigint);
  std::map<std::pair<std::string_view, std::int64_t>, Ending*> completed;
  for (Ending& ending : endings) {
    if (!ending.completed || is_confirmed(ending.kind)) {
      continue;
    }
    const blueprint::JobKind* kind = find(ending.kind);
    kinds.add(std::string_view(ending.kind));
    sequences.add(ending.sequence);
    claims.add(ending.claims);
    results.add(std::string_view(bounded(ending.text, error_bytes_max)));
    kept.add(std::int64_t{kind == nullptr || kind->retention_days > 0 ? 1 : 0});
    completed[{ending.kind, ending.sequence}] = &ending;
  }
  if (completed.empty()) {
    return;
  }
  engine::Statement& row = statements_.of(embedded::postgres_complete_jobs_sql);
  row.bind_text(1, statements_.connection().ledger());
  kinds.bind(row, 2);
  sequences.bind(row, 3);
  claims.bind(row, 4);
  results.bind(row, 5);
  kept.bind(row, 6);
  row.bind_integer(7, clock_.now());
  while (row.step()) {
    completed.at({row.text(0), row.integer(1)})->accepted = true;
  }
  row.reset();
}

bool Queue::is_confirmed(std::string_view kind) const {
  const blueprint::JobKind* known = find(kind);
  return known != nullptr && known->confirm_us > 0;
}

Queue::Running Queue::running_of(const engine::Statement& row) {
  return {.attempts = row.integer(0),
          .enqueued = row.integer(1),
          .started = optional_time(row, 2),
          .worker = std::string(row.text(3)),
          .cancelled = row.integer(4) != 0,
          .next_sequence = optional_time(row, 5),
          .next_arguments = row.column(6).is_null() ? std::string() : std::string(row.text(6)),
          .priority = row.integer(7),
          .turn = row.integer(8),
          .tier = std::string(row.text(9)),
          .state = std::string(row.text(10)),
          .claims = row.integer(11)};
}

void Queue::end_slowly(Ending& ending) {
  engine::Statement& row = statements_.of(embedded::select_running_sql);
  row.bind_text(1, ending.kind);
  row.bind_integer(2, ending.sequence);
  row.bind_integer(3, ending.claims);
  if (!row.step()) {
    row.reset();
    return;  // an earlier token
  }
  const Running running = running_of(row);
  row.reset();
  ending.accepted = true;
  if (ending.untried && !running.cancelled) {
    engine::Statement& release = statements_.of(embedded::release_job_sql);
    release.bind_text(1, ending.kind);
    release.bind_integer(2, ending.sequence);
    release.run();
    return;
  }
  if (!ending.completed && !running.cancelled) {
    fail(ending, running);
    return;
  }
  if (ending.completed && is_confirmed(ending.kind)) {
    publish(ending);
    return;
  }
  write_done(ending.kind, ending.sequence, ending.completed ? "completed" : "cancelled", running,
             ending.text);
  follow(ending.kind, ending.sequence, running);
}

/// What was done is done when somebody says that it has arrived.
void Queue::publish(const Ending& ending) {
  const std::string result = bounded(ending.text, error_bytes_max);
  engine::Statement& row = statements_.of(embedded::publish_job_sql);
  row.bind_text(1, ending.kind);
  row.bind_integer(2, ending.sequence);
  row.bind_integer(3, clock_.now() + find(ending.kind)->confirm_us);
  row.bind_text(4, result);
  row.run();
}

/// The job gives way to the one that was asked for while it ran.
void Queue::follow(std::string_view kind, std::int64_t sequence, const Running& running) {
  engine::Statement& row =
      statements_.of(running.next_sequence ? embedded::follow_job_sql : embedded::delete_job_sql);
  row.bind_text(1, kind);
  row.bind_integer(2, sequence);
  if (running.next_sequence) {
    const Timing timing = timing_of_event(find(kind), *running.next_sequence);
    row.bind_text(3, timing.state);
    row.bind_integer(4, timing.due);
    bind_optional(row, 5, timing.moment);
    row.bind_integer(6, clock_.now());
  }
  row.run();
}

/// When a job may be done that an earlier event asked for: what that says of a time is not stored with the job before it.
Timing Queue::timing_of_event(const blueprint::JobKind* kind, std::int64_t sequence) {
  const Microseconds now = clock_.now();
  if (kind == nullptr || (kind->delay_us == 0 && kind->delay_member.empty() && kind->moment_member.empty())) {
    return {.state = kind == nullptr || kind->after.empty() ? "ready" : "blocked", .due = now};
  }
  engine::Statement& row = statements_.of(embedded::select_event_sql);
  row.bind_integer(1, sequence);
  Timing timing{.state = kind->after.empty() ? "ready" : "blocked", .due = now};
  if (row.step()) {  // else it was a slot of a schedule that the kind had
    const std::string time(row.text(0));
    const std::string payload(row.text(1));
    json::Reader reader;
    timing = timing_of(*kind, reader.read(payload), parse_time(time).value_or(now), now);
  }
  row.reset();
  return timing;
}

void Queue::fail(Ending& ending, const Running& running) {
  const blueprint::JobKind* kind = find(ending.kind);
  const Microseconds now = clock_.now();
  ending.dead = kind != nullptr && running.attempts >= kind->attempts;
  const Microseconds wait = ending.at_once || kind == nullptr ? 0 : backoff(*kind, running.attempts);
  const std::string error = bounded(ending.text, error_bytes_max);
  engine::Statement& row = statements_.of(embedded::fail_job_sql);
  row.bind_text(1, ending.kind);
  row.bind_integer(2, ending.sequence);
  row.bind_text(3, ending.dead ? "dead" : "delayed");
  row.bind_integer(4, now + wait);
  row.bind_text(5, error);
  row.run();
  if (!ending.dead || !running.next_sequence) {
    return;
  }
  // What was asked for meanwhile stands for itself.
  const Timing timing = timing_of_event(kind, *running.next_sequence);
  engine::Statement& insert = statements_.of(embedded::insert_job_sql);
  insert.bind_text(1, ending.kind);
  insert.bind_integer(2, *running.next_sequence);
  insert.bind_text(3, timing.state);
  insert.bind_integer(4, running.priority);
  insert.bind_integer(5, running.turn);
  insert.bind_integer(6, timing.due);
  insert.bind_text(7, running.tier);
  bind_optional(insert, 8, ending.unique_key);
  bind_optional(insert, 9, kind->after);
  insert.bind_text(10, running.next_arguments);
  insert.bind_integer(11, now);
  bind_optional(insert, 12, timing.moment);
  insert.run();
}

/// Doubled each time; a random half to whole of it, so that those who failed together don't come again together.
Microseconds Queue::backoff(const blueprint::JobKind& kind, std::int64_t attempts) {
  Microseconds wait = kind.backoff_first_us;
  for (std::int64_t i = 1; i < attempts && wait < kind.backoff_max_us; ++i) {
    wait *= 2;
  }
  wait = std::min(wait, kind.backoff_max_us);
  std::array<std::uint8_t, 4> bytes{};
  random_.fill(bytes);
  std::uint32_t share = 0;
  for (const std::uint8_t byte : bytes) {
    share = share << 8U | byte;
  }
  return wait / 2 + static_cast<Microseconds>(static_cast<double>(wait) / 2 * (share / 4294967296.0));
}

void Queue::write_done(std::string_view kind, std::int64_t sequence, std::string_view outcome,
                       const Running& running, std::string_view result) {
  const blueprint::JobKind* known = find(kind);
  if (known != nullptr && known->retention_days == 0) {
    return;
  }
  const std::string text = bounded(result, error_bytes_max);
  engine::Statement& row = statements_.of(embedded::insert_done_sql);
  row.bind_integer(1, clock_.now());
  row.bind_text(2, kind);
  row.bind_integer(3, sequence);
  row.bind_text(4, outcome);
  row.bind_integer(5, running.attempts);
  row.bind_integer(6, running.enqueued);
  bind_optional(row, 7, running.started);
  row.bind_text(8, running.worker);
  row.bind_text(9, text);
  row.post();
}

void Queue::prolong(std::vector<Held>& held) {
  std::sort(held.begin(), held.end(), [](const Held& one, const Held& other) {
    return std::tie(one.kind, one.sequence) < std::tie(other.kind, other.sequence);
  });
  const Microseconds now = clock_.now();
  engine::Statement& row = statements_.of(embedded::prolong_job_sql);
  for (Held& job : held) {
    const blueprint::JobKind* kind = find(job.kind);
    row.bind_text(1, job.kind);
    row.bind_integer(2, job.sequence);
    row.bind_integer(3, job.claims);
    row.bind_integer(4, now + (kind == nullptr ? minute : kind->lease_us));
    job.lost = !row.step();
    job.cancelled = !job.lost && row.integer(0) != 0;
    row.reset();
  }
}

std::string bounded(std::string_view text, std::size_t bytes_max) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
    bool is_whole = lead != 0 && (lead < 0x80 || (lead >= 0xC2 && lead < 0xF5)) && at + length <= text.size();
    for (std::size_t i = 1; is_whole && i < length; ++i) {
      is_whole = is_continuation(text[at + i]);
    }
    const std::string_view second = is_whole && length > 1 ? text.substr(at, 2) : std::string_view();
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if (!second.empty()) {
      const auto next = static_cast<unsigned char>(second[1]);
      is_whole = !(lead == 0xE0 && next < 0xA0) && !(lead == 0xED && next >= 0xA0) &&
                 !(lead == 0xF0 && next < 0x90) && !(lead == 0xF4 && next >= 0x90);
    }
    const std::string_view one = is_whole ? text.substr(at, length) : std::string_view("?");
    if (out.size() + one.size() > bytes_max) {
      break;
    }
    out += one;
    at += is_whole ? length : 1;
  }
  return out;
}

}  // namespace reeve::queue
