// Values in Redis: every change is one script, so that nothing comes between.

#include "live/redis_connection.h"
#include "live/store.h"

#include "live/redis_acquire_lua.h"
#include "live/redis_common_lua.h"
#include "live/redis_count_lua.h"
#include "live/redis_erase_lua.h"
#include "live/redis_find_count_lua.h"
#include "live/redis_get_lua.h"
#include "live/redis_list_lua.h"
#include "live/redis_purge_lua.h"
#include "live/redis_put_lua.h"
#include "live/redis_refresh_lua.h"
#include "live/redis_renew_lua.h"
#include "live/redis_take_lua.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::live {

namespace {

constexpr RedisScript put_script{embedded::redis_common_lua, embedded::redis_put_lua};
constexpr RedisScript get_script{embedded::redis_common_lua, embedded::redis_get_lua};
constexpr RedisScript erase_script{embedded::redis_common_lua, embedded::redis_erase_lua};
constexpr RedisScript refresh_script{embedded::redis_common_lua, embedded::redis_refresh_lua};
constexpr RedisScript list_script{embedded::redis_common_lua, embedded::redis_list_lua};
constexpr RedisScript purge_script{embedded::redis_common_lua, embedded::redis_purge_lua};
constexpr RedisScript take_script{{}, embedded::redis_take_lua};
constexpr RedisScript acquire_script{{}, embedded::redis_acquire_lua};
constexpr RedisScript renew_script{{}, embedded::redis_renew_lua};
constexpr RedisScript count_script{{}, embedded::redis_count_lua};
constexpr RedisScript find_count_script{{}, embedded::redis_find_count_lua};

/// What Redis keeps at least, in milliseconds: the end itself is the injected clock's, and Redis's own expiry only sees to it
/// that nothing stays for ever.
std::string expiry(Microseconds duration) { return std::to_string(duration / 1000 + 1000); }

Verdict verdict_of(std::string_view word) {
  return word == "done"      ? Verdict::done
         : word == "absent"  ? Verdict::absent
         : word == "changed" ? Verdict::changed
                             : Verdict::stale;
}

}  // namespace

class RedisStore final : public Store {
 public:
  RedisStore(const RedisUrl& url, const StoreOptions& options)
      : Store(*options.clock),
        name_(url.name()),
        // What stands in braces decides where a cluster puts a key: all of a space are together.
        prefix_(fmt::format("reeve:live:1:{{{}}}:", url.space)),
        pool_(static_cast<std::size_t>(options.connections), options.wait_ms_max,
              [url, wait = options.wait_ms_max] { return std::make_unique<RedisConnection>(url, wait); }) {}
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

  std::string place(std::string_view kind, std::string_view key) const {
    return fmt::format("{}{}:{}", prefix_, kind, key);
  }
  RedisReply run(const RedisScript& script, const std::vector<std::string>& keys,
                 const std::vector<std::string>& arguments) {
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    return pool_.with([&](RedisConnection& connection) { return connection.run(script, keys, views); });
  }
  /// A script that begins with common.lua: what that takes, and more.
  RedisReply run_on_value(const RedisScript& script, std::string_view key, Microseconds now,
                          const Condition& condition, const std::vector<std::string>& more = {});
  bool change_lease(std::string_view name, const Lease& lease, Microseconds now);

  std::string name_;
  std::string prefix_;
  Pool<RedisConnection> pool_;
};

