#pragma once
// Values that end by themselves: sessions, rate limits, leases, who is there right now (docs/live.md). One interface; what
// holds them is this process, a database, or Redis.

#include <reeve/clock.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::live {

// Bounds. Beyond them everything is refused with Error invalid_input, by every store alike.
inline constexpr std::size_t key_bytes_max = 512;  ///< of any bytes; at least 1
inline constexpr std::size_t value_bytes_max = 65'536;
inline constexpr std::size_t owner_bytes_max = 256;
inline constexpr std::size_t listed_max = 1'000;
inline constexpr std::int64_t generation_max = std::int64_t{1} << 52;
inline constexpr std::int64_t capacity_max = 1'000'000;
inline constexpr std::int64_t counted_max = 1'000'000'000'000;
/// Of every length of time: ten years.
inline constexpr Microseconds duration_max = Microseconds{3'652} * 86'400 * 1'000'000;

/// A value as it was found. It lives while the clock says less than `ends`.
struct Entry {
  std::string key;
  std::string value;
  std::int64_t version = 0;  ///< another after each put; no two puts of a store give the same
  Microseconds ends = 0;
};

/// Who writes as the holder of a lease: refused when the lease has seen a higher generation, and raising it when it has not
/// seen this one yet.
struct Fence {
  std::string lease;
  std::int64_t generation = 0;  ///< at least 1
};

/// What has to hold for a change to be made. Checked in one step with it.
struct Condition {
  std::optional<std::int64_t> version = {};  ///< of the value that is there; 0: there is none
  std::optional<Fence> fence = {};
};

enum class Verdict : std::uint8_t {
  done,
  absent,   ///< there is nothing under the key
  changed,  ///< there is another version, or there is one where none should be, or none where one should be
  stale,    ///< the fence's generation is not the newest
};

struct Put {
  Verdict verdict = Verdict::done;
  std::int64_t version = 0;  ///< of what was put
};

/// So many at once at most, and one more after every interval.
struct Bucket {
  std::int64_t capacity = 1;
  Microseconds interval = 1'000'000;
};

struct Taken {
  bool allowed = false;
  std::int64_t left = 0;         ///< that could be taken now
  Microseconds retry_after = 0;  ///< until as many could be taken as were asked for; 0 when it is allowed
};

/// As it stands. Nobody has it any more when `ends` has come; the generation stays.
struct Lease {
  std::string owner;
  std::int64_t generation = 0;
  Microseconds ends = 0;
  bool is_held = false;  ///< it has not ended yet
};

struct Acquired {
  bool acquired = false;
  bool stale = false;  ///< it was asked for with a generation that is not the newest
  Lease lease;         ///< one's own, or the one that is in the way
};

struct Counted {
  std::int64_t count = 0;
  Microseconds ends = 0;
};

/// Thread-safe; several processes may have one on the same database or Redis. Every call is one atomic step, by the injected
/// clock. Throws Error invalid_input beyond the bounds; unavailable when the store can't be reached, and when the connection
/// was lost before the answer came (the step may have been made, or not; on PostgreSQL it may be commit_unknown then); retryable
/// when it is busy.
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Lives for `duration` from now.
  Put put(std::string_view key, std::string_view value, Microseconds duration,
          const Condition& condition = {});
  std::optional<Entry> get(std::string_view key);
  Verdict erase(std::string_view key, const Condition& condition = {});
  /// Lives for `duration` from now; value and version stay.
  Verdict refresh(std::string_view key, Microseconds duration, const Condition& condition = {});
  /// Those whose keys begin with `prefix`, in order of their bytes, behind `after`.
  std::vector<Entry> list(std::string_view prefix, std::size_t limit = listed_max,
                          std::string_view after = {});

  /// Takes `count` tokens at once or none. A bucket that nobody has taken from is full.
  Taken take(std::string_view key, const Bucket& bucket, std::int64_t count = 1);

  /// Without a generation: taken when nobody else has it, under a generation that is one above the last. With one, which
  /// somebody else hands out (a database): taken from whoever has an older one, refused to an older one. An owner who has it
  /// already gets it anew.
  Acquired acquire(std::string_view name, std::string_view owner, Microseconds duration,
                   std::int64_t generation = 0);
  /// False when it has ended or is another's.
  bool renew(std::string_view name, std::string_view owner, std::int64_t generation, Microseconds duration);
  bool release(std::string_view name, std::string_view owner, std::int64_t generation);
  /// The last one, whether it has ended or not.
  std::optional<Lease> find_lease(std::string_view name);
  /// Forgets the generation too: for names that nobody will write under again.
  void forget_lease(std::string_view name);

  /// Adds to what was counted under the key. It ends `duration` after the first.
  Counted count(std::string_view key, Microseconds duration, std::int64_t by = 1);
  std::optional<Counted> find_count(std::string_view key);
  void erase_count(std::string_view key);

  /// Takes away what has ended, at most `limit` of each kind. Stores do it by themselves, a little with each change.
  std::int64_t purge(std::size_t limit = listed_max);

  /// For people; without a password.
  virtual std::string name() const = 0;

 protected:
  explicit Store(Clock& clock) : clock_(clock) {}

  struct Change {
    const Condition& condition;
    Microseconds now;
    Microseconds ends;  ///< 0 where nothing lives on
  };

 private:
  // The same, with everything checked.
  virtual Put do_put(std::string_view key, std::string_view value, const Change& change) = 0;
  virtual std::optional<Entry> do_get(std::string_view key, Microseconds now) = 0;
  virtual Verdict do_erase(std::string_view key, const Change& change) = 0;
  virtual Verdict do_refresh(std::string_view key, const Change& change) = 0;
  virtual std::vector<Entry> do_list(std::string_view prefix, std::string_view after, std::size_t limit,
                                     Microseconds now) = 0;
  virtual Taken do_take(std::string_view key, const Bucket& bucket, std::int64_t count, Microseconds now) = 0;
  virtual Acquired do_acquire(std::string_view name, const Lease& wanted, Microseconds now) = 0;
  virtual bool do_renew(std::string_view name, const Lease& lease, Microseconds now) = 0;
  virtual bool do_release(std::string_view name, const Lease& lease, Microseconds now) = 0;
  virtual std::optional<Lease> do_find_lease(std::string_view name) = 0;
  virtual void do_forget_lease(std::string_view name) = 0;
  virtual Counted do_count(std::string_view key, const Counted& first, Microseconds now) = 0;
  virtual std::optional<Counted> do_find_count(std::string_view key, Microseconds now) = 0;
  virtual void do_erase_count(std::string_view key) = 0;
  virtual std::int64_t do_purge(std::size_t limit, Microseconds now) = 0;

  Clock& clock_;
};

/// Every member has an initializer, so that naming a few of them is no warning.
struct StoreOptions {
  Clock* clock = nullptr;   ///< null: the system's. Must outlive the store
  int connections = 4;      ///< to PostgreSQL or Redis, at most, 1 to 64
  int wait_ms_max = 2'000;  ///< for a connection, an answer, another's lock; then it fails
  bool create = true;       ///< a file or tables that are not there are made; else they are `not_found`
};

/// `memory:`; `sqlite:PATH` or a path, made if it is not there; `postgresql://...`, where `schema` (default `reeve_live`) is made
/// if it is not there; `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, where `?space=NAME` keeps apart those who share it.
/// Throws Error invalid_input, denied, unavailable, not_found.
std::unique_ptr<Store> open_store(std::string_view url, const StoreOptions& options = {});

}  // namespace reeve::live
