// Values that live as long as this process: the reference for what the others do.

#include "live/store.h"

#include <map>
#include <set>
#include <utility>

namespace reeve::live {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(Clock& clock) : Store(clock) {}
  std::string name() const override { return "memory:"; }

 private:
  struct StoredLease {
    std::int64_t generation = 0;
    std::string owner;
    Microseconds ends = 0;
    Microseconds duration = 0;
  };
  struct StoredValue {
    std::string value;
    std::int64_t version = 0;
    Microseconds ends = 0;
  };
  template <typename Held>
  using Map = std::map<std::string, Held, std::less<>>;
  /// By when they end; the texts are those of the map's keys.
  using Ends = std::set<std::pair<Microseconds, std::string_view>>;

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

  /// What lives under the key; what has ended goes.
  StoredValue* find(std::string_view key, Microseconds now);
  StoredLease* find_held(std::string_view name, const Lease& lease, Microseconds now);
  bool passes(const std::optional<Fence>& fence);
  void purge_some(Microseconds now);

  template <typename Iterator>
  static void end_at(Ends& ends, Iterator at, Microseconds when) {
    ends.erase({at->second.ends, at->first});
    at->second.ends = when;
    ends.emplace(when, at->first);
  }
  template <typename Held>
  static typename Map<Held>::iterator place(Map<Held>& map, Ends& ends, std::string_view key) {
    const auto known = map.find(key);
    if (known != map.end()) {
      return known;
    }
    const auto made = map.emplace(std::string(key), Held{}).first;
    ends.emplace(made->second.ends, made->first);
    return made;
  }
  template <typename Held>
  static void remove(Map<Held>& map, Ends& ends, std::string_view key) {
    if (const auto known = map.find(key); known != map.end()) {
      ends.erase({known->second.ends, known->first});
      map.erase(known);
    }
  }
  template <typename Held>
  static std::int64_t purge_map(Map<Held>& map, Ends& ends, std::size_t limit, Microseconds now) {
    std::int64_t removed = 0;
    while (static_cast<std::size_t>(removed) < limit && !ends.empty() && ends.begin()->first <= now) {
      const auto known = map.find(ends.begin()->second);
      ends.erase(ends.begin());
      map.erase(known);
      ++removed;
    }
    return removed;
  }

  struct StoredBucket {
    Microseconds ends = 0;
  };

  std::mutex mutex_;
  std::int64_t version_ = 0;
  Map<StoredValue> values_;
  Ends values_end_;
  Map<StoredBucket> buckets_;
  Ends buckets_end_;
  Map<Counted> counts_;
  Ends counts_end_;
  Map<StoredLease> leases_;
};

namespace {

/// Removed with each change, so that what ends goes as fast as it comes.
constexpr std::size_t purged_each_time = 2;

}  // namespace

void MemoryStore::purge_some(Microseconds now) {
  purge_map(values_, values_end_, purged_each_time, now);
  purge_map(buckets_, buckets_end_, purged_each_time, now);
  purge_map(counts_, counts_end_, purged_each_time, now);
}

MemoryStore::StoredValue* MemoryStore::find(std::string_view key, Microseconds now) {
  const auto known = values_.find(key);
  if (known == values_.end()) {
    return nullptr;
  }
  if (known->second.ends <= now) {
    remove(values_, values_end_, key);
    return nullptr;
  }
  return &known->second;
}

bool MemoryStore::passes(const std::optional<Fence>& fence) {
  if (!fence) {
    return true;
  }
  StoredLease& lease = leases_[fence->lease];
  if (lease.generation < fence->generation) {
    lease = {.generation = fence->generation, .owner = {}};
  }
  return lease.generation == fence->generation;
}

Put MemoryStore::do_put(std::string_view key, std::string_view value, const Change& change) {
  const std::lock_guard lock(mutex_);
  purge_some(change.now);
  if (!passes(change.condition.fence)) {
    return {Verdict::stale, 0};
  }
  if (change.condition.version) {
    const StoredValue* known = find(key, change.now);
    if ((known == nullptr ? 0 : known->version) != *change.condition.version) {
      return {Verdict::changed, 0};
    }
  }
  const auto at = place(values_, values_end_, key);
  at->second.value = value;
  at->second.version = ++version_;
  end_at(values_end_, at, change.ends);
  return {Verdict::done, at->second.version};
}

std::optional<Entry> MemoryStore::do_get(std::string_view key, Microseconds now) {
  const std::lock_guard lock(mutex_);
  const StoredValue* known = find(key, now);
  return known == nullptr ? std::nullopt
                          : std::optional(Entry{std::string(key), known->value, known->version, known->ends});
}

Verdict MemoryStore::do_erase(std::string_view key, const Change& change) {
  const std::lock_guard lock(mutex_);
  if (!passes(change.condition.fence)) {
    return Verdict::stale;
  }
  const StoredValue* known = find(key, change.now);
  if (known == nullptr) {
    return Verdict::absent;
  }
  if (change.condition.version && known->version != *change.condition.version) {
    return Verdict::changed;
  }
  remove(values_, values_end_, key);
  return Verdict::done;
}

Verdict MemoryStore::do_refresh(std::string_view key, const Change& change) {
  const std::lock_guard lock(mutex_);
  if (!passes(change.condition.fence)) {
    return Verdict::stale;
  }
  const StoredValue* known = find(key, change.now);
  if (known == nullptr) {
    return Verdict::absent;
  }
  if (change.condition.version && known->version != *change.condition.version) {
    return Verdict::changed;
  }
  end_at(values_end_, values_.find(key), change.ends);
  return Verdict::done;
}