RedisReply RedisStore::run_on_value(const RedisScript& script, std::string_view key, Microseconds now,
                                    const Condition& condition, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{std::string(key), std::to_string(now), prefix_ + "value:",
                                     condition.version ? std::to_string(*condition.version) : "",
                                     std::to_string(condition.fence ? condition.fence->generation : 0)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(
      script,
      {place("value", key), prefix_ + "keys", prefix_ + "ends", prefix_ + "version",
       place("lease", condition.fence ? std::string_view(condition.fence->lease) : std::string_view())},
      arguments);
}

Put RedisStore::do_put(std::string_view key, std::string_view value, const Change& change) {
  const RedisReply reply =
      run_on_value(put_script, key, change.now, change.condition,
                   {std::string(value), std::to_string(change.ends), expiry(change.ends - change.now)});
  const Verdict verdict = verdict_of(reply[0].text());
  return {verdict, verdict == Verdict::done ? reply[1].integer() : 0};
}

std::optional<Entry> RedisStore::do_get(std::string_view key, Microseconds now) {
  const RedisReply reply = run_on_value(get_script, key, now, {});
  if (reply.size() == 0) {
    return std::nullopt;
  }
  return Entry{std::string(key), std::string(reply[0].text()), reply[1].integer(), reply[2].integer()};
}

Verdict RedisStore::do_erase(std::string_view key, const Change& change) {
  return verdict_of(run_on_value(erase_script, key, change.now, change.condition).text());
}

Verdict RedisStore::do_refresh(std::string_view key, const Change& change) {
  return verdict_of(run_on_value(refresh_script, key, change.now, change.condition,
                                 {std::to_string(change.ends), expiry(change.ends - change.now)})
                        .text());
}

std::vector<Entry> RedisStore::do_list(std::string_view prefix, std::string_view after, std::size_t limit,
                                       Microseconds now) {
  std::string from = after < prefix || after.empty() ? (prefix.empty() ? "-" : fmt::format("[{}", prefix))
                                                     : fmt::format("({}", after);
  const std::string behind = behind_prefix(prefix);
  const std::string until = behind.empty() ? "+" : fmt::format("({}", behind);
  std::vector<Entry> entries;
  while (entries.size() < limit) {
    const RedisReply reply =
        run_on_value(list_script, prefix, now, {}, {from, until, std::to_string(limit - entries.size())});
    for (std::size_t i = 1; i + 3 < reply.size(); i += 4) {
      entries.push_back({std::string(reply[i].text()), std::string(reply[i + 1].text()),
                         reply[i + 2].integer(), reply[i + 3].integer()});
    }
    if (reply[0].text().empty()) {
      break;
    }
    from = fmt::format("({}", reply[0].text());
  }
  return entries;
}

Taken RedisStore::do_take(std::string_view key, const Bucket& bucket, std::int64_t count, Microseconds now) {
  const RedisReply reply = run(take_script, {place("bucket", key)},
                               {std::to_string(now), std::to_string(count * bucket.interval),
                                std::to_string(bucket.capacity * bucket.interval)});
  return taken_of(bucket, count, reply[0].integer() != 0, reply[1].integer(), now);
}

Acquired RedisStore::do_acquire(std::string_view name, const Lease& wanted, Microseconds now) {
  const RedisReply reply = run(acquire_script, {place("lease", name)},
                               {wanted.owner, std::to_string(wanted.generation), std::to_string(now),
                                std::to_string(wanted.ends), std::to_string(wanted.ends - now)});
  const bool is_acquired = reply[0].integer() != 0;
  return {is_acquired,
          !is_acquired && wanted.generation != 0,
          {std::string(reply[1].text()), reply[2].integer(), reply[3].integer()}};
}

bool RedisStore::change_lease(std::string_view name, const Lease& lease, Microseconds now) {
  return run(renew_script, {place("lease", name)},
             {lease.owner, std::to_string(lease.generation), std::to_string(now), std::to_string(lease.ends),
              std::to_string(std::max(lease.ends - now, Microseconds{0}))})
             .integer() != 0;
}

bool RedisStore::do_renew(std::string_view name, const Lease& lease, Microseconds now) {
  return change_lease(name, lease, now);
}

bool RedisStore::do_release(std::string_view name, const Lease& lease, Microseconds now) {
  return change_lease(name, lease, now);
}

std::optional<Lease> RedisStore::do_find_lease(std::string_view name) {
  const std::string key = place("lease", name);
  const RedisReply reply = pool_.with([&](RedisConnection& connection) {
    return connection.call({"HMGET", key, "owner", "generation", "ends"});
  });
  if (reply[1].is_nothing()) {
    return std::nullopt;
  }
  return Lease{std::string(reply[0].text()), reply[1].integer(), reply[2].integer()};
}

void RedisStore::do_forget_lease(std::string_view name) {
  const std::string key = place("lease", name);
  pool_.with([&](RedisConnection& connection) { connection.call({"DEL", key}); });
}

Counted RedisStore::do_count(std::string_view key, const Counted& first, Microseconds now) {
  const RedisReply reply = run(count_script, {place("count", key)},
                               {std::to_string(now), std::to_string(first.count), std::to_string(first.ends),
                                expiry(first.ends - now)});
  return {reply[0].integer(), reply[1].integer()};
}

std::optional<Counted> RedisStore::do_find_count(std::string_view key, Microseconds now) {
  const RedisReply reply = run(find_count_script, {place("count", key)}, {std::to_string(now)});
  return reply.size() == 0 ? std::nullopt : std::optional(Counted{reply[0].integer(), reply[1].integer()});
}

void RedisStore::do_erase_count(std::string_view key) {
  const std::string count = place("count", key);
  pool_.with([&](RedisConnection& connection) { connection.call({"DEL", count}); });
}

std::int64_t RedisStore::do_purge(std::size_t limit, Microseconds now) {
  return run_on_value(purge_script, {}, now, {}, {std::to_string(limit)}).integer();
}

std::unique_ptr<Store> open_redis_store(std::string_view url, const StoreOptions& options) {
  return std::make_unique<RedisStore>(parse_redis_url(url), options);
}

}  // namespace reeve::live
