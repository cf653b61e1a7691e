// What holds for every store: the bounds, and the clock.

#include "live/store.h"

#include "base/clock.h"

#include <fmt/format.h>

namespace reeve::live {

namespace {

[[noreturn]] void refuse(std::string message, std::string remedy = {}) {
  throw Error(ErrorCode::invalid_input, std::move(message), std::move(remedy));
}

void check_size(std::string_view what, std::size_t size, std::size_t least, std::size_t most) {
  if (size < least || size > most) {
    refuse(fmt::format("the {} has {} bytes; it may have {} to {}", what, size, least, most),
           size > most ? "put a hash of it there, or what it stands for" : "");
  }
}

void check_number(std::string_view what, std::int64_t number, std::int64_t least, std::int64_t most) {
  if (number < least || number > most) {
    refuse(fmt::format("{} is {}; it may be {} to {}", what, number, least, most));
  }
}

void check_key(std::string_view key) { check_size("key", key.size(), 1, key_bytes_max); }

void check_duration(Microseconds duration) {
  check_number("the duration in microseconds", duration, 1, duration_max);
}

void check_owner(std::string_view owner) { check_size("owner", owner.size(), 1, owner_bytes_max); }

void check_condition(const Condition& condition) {
  if (condition.version) {
    check_number("the version", *condition.version, 0, INT64_MAX);
  }
  if (condition.fence) {
    check_size("fence's lease", condition.fence->lease.size(), 1, key_bytes_max);
    check_number("the fence's generation", condition.fence->generation, 1, generation_max);
  }
}

}  // namespace

Put Store::put(std::string_view key, std::string_view value, Microseconds duration,
               const Condition& condition) {
  check_key(key);
  check_size("value", value.size(), 0, value_bytes_max);
  check_duration(duration);
  check_condition(condition);
  const Microseconds now = clock_.now();
  return do_put(key, value, {condition, now, now + duration});
}

std::optional<Entry> Store::get(std::string_view key) {
  check_key(key);
  return do_get(key, clock_.now());
}

Verdict Store::erase(std::string_view key, const Condition& condition) {
  check_key(key);
  check_condition(condition);
  return do_erase(key, {condition, clock_.now(), 0});
}

Verdict Store::refresh(std::string_view key, Microseconds duration, const Condition& condition) {
  check_key(key);
  check_duration(duration);
  check_condition(condition);
  const Microseconds now = clock_.now();
  return do_refresh(key, {condition, now, now + duration});
}

std::vector<Entry> Store::list(std::string_view prefix, std::size_t limit, std::string_view after) {
  check_size("prefix", prefix.size(), 0, key_bytes_max);
  check_size("key to go on behind", after.size(), 0, key_bytes_max);
  check_number("the limit", static_cast<std::int64_t>(std::min(limit, std::size_t{INT32_MAX})), 1,
               listed_max);
  return do_list(prefix, after, limit, clock_.now());
}

Taken Store::take(std::string_view key, const Bucket& bucket, std::int64_t count) {
  check_key(key);
  check_number("the bucket's capacity", bucket.capacity, 1, capacity_max);
  check_number("the bucket's interval in microseconds", bucket.interval, 1, duration_max / bucket.capacity);
  check_number("the number of tokens", count, 1, bucket.capacity);
  return do_take(key, bucket, count, clock_.now());
}

Acquired Store::acquire(std::string_view name, std::string_view owner, Microseconds duration,
                        std::int64_t generation) {
  check_key(name);
  check_owner(owner);
  check_duration(duration);
  check_number("the generation", generation, 0, generation_max);
  const Microseconds now = clock_.now();
  Acquired acquired = do_acquire(name, {std::string(owner), generation, now + duration}, now);
  acquired.lease.is_held = acquired.lease.ends > now;
  return acquired;
}

bool Store::renew(std::string_view name, std::string_view owner, std::int64_t generation,
                  Microseconds duration) {
  check_key(name);
  check_owner(owner);
  check_duration(duration);
  check_number("the generation", generation, 1, generation_max);
  const Microseconds now = clock_.now();
  return do_renew(name, {std::string(owner), generation, now + duration}, now);
}

bool Store::release(std::string_view name, std::string_view owner, std::int64_t generation) {
  check_key(name);
  check_owner(owner);
  check_number("the generation", generation, 1, generation_max);
  return do_release(name, {std::string(owner), generation, 0}, clock_.now());
}

std::optional<Lease> Store::find_lease(std::string_view name) {
  check_key(name);
  const Microseconds now = clock_.now();
  std::optional<Lease> lease = do_find_lease(name);
  if (lease) {
    lease->is_held = lease->ends > now;
  }
  return lease;
}

void Store::forget_lease(std::string_view name) {
  check_key(name);
  do_forget_lease(name);
}

Counted Store::count(std::string_view key, Microseconds duration, std::int64_t by) {
  check_key(key);
  check_duration(duration);
  check_number("what is counted", by, 1, counted_max);
  const Microseconds now = clock_.now();
  return do_count(key, {by, now + duration}, now);
}

std::optional<Counted> Store::find_count(std::string_view key) {
  check_key(key);
  return do_find_count(key, clock_.now());
}

void Store::erase_count(std::string_view key) {
  check_key(key);
  do_erase_count(key);
}

std::int64_t Store::purge(std::size_t limit) {
  check_number("the limit", static_cast<std::int64_t>(std::min(limit, std::size_t{INT32_MAX})), 1,
               listed_max);
  return do_purge(limit, clock_.now());
}

Taken taken_of(const Bucket& bucket, std::int64_t count, bool allowed, Microseconds ends, Microseconds now) {
  const Microseconds whole = bucket.capacity * bucket.interval;
  // Never emptier than empty, whatever the clock did.
  const Microseconds missing = std::clamp(ends - now, Microseconds{0}, whole);
  const std::int64_t left = (whole - missing) / bucket.interval;
  return {allowed, left, allowed ? 0 : std::max(missing + count * bucket.interval - whole, Microseconds{0})};
}

std::string behind_prefix(std::string_view prefix) {
  std::string behind(prefix);
  while (!behind.empty() && static_cast<unsigned char>(behind.back()) == 0xFF) {
    behind.pop_back();
  }
  if (!behind.empty()) {
    behind.back() = static_cast<char>(static_cast<unsigned char>(behind.back()) + 1);
  }
  return behind;
}

std::unique_ptr<Store> open_store(std::string_view url, const StoreOptions& options) {
  check_number("the number of connections", options.connections, 1, 64);
  check_number("the longest wait in milliseconds", options.wait_ms_max, 1, 3'600'000);
  StoreOptions given = options;
  given.clock = options.clock != nullptr ? options.clock : &system_clock();
  if (url == "memory:") {
    return open_memory_store(*given.clock);
  }
  if (url.starts_with("redis://")) {
    return open_redis_store(url, given);
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return open_postgres_store(url, given);
  }
  constexpr std::string_view file = "sqlite:";
  if (!url.starts_with(file) && url.find("://") != std::string_view::npos) {
    // What follows may hold a password.
    refuse(fmt::format("{} names no store", url.substr(0, url.find("://"))),
           "write memory:, sqlite:PATH, a path, postgresql://... or redis://...");
  }
  return open_file_store(url.starts_with(file) ? url.substr(file.size()) : url, given);
}

}  // namespace reeve::live