std::vector<Entry> MemoryStore::do_list(std::string_view prefix, std::string_view after, std::size_t limit,
                                        Microseconds now) {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> entries;
  auto at = after < prefix ? values_.lower_bound(prefix) : values_.upper_bound(after);
  while (at != values_.end() && entries.size() < limit && at->first.starts_with(prefix)) {
    const auto next = std::next(at);
    if (at->second.ends <= now) {
      remove(values_, values_end_, std::string(at->first));
    } else {
      entries.push_back({at->first, at->second.value, at->second.version, at->second.ends});
    }
    at = next;
  }
  return entries;
}

Taken MemoryStore::do_take(std::string_view key, const Bucket& bucket, std::int64_t count, Microseconds now) {
  const std::lock_guard lock(mutex_);
  purge_some(now);
  const Microseconds whole = bucket.capacity * bucket.interval;
  const auto known = buckets_.find(key);
  const Microseconds from =
      known == buckets_.end() ? now : std::max(std::min(known->second.ends, now + whole), now);
  const Microseconds ends = from + count * bucket.interval;
  if (ends <= now + whole) {
    end_at(buckets_end_, place(buckets_, buckets_end_, key), ends);
    return taken_of(bucket, count, true, ends, now);
  }
  // It is there, for a full one would have given them.
  if (went_back(known->second.ends, now, whole)) end_at(buckets_end_, known, now + whole);
  return taken_of(bucket, count, false, from, now);
}

Acquired MemoryStore::do_acquire(std::string_view name, const Lease& wanted, Microseconds now) {
  const std::lock_guard lock(mutex_);
  const auto known = leases_.find(name);
  StoredLease fresh{.generation = std::max(wanted.generation, std::int64_t{1}),
                    .owner = wanted.owner,
                    .ends = wanted.ends,
                    .duration = wanted.ends - now};
  if (known == leases_.end()) {
    leases_.emplace(std::string(name), std::move(fresh));
    return {true, false, {wanted.owner, std::max(wanted.generation, std::int64_t{1}), wanted.ends}};
  }
  StoredLease& held = known->second;
  const bool is_mine = held.owner == wanted.owner;
  const bool is_newest = wanted.generation > held.generation ||
                         (wanted.generation == held.generation && (is_mine || held.owner.empty()));
  if (wanted.generation == 0 ? held.ends <= now || is_mine : is_newest) {
    fresh.generation = wanted.generation == 0 ? held.generation + 1 : wanted.generation;
    held = std::move(fresh);
    return {true, false, {held.owner, held.generation, held.ends}};
  }
  if (went_back(held.ends, now, held.duration)) held.ends = now + held.duration;
  return {false, wanted.generation != 0, {held.owner, held.generation, held.ends}};
}

MemoryStore::StoredLease* MemoryStore::find_held(std::string_view name, const Lease& lease,
                                                 Microseconds now) {
  const auto known = leases_.find(name);
  const bool is_held = known != leases_.end() && known->second.owner == lease.owner &&
                       known->second.generation == lease.generation && known->second.ends > now;
  return is_held ? &known->second : nullptr;
}

bool MemoryStore::do_renew(std::string_view name, const Lease& lease, Microseconds now) {
  const std::lock_guard lock(mutex_);
  StoredLease* held = find_held(name, lease, now);
  if (held != nullptr) {
    held->ends = lease.ends;
    held->duration = lease.ends - now;
  }
  return held != nullptr;
}

bool MemoryStore::do_release(std::string_view name, const Lease& lease, Microseconds now) {
  const std::lock_guard lock(mutex_);
  StoredLease* held = find_held(name, lease, now);
  if (held != nullptr) {
    held->ends = 0;
  }
  return held != nullptr;
}

std::optional<Lease> MemoryStore::do_find_lease(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto known = leases_.find(name);
  return known == leases_.end()
             ? std::nullopt
             : std::optional(Lease{known->second.owner, known->second.generation, known->second.ends});
}

void MemoryStore::do_forget_lease(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto known = leases_.find(name); known != leases_.end()) {
    leases_.erase(known);
  }
}

Counted MemoryStore::do_count(std::string_view key, const Counted& first, Microseconds now) {
  const std::lock_guard lock(mutex_);
  purge_some(now);
  const auto at = place(counts_, counts_end_, key);
  if (at->second.ends <= now) {
    at->second.count = first.count;
    end_at(counts_end_, at, first.ends);
  } else {
    at->second.count += first.count;
  }
  return at->second;
}

std::optional<Counted> MemoryStore::do_find_count(std::string_view key, Microseconds now) {
  const std::lock_guard lock(mutex_);
  const auto known = counts_.find(key);
  if (known == counts_.end()) {
    return std::nullopt;
  }
  if (known->second.ends <= now) {
    remove(counts_, counts_end_, key);
    return std::nullopt;
  }
  return known->second;
}

void MemoryStore::do_erase_count(std::string_view key) {
  const std::lock_guard lock(mutex_);
  remove(counts_, counts_end_, key);
}

std::int64_t MemoryStore::do_purge(std::size_t limit, Microseconds now) {
  const std::lock_guard lock(mutex_);
  return purge_map(values_, values_end_, limit, now) + purge_map(buckets_, buckets_end_, limit, now) +
         purge_map(counts_, counts_end_, limit, now);
}

std::unique_ptr<Store> open_memory_store(Clock& clock) { return std::make_unique<MemoryStore>(clock); }

}  // namespace reeve::live
