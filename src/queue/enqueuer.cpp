#include "queue/enqueuer.h"

#include "base/clock.h"

#include "queue/insert_job_sql.h"
#include "queue/raise_turn_sql.h"
#include "queue/select_turn_sql.h"

#include <algorithm>
#include <tuple>

namespace reeve::queue {

namespace {

std::string canonical_member(simdjson::dom::object members, std::string_view name) {
  std::string out;
  simdjson::dom::element value;
  if (members.at_key(name).get(value) == simdjson::SUCCESS) {
    json::append_canonical(value, out);
  }
  return out;
}

std::string arguments_of(const blueprint::JobKind& job, simdjson::dom::object members,
                         const std::string& payload) {
  if (!job.arguments) {
    return payload;
  }
  std::vector<std::string> names = *job.arguments;
  std::sort(names.begin(), names.end(), json::member_less);
  std::string out = "{";
  for (const std::string& name : names) {
    const std::string value = canonical_member(members, name);
    if (value.empty()) {
      continue;
    }
    out += out.size() > 1 ? "," : "";
    json::append_canonical_string(name, out);
    out += ":" + value;
  }
  return out + "}";
}

std::string key_of(const blueprint::JobKind& job, simdjson::dom::object members) {
  if (job.unique.empty()) {
    return {};
  }
  std::string out = "[";
  for (const std::string& name : job.unique) {
    out += (out.size() > 1 ? "," : "") + canonical_member(members, name);
  }
  return out + "]";
}

Microseconds due_of(const blueprint::JobKind& job, simdjson::dom::object members, Microseconds asked,
                    Microseconds now) {
  if (job.delay_member.empty()) {
    return std::max(asked + job.delay_us, now);
  }
  std::string_view text;
  if (members.at_key(job.delay_member).get(text) != simdjson::SUCCESS) {
    return now;
  }
  return std::max(parse_time(text).value_or(now), now);
}

/// Nothing where the event names none.
std::optional<std::int64_t> moment_of(const blueprint::JobKind& job, simdjson::dom::object members) {
  std::int64_t moment = 0;
  if (job.moment_member.empty() || members.at_key(job.moment_member).get(moment) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return moment;
}

std::int64_t weight_of(const blueprint::JobKind& job, std::string_view tier) {
  // A string's weight is named by what it says, without its quotes.
  const bool is_text = tier.size() >= 2 && tier.front() == '"';
  const auto weight = job.weights.find(is_text ? tier.substr(1, tier.size() - 2) : tier);
  return weight == job.weights.end() ? 1 : weight->second;
}

}  // namespace

Timing timing_of(const blueprint::JobKind& job, simdjson::dom::object members, Microseconds asked,
                 Microseconds now) {
  Timing timing{.state = {}, .due = due_of(job, members, asked, now), .moment = moment_of(job, members)};
  timing.state = timing.moment       ? "awaiting"
                 : timing.due > now  ? "delayed"
                 : job.after.empty() ? "ready"
                                     : "blocked";
  return timing;
}

Enqueuer::Enqueuer(engine::Connection& connection, const blueprint::Blueprint* blueprint, Clock& clock)
    : clock_(clock), statements_(connection) {
  if (blueprint == nullptr) {
    return;
  }
  has_jobs_ = !blueprint->jobs.empty();
  for (const auto& [name, job] : blueprint->jobs) {
    has_tiers_ = has_tiers_ || !job.tier.empty();
    for (const std::string& type : job.on) {
      kinds_[type].push_back(&job);
    }
  }
}

bool Enqueuer::bring_up() {
  if (!has_jobs_) {
    return false;
  }
  if (statements_.has_tables()) {
    return statements_.renew_tables();
  }
  statements_.create_tables();
  return true;
}

void Enqueuer::note(const journal::Event& event) {
  const auto kinds = kinds_.find(event.type);
  if (kinds == kinds_.end()) {
    return;
  }
  const simdjson::dom::object members = reader_.read(event.payload);
  const Microseconds now = clock_.now();
  for (const blueprint::JobKind* job : kinds->second) {
    Waiting& waiting = waiting_.emplace_back();
    waiting.job = job;
    waiting.sequence = event.sequence;
    waiting.timing = timing_of(*job, members, now, now);
    waiting.enqueued = now;
    waiting.tier = job->tier.empty() ? "" : canonical_member(members, job->tier);
    waiting.unique_key = key_of(*job, members);
    waiting.arguments = arguments_of(*job, members, event.payload);
  }
}

/// Start-time fair queuing (Goyal, Vin and Cheng, 1996), the step being what a job costs.
std::int64_t Enqueuer::next_turn(const Waiting& waiting) {
  const auto turn_of = [&](std::string_view tier) -> std::int64_t {
    engine::Statement& row = statements_.of(embedded::select_turn_sql);
    row.bind_integer(1, waiting.job->priority);
    row.bind_text(2, tier);
    const std::int64_t turn = row.step() ? row.integer(0) : 0;
    row.reset();
    return turn;
  };
  const std::int64_t turn = std::max(turn_of(current_turn), turn_of(waiting.tier));
  engine::Statement& raise = statements_.of(embedded::raise_turn_sql);
  raise.bind_integer(1, waiting.job->priority);
  raise.bind_text(2, waiting.tier);
  raise.bind_integer(3, turn + turn_step / weight_of(*waiting.job, waiting.tier));
  raise.post();
  return turn;
}

void Enqueuer::write() {
  if (waiting_.empty()) {
    return;
  }
  // Workers lock jobs in this order too.
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const Waiting& one, const Waiting& other) {
    return std::tie(one.job->name, one.unique_key) < std::tie(other.job->name, other.unique_key);
  });
  engine::Statement& insert = statements_.of(embedded::insert_job_sql);
  for (const Waiting& waiting : waiting_) {
    const blueprint::JobKind& job = *waiting.job;
    const std::int64_t turn = has_tiers_ ? next_turn(waiting) : 0;
    insert.bind_text(1, job.name);
    insert.bind_integer(2, waiting.sequence);
    insert.bind_text(3, waiting.timing.state);
    insert.bind_integer(4, job.priority);
    insert.bind_integer(5, turn);
    insert.bind_integer(6, waiting.timing.due);
    insert.bind_text(7, waiting.tier);
    bind_optional(insert, 8, waiting.unique_key);
    bind_optional(insert, 9, job.after);
    insert.bind_text(10, waiting.arguments);
    insert.bind_integer(11, waiting.enqueued);
    bind_optional(insert, 12, waiting.timing.moment);
    insert.post();
  }
  waiting_.clear();
}

void bring_up(engine::Connection& connection, const blueprint::Blueprint* blueprint) {
  if (blueprint == nullptr || blueprint->jobs.empty()) {
    return;
  }
  Statements statements(connection);
  if (!statements.has_tables()) {
    statements.create_tables();
  }
}

}  // namespace reeve::queue
