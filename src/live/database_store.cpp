// Values in a SQLite file or a schema of PostgreSQL.

#include "live/database_session.h"
#include "live/store.h"

#include "live/acquire_lease_sql.h"
#include "live/add_count_sql.h"
#include "live/clamp_bucket_sql.h"
#include "live/clamp_lease_sql.h"
#include "live/drop_ended_count_sql.h"
#include "live/drop_ended_sql.h"
#include "live/erase_count_sql.h"
#include "live/erase_value_sql.h"
#include "live/forget_lease_sql.h"
#include "live/list_values_sql.h"
#include "live/lock_lease_sql.h"
#include "live/purge_buckets_sql.h"
#include "live/purge_counts_sql.h"
#include "live/purge_values_sql.h"
#include "live/put_new_value_sql.h"
#include "live/put_value_sql.h"
#include "live/put_version_sql.h"
#include "live/raise_lease_sql.h"
#include "live/raise_version_sql.h"
#include "live/refresh_value_sql.h"
#include "live/release_lease_sql.h"
#include "live/renew_lease_sql.h"
#include "live/select_bucket_sql.h"
#include "live/select_count_sql.h"
#include "live/select_lease_sql.h"
#include "live/select_value_sql.h"
#include "live/take_bucket_sql.h"

#include <fmt/format.h>

namespace reeve::live {

namespace {

using engine::Statement;
using engine::Transaction;

/// Runs to the end, where what went wrong with the commit of a statement by itself shows.
void finish(Statement& statement) {
  while (statement.step()) {}
  statement.reset();
}

/// The first column of the only row, or nothing where there is none.
std::optional<std::int64_t> number(Statement& statement) {
  const auto found = statement.step() ? std::optional(statement.integer(0)) : std::nullopt;
  finish(statement);
  return found;
}

bool has_row(Statement& statement) { return number(statement).has_value(); }

void purge_ended(DatabaseSession& session, Microseconds now, std::size_t limit, std::int64_t& removed) {
  for (const std::string_view sql :
       {embedded::purge_values_sql, embedded::purge_buckets_sql, embedded::purge_counts_sql}) {
    Statement& statement = session.of(sql);
    statement.bind_integer(1, now);
    statement.bind_integer(2, static_cast<std::int64_t>(limit));
    statement.run();
    removed += session.connection().changes();
  }
}

/// What a change leaves behind now and then.
void purge_some(DatabaseSession& session, Microseconds now) {
  constexpr std::size_t at_once = 500;
  if (session.is_time_to_purge()) {
    std::int64_t removed = 0;
    purge_ended(session, now, at_once, removed);
  }
}

std::optional<Entry> find(DatabaseSession& session, std::string_view key, Microseconds now) {
  Statement& row = session.of(embedded::select_value_sql);
  bind_bytes(row, 1, key);
  std::optional<Entry> entry;
  if (row.step()) {
    entry = Entry{std::string(key), std::string(row.bytes(0)), row.integer(1), row.integer(2)};
  }
  row.reset();
  if (!entry || entry->ends > now) {
    return entry;
  }
  // What was found to have ended does not come back, whatever the clock does.
  Statement& drop = session.of(embedded::drop_ended_sql);
  bind_bytes(drop, 1, key);
  drop.bind_integer(2, now);
  drop.run();
  return std::nullopt;
}

/// Locks the lease, raising it where it has not seen this generation yet.
bool passes(DatabaseSession& session, const Fence& fence) {
  const auto locked = [&] {
    Statement& lock = session.of(embedded::lock_lease_sql);
    bind_bytes(lock, 1, fence.lease);
    return number(lock);
  };
  std::optional<std::int64_t> generation = locked();
  if (!generation || *generation < fence.generation) {
    Statement& raise = session.of(embedded::raise_lease_sql);
    bind_bytes(raise, 1, fence.lease);
    raise.bind_integer(2, fence.generation);
    bind_bytes(raise, 3, {});
    raise.run();
    generation = locked();
  }
  return generation == fence.generation;
}

std::optional<std::int64_t> write(DatabaseSession& session, std::string_view key, std::string_view value,
                                  Microseconds ends, Microseconds now, std::optional<std::int64_t> version) {
  if (session.is_file()) {
    session.of(embedded::raise_version_sql).run();
  }
  Statement& row = session.of(!version        ? embedded::put_value_sql
                              : *version == 0 ? embedded::put_new_value_sql
                                              : embedded::put_version_sql);
  bind_bytes(row, 1, key);
  bind_bytes(row, 2, value);
  row.bind_integer(3, ends);
  if (version) {
    row.bind_integer(4, now);
  }
  if (version && *version != 0) {
    row.bind_integer(5, *version);
  }
  return number(row);
}

}  // namespace

class DatabaseStore final : public Store {
 public:
  DatabaseStore(const Database& database, const StoreOptions& options)
      : Store(*options.clock),
        pool_(database.url.empty() ? 1 : static_cast<std::size_t>(options.connections), options.wait_ms_max,
              [where = database] { return std::make_unique<DatabaseSession>(where); }) {
    // Where it can't be opened is said now.
    name_ = pool_.with([](DatabaseSession& session) { return session.connection().name(); });
  }
  std::string name() const override { return name_; }

