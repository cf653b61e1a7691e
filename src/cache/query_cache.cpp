#include "cache/kept_answers.h"
#include "cache/shared_answers.h"
#include "cache/watch.h"

#include "base/clock.h"
#include "base/json.h"

#include <reeve/cache.h>
#include <reeve/error.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace reeve {

using cache::Kept;
using cache::Reading;
using cache::Seen;

namespace {

void check(const CacheOptions& options) {
  if (options.trust_ms < 0 || options.store_seconds < 1) {
    throw Error(ErrorCode::invalid_input,
                "a cache trusts for 0 ms or longer, and shares for a second or longer");
  }
}

/// Of equal parameters one text. Nothing where the query itself says better what is wrong with them.
std::optional<std::string> canonical_parameters(std::string_view parameters) {
  try {
    return json::canonical(parameters);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

struct QueryCache::Impl {
  /// Somebody is asking for an answer; who wants the same waits for it. clear() forgets it: who comes later asks anew, and
  /// what comes of it is not kept.
  struct Flight {
    std::int64_t sequence = 0;  ///< that was seen before it began: what comes of it is not older
    std::condition_variable ended;
    bool has_ended = false;
    Kept kept;
    std::exception_ptr fault;
  };

  Impl(Ledger& of, std::string_view url, const CacheOptions& given)
      : ledger(of),
        options((check(given), given)),
        clock(given.clock != nullptr ? *given.clock : system_clock()),
        watch(state::Location::of(url)),
        answers(given.bytes_max) {
    if (options.store != nullptr && !watch.seed().empty()) {
      shared.emplace(*options.store, Microseconds{options.store_seconds} * 1'000'000, clock, watch);
    }
    look();  // reads the blueprint's sources: not the first query waits for that
  }

  /// The journal's head is looked at, by this thread or by one that begins after this call: one look serves all who wait.
  void look() {
    std::unique_lock lock(look_mutex);
    if (is_trusted()) {
      return;
    }
    const std::uint64_t wanted = looks_begun + 1;
    look_ended.wait(lock, [&] { return looks_ended >= wanted || !is_looking; });
    if (looks_ended >= wanted) {
      return;
    }
    const std::uint64_t number = ++looks_begun;
    is_looking = true;
    lock.unlock();
    const std::uint64_t commits = *watch.commits();
    const Microseconds now = clock.now();
    std::exception_ptr fault;
    try {
      watch.look(looked);
      publish(number);
    } catch (const std::exception&) {
      fault = std::current_exception();
      const std::lock_guard seen_lock(mutex);
      looked = seen;
    }
    lock.lock();
    is_looking = false;
    if (!fault) {
      looks_ended = number;
      commits_looked = commits;
      looked_at = now;
    }
    look_ended.notify_all();
    if (fault) {
      std::rethrow_exception(fault);
    }
  }

  bool is_trusted() {
    if (options.trust_ms == 0 || looks_ended < look_after_clear || *watch.commits() != commits_looked) {
      return false;
    }
    const Microseconds now = clock.now();
    return now >= looked_at && now - looked_at < Microseconds{options.trust_ms} * 1000;
  }

  void publish(std::uint64_t number) {
    const std::lock_guard lock(mutex);
    ++stats.looks;
    if (number >= look_after_clear && cleared_at == unknown_head) cleared_at = looked.sequence;
    if (looked.past != seen.past) {
      stats.emptied += seen.past != 0 ? 1 : 0;
      answers.clear();
      seen = looked;
    } else if (looked.sequence != seen.sequence) {
      seen = looked;
    }
  }

  CachedAnswer query(const std::string& name, std::string_view parameters) {
    look();
    const auto canonical = canonical_parameters(parameters);
    std::unique_lock lock(mutex);
    const std::int64_t wanted = seen.sequence;
    const std::string key = canonical ? name + '\0' + *canonical : std::string();
    for (;;) {
      const Reading* reading = seen.readings->find(name);
      if (!canonical || reading == nullptr || !reading->is_kept) {
        ++stats.passed;
        lock.unlock();
        return given(ask(name, parameters), CachedAnswer::Origin::passed);
      }
      if (const Kept* kept = good(key, *reading)) {
        ++stats.found;
        return given(*kept, CachedAnswer::Origin::found, seen.sequence);
      }
      const auto known = flights.find(key);
      if (known == flights.end()) {
        return fly(lock, key, name, parameters);
      }
      const std::shared_ptr<Flight> flight = known->second;
      flight->ended.wait(lock, [&] { return flight->has_ended; });
      if (flight->fault && flight->sequence >= wanted) {
        std::rethrow_exception(flight->fault);
      }
      if (!flight->fault && is_good(flight->kept, name, wanted)) {
        ++stats.awaited;
        return given(flight->kept, CachedAnswer::Origin::awaited, wanted);
      }
    }
  }

  /// Under the mutex. What is kept and no longer good goes.
  const Kept* good(const std::string& key, const Reading& reading) {
    const Kept* kept = answers.find(key);
    if (kept == nullptr) {
      return nullptr;
    }
    if (kept->past == seen.past && seen.is_good(reading, kept->sequence)) {
      return kept;
    }
    answers.erase(key);
    ++stats.outdated;
    return nullptr;
  }

  /// Under the mutex: whether an answer serves who saw the event `wanted`.
  bool is_good(const Kept& kept, const std::string& name, std::int64_t wanted) const {
    if (kept.past != seen.past) {
      return false;
    }
    const Reading* reading = seen.readings->find(name);
    return kept.sequence >= wanted || (reading != nullptr && seen.is_good(*reading, kept.sequence));
  }

  /// Asks, and gives the answer to all who wait for it.
  CachedAnswer fly(std::unique_lock<std::mutex>& lock, const std::string& key, const std::string& name,
                   std::string_view parameters) {
    const auto flight = std::make_shared<Flight>();
    flight->sequence = seen.sequence;
    flights.emplace(key, flight);
    const std::uint64_t past = seen.past;
    const auto readings = seen.readings;
    lock.unlock();
    CachedAnswer::Origin origin = CachedAnswer::Origin::made;
    try {
      const std::string shared_key = shared ? shared->key_of(readings->epoch->epoch, key) : std::string();
      auto taken = shared ? take_shared(shared_key, name, past) : std::nullopt;
      if (taken) {
        origin = CachedAnswer::Origin::taken;
        flight->kept = std::move(*taken);
      } else {
        flight->kept = ask(name, parameters);
        flight->kept.past = past;
        if (shared) give_shared(shared_key, key, flight);
      }
    } catch (const std::exception&) {
      flight->fault = std::current_exception();
    }
    lock.lock();
    land(key, name, flight);
    if (flight->fault) {
      std::rethrow_exception(flight->fault);
    }
    ++(origin == CachedAnswer::Origin::taken ? stats.taken : stats.made);
    return given(flight->kept, origin);
  }

  /// Under the mutex. False after clear().
  bool is_known(const std::string& key, const std::shared_ptr<Flight>& flight) const {
    const auto known = flights.find(key);
    return known != flights.end() && known->second == flight;
  }

  /// Under the mutex.
  void land(const std::string& key, const std::string& name, const std::shared_ptr<Flight>& flight) {
    flight->has_ended = true;
    flight->ended.notify_all();
    if (!is_known(key, flight)) {
      return;
    }
    flights.erase(key);
    if (!flight->fault && flight->kept.table->bytes <= options.answer_bytes_max &&
        is_good(flight->kept, name, seen.sequence)) {
      stats.evicted += answers.put(key, flight->kept);
    }
  }

  Kept ask(const std::string& name, std::string_view parameters) {
    Rows rows = ledger.query(name, parameters);
    auto table = std::make_shared<AnswerTable>();
    table->columns = rows.columns();
    while (rows.next()) {
      for (std::size_t column = 0; column < table->columns.size(); ++column) {
        table->values.push_back(rows.at(column).to_value());
      }
    }
    table->values.shrink_to_fit();
    table->bytes = cache::bytes_of(*table);
    return {std::move(table), rows.sequence().value, 0};
  }

  /// What another process put into the store, if it is good by what is known here: as the answer at the head that is known.
  std::optional<Kept> take_shared(const std::string& key, const std::string& name, std::uint64_t past) {
    auto answer = shared->get(key);
    if (!answer) {
      return std::nullopt;
    }
    std::int64_t head = 0;
    {
      const std::lock_guard lock(mutex);
      const Reading* reading = seen.readings->find(name);
      if (seen.past != past || reading == nullptr || !seen.is_good(*reading, answer->sequence) ||
          answer->sequence > seen.sequence || answer->sequence <= cleared_at) {
        return std::nullopt;
      }
      head = seen.sequence;
      if (answer->sequence == head && answer->chain_hash != seen.chain_hash) {
        return std::nullopt;
      }
    }
    if (answer->sequence != head && chain_hash_at(answer->sequence) != answer->chain_hash) {
      return std::nullopt;
    }
    return Kept{std::move(answer->table), head, past};
  }

  /// Under the chain hash of its event, where that is known.
  void give_shared(const std::string& shared_key, const std::string& key,
                   const std::shared_ptr<Flight>& flight) {
    const Kept& kept = flight->kept;
    std::string chain_hash;
    {
      const std::lock_guard lock(mutex);
      if (!is_known(key, flight) || seen.past != kept.past || seen.sequence != kept.sequence ||
          kept.table->bytes > options.answer_bytes_max) {
        return;
      }
      chain_hash = seen.chain_hash;
    }
    shared->put(shared_key, {kept.table, kept.sequence, std::move(chain_hash)});
  }

  /// Asked on the connection of the looks, between two of them.
  std::string chain_hash_at(std::int64_t sequence) {
    std::unique_lock lock(look_mutex);
    look_ended.wait(lock, [&] { return !is_looking; });
    return watch.chain_hash_after(sequence);
  }

  void clear() {
    const std::scoped_lock locks(look_mutex, mutex);
    answers.clear();
    flights.clear();
    look_after_clear = looks_begun + 1;
    cleared_at = unknown_head;
  }

  static CachedAnswer given(const Kept& kept, CachedAnswer::Origin origin, std::int64_t as_of = 0) {
    return {kept.table, {std::max(kept.sequence, as_of)}, origin};
  }

  Ledger& ledger;
  const CacheOptions options;
  Clock& clock;

  std::mutex look_mutex;
  std::condition_variable look_ended;
  bool is_looking = false;
  std::uint64_t looks_begun = 0;
  std::uint64_t looks_ended = 0;  ///< the last that went well
  std::uint64_t look_after_clear =
      1;  ///< the first that began after the last clear(); changed under both mutexes
  std::uint64_t commits_looked = 0;  ///< of this process, before that look
  Microseconds looked_at = 0;
  cache::Watch watch;  ///< of who is looking
  Seen looked;         ///< the same

  std::mutex mutex;  ///< of what follows; held for moments
  Seen seen;
  static constexpr std::int64_t unknown_head = std::numeric_limits<std::int64_t>::max();
  /// The head at the last clear(), or at the look after it: shared answers of the states up to there are not taken.
  std::int64_t cleared_at = -1;
  cache::KeptAnswers answers;
  std::map<std::string, std::shared_ptr<Flight>, std::less<>> flights;
  CacheStats stats;
  std::optional<cache::SharedAnswers> shared;
};

QueryCache::QueryCache(Ledger& ledger, std::string_view url, const CacheOptions& options)
    : impl_(std::make_unique<Impl>(ledger, url, options)) {}
QueryCache::~QueryCache() = default;

CachedAnswer QueryCache::query(std::string_view name, std::string_view parameters) {
  return impl_->query(std::string(name), parameters);
}

CacheStats QueryCache::stats() const {
  const std::lock_guard lock(impl_->mutex);
  CacheStats stats = impl_->stats;
  stats.entries = impl_->answers.count();
  stats.bytes = impl_->answers.bytes();
  stats.store_faults = impl_->shared ? impl_->shared->faults() : 0;
  return stats;
}

void QueryCache::clear() { impl_->clear(); }

}  // namespace reeve