 private:
  Put do_put(std::string_view key, std::string_view value, const Change& change) override;
  std::optional<Entry> do_get(std::string_view key, Microseconds now) override;
  Verdict do_erase(std::string_view key, const Change& change) override;
  Verdict do_refresh(std::string_view key, const Change& change) override;
  std::vector<Entry> do_list(std::string_view prefix, std::string_view after, std::size_t limit,
                             Microseconds now) override;
  Taken do_take(std::string_view key, const Bucket& bucket, std::int64_t count, Microseconds now) override;
  Acquired do_acquire(std::string_view name, const Lease& wanted, Microseconds now) override;
  bool do_renew(std::string_view name, const Lease& lease, Microseconds now) override;
  bool do_release(std::string_view name, const Lease& lease, Microseconds now) override;
  std::optional<Lease> do_find_lease(std::string_view name) override;
  void do_forget_lease(std::string_view name) override;
  Counted do_count(std::string_view key, const Counted& first, Microseconds now) override;
  std::optional<Counted> do_find_count(std::string_view key, Microseconds now) override;
  void do_erase_count(std::string_view key) override;
  std::int64_t do_purge(std::size_t limit, Microseconds now) override;

  /// With a connection by which what is answered is synced before.
  template <typename Work>
  auto with(Work work) {
    return pool_.with([&](DatabaseSession& session) {
      session.sync(true);
      return work(session);
    });
  }
  template <typename Work>
  auto with_unsynced(Work work) {
    return pool_.with([&](DatabaseSession& session) {
      session.sync(false);
      return work(session);
    });
  }
  Verdict change_value(std::string_view sql, std::string_view key, const Change& change);

  std::string name_;
  Pool<DatabaseSession> pool_;
};

Put DatabaseStore::do_put(std::string_view key, std::string_view value, const Change& change) {
  return with([&](DatabaseSession& session) -> Put {
    purge_some(session, change.now);
    const Condition& condition = change.condition;
    if (!session.is_file() && !condition.fence) {
      const auto version = write(session, key, value, change.ends, change.now, condition.version);
      return {version ? Verdict::done : Verdict::changed, version.value_or(0)};
    }
    Transaction transaction(session.connection(), Transaction::Mode::write);
    if (condition.fence && !passes(session, *condition.fence)) {
      return {Verdict::stale, 0};
    }
    const auto version = write(session, key, value, change.ends, change.now, condition.version);
    transaction.commit();
    return {version ? Verdict::done : Verdict::changed, version.value_or(0)};
  });
}

std::optional<Entry> DatabaseStore::do_get(std::string_view key, Microseconds now) {
  return with([&](DatabaseSession& session) { return find(session, key, now); });
}

Verdict DatabaseStore::change_value(std::string_view sql, std::string_view key, const Change& change) {
  return with([&](DatabaseSession& session) {
    const Condition& condition = change.condition;
    const auto work = [&]() -> Verdict {
      Statement& row = session.of(sql);
      bind_bytes(row, 1, key);
      row.bind_integer(2, change.now);
      // No value has a version below 0: with 0, that there is none, neither can be done.
      row.bind_integer(3, !condition.version ? 0 : *condition.version == 0 ? -1 : *condition.version);
      if (change.ends != 0) {
        row.bind_integer(4, change.ends);
      }
      if (has_row(row)) {
        return Verdict::done;
      }
      return find(session, key, change.now) ? Verdict::changed : Verdict::absent;
    };
    if (!condition.fence) {
      return work();
    }
    Transaction transaction(session.connection(), Transaction::Mode::write);
    if (!passes(session, *condition.fence)) {
      return Verdict::stale;
    }
    const Verdict verdict = work();
    transaction.commit();
    return verdict;
  });
}

Verdict DatabaseStore::do_erase(std::string_view key, const Change& change) {
  return change_value(embedded::erase_value_sql, key, change);
}

Verdict DatabaseStore::do_refresh(std::string_view key, const Change& change) {
  return change_value(embedded::refresh_value_sql, key, change);
}

std::vector<Entry> DatabaseStore::do_list(std::string_view prefix, std::string_view after, std::size_t limit,
                                          Microseconds now) {
  std::string behind = behind_prefix(prefix);
  if (behind.empty()) {
    behind.assign(key_bytes_max + 1, '\xFF');  // longer than any key
  }
  return with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::list_values_sql);
    bind_bytes(row, 1, prefix);
    bind_bytes(row, 2, behind);
    bind_bytes(row, 3, after);
    row.bind_integer(4, now);
    row.bind_integer(5, static_cast<std::int64_t>(limit));
    std::vector<Entry> entries;
    while (row.step()) {
      entries.push_back(
          {std::string(row.bytes(0)), std::string(row.bytes(1)), row.integer(2), row.integer(3)});
    }
    row.reset();
    return entries;
  });
}

Taken DatabaseStore::do_take(std::string_view key, const Bucket& bucket, std::int64_t count,
                             Microseconds now) {
  const Microseconds whole = bucket.capacity * bucket.interval;
  // What a moment before a power cut was taken may be taken again: to sync would make each take cost what a commit of an event does.
  return with_unsynced([&](DatabaseSession& session) {
    purge_some(session, now);
    Statement& row = session.of(embedded::take_bucket_sql);
    bind_bytes(row, 1, key);
    row.bind_integer(2, now);
    row.bind_integer(3, count * bucket.interval);
    row.bind_integer(4, whole);
    if (const auto ends = number(row)) {
      return taken_of(bucket, count, true, *ends, now);
    }
    Statement& known = session.of(embedded::select_bucket_sql);
    bind_bytes(known, 1, key);
    const Microseconds ends = number(known).value_or(now);
    if (went_back(ends, now, whole)) {
      Statement& clamp = session.of(embedded::clamp_bucket_sql);
      bind_bytes(clamp, 1, key);
      clamp.bind_integer(2, now + whole);
      clamp.run();
    }
    return taken_of(bucket, count, false, ends, now);
  });
}

Acquired DatabaseStore::do_acquire(std::string_view name, const Lease& wanted, Microseconds now) {
  return with([&](DatabaseSession& session) -> Acquired {
    Statement& row = session.of(embedded::acquire_lease_sql);
    bind_bytes(row, 1, name);
    bind_bytes(row, 2, wanted.owner);
    row.bind_integer(3, wanted.generation);
    row.bind_integer(4, now);
    row.bind_integer(5, wanted.ends);
    row.bind_integer(6, wanted.ends - now);
    if (const auto generation = number(row)) {
      return {true, false, {wanted.owner, *generation, wanted.ends}};
    }
    Statement& held = session.of(embedded::select_lease_sql);
    bind_bytes(held, 1, name);
    Acquired refused{.acquired = false, .stale = wanted.generation != 0, .lease = {}};
    Microseconds duration = 0;
    if (held.step()) {
      refused.lease = {std::string(held.bytes(1)), held.integer(0), held.integer(2)};
      duration = held.integer(3);
    }
    held.reset();
    if (went_back(refused.lease.ends, now, duration)) {
      Statement& clamp = session.of(embedded::clamp_lease_sql);
      bind_bytes(clamp, 1, name);
      clamp.bind_integer(2, now);
      refused.lease.ends = number(clamp).value_or(refused.lease.ends);
    }
    return refused;
  });
}

bool DatabaseStore::do_renew(std::string_view name, const Lease& lease, Microseconds now) {
  return with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::renew_lease_sql);
    bind_bytes(row, 1, name);
    bind_bytes(row, 2, lease.owner);
    row.bind_integer(3, lease.generation);
    row.bind_integer(4, now);
    row.bind_integer(5, lease.ends);
    row.bind_integer(6, lease.ends - now);
    return has_row(row);
  });
}

bool DatabaseStore::do_release(std::string_view name, const Lease& lease, Microseconds now) {
  return with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::release_lease_sql);
    bind_bytes(row, 1, name);
    bind_bytes(row, 2, lease.owner);
    row.bind_integer(3, lease.generation);
    row.bind_integer(4, now);
    return has_row(row);
  });
}

std::optional<Lease> DatabaseStore::do_find_lease(std::string_view name) {
  return with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::select_lease_sql);
    bind_bytes(row, 1, name);
    std::optional<Lease> lease;
    if (row.step()) {
      lease = Lease{std::string(row.bytes(1)), row.integer(0), row.integer(2)};
    }
    row.reset();
    return lease;
  });
}

void DatabaseStore::do_forget_lease(std::string_view name) {
  with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::forget_lease_sql);
    bind_bytes(row, 1, name);
    row.run();
  });
}

Counted DatabaseStore::do_count(std::string_view key, const Counted& first, Microseconds now) {
  return with([&](DatabaseSession& session) {
    purge_some(session, now);
    Statement& row = session.of(embedded::add_count_sql);
    bind_bytes(row, 1, key);
    row.bind_integer(2, first.count);
    row.bind_integer(3, first.ends);
    row.bind_integer(4, now);
    ensure(row.step(), "what is counted has a row");
    const Counted counted{row.integer(0), row.integer(1)};
    finish(row);
    return counted;
  });
}

std::optional<Counted> DatabaseStore::do_find_count(std::string_view key, Microseconds now) {
  return with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::select_count_sql);
    bind_bytes(row, 1, key);
    std::optional<Counted> counted;
    if (row.step()) {
      counted = Counted{row.integer(0), row.integer(1)};
    }
    row.reset();
    if (counted && counted->ends <= now) {
      Statement& drop = session.of(embedded::drop_ended_count_sql);
      bind_bytes(drop, 1, key);
      drop.bind_integer(2, now);
      drop.run();
      counted.reset();
    }
    return counted;
  });
}

void DatabaseStore::do_erase_count(std::string_view key) {
  with([&](DatabaseSession& session) {
    Statement& row = session.of(embedded::erase_count_sql);
    bind_bytes(row, 1, key);
    row.run();
  });
}

std::int64_t DatabaseStore::do_purge(std::size_t limit, Microseconds now) {
  return with([&](DatabaseSession& session) {
    std::int64_t removed = 0;
    purge_ended(session, now, limit, removed);
    return removed;
  });
}

std::unique_ptr<Store> open_file_store(std::string_view path, const StoreOptions& options) {
  if (path.empty() || path.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::invalid_input, "the path of the live values is empty",
                "write sqlite:PATH, or a path");
  }
  return std::make_unique<DatabaseStore>(Database{.url = {},
                                                  .path = std::string(path),
                                                  .schema = {},
                                                  .wait_ms_max = options.wait_ms_max,
                                                  .create = options.create},
                                         options);
}

namespace {

/// Takes `schema=NAME` out of the URL's parameters.
std::string take_schema(std::string& url) {
  std::string schema = "reeve_live";
  const std::size_t question = url.find('?');
  if (question == std::string::npos) {
    return schema;
  }
  std::string kept;
  std::string_view rest = std::string_view(url).substr(question + 1);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.starts_with("schema=")) {
      schema = part.substr(part.find('=') + 1);
    } else {
      kept += fmt::format("{}{}", kept.empty() ? "?" : "&", part);
    }
  }
  url = url.substr(0, question) + kept;
  return schema;
}

}  // namespace

std::unique_ptr<Store> open_postgres_store(std::string_view url, const StoreOptions& options) {
  Database database{.url = std::string(url),
                    .path = {},
                    .schema = {},
                    .wait_ms_max = options.wait_ms_max,
                    .create = options.create};
  database.schema = take_schema(database.url);
  const bool is_plain =
      !database.schema.empty() && database.schema.size() <= 63 &&
      database.schema.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
      (database.schema[0] < '0' || database.schema[0] > '9');
  if (!is_plain) {
    throw Error(ErrorCode::invalid_input, "the URL's schema is no name of a schema",
                "1 to 63 of a-z, 0-9 and _, beginning with none of 0-9");
  }
  return std::make_unique<DatabaseStore>(database, options);
}

}  // namespace reeve::live
