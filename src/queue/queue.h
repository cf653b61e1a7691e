#pragma once
// Jobs as workers take and end them (docs/jobs.md). Knows how they are stored, and not what does them.

#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "queue/enqueuer.h"
#include "queue/statements.h"

#include <reeve/clock.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::queue {

/// A job of which a worker has the lease.
struct Claimed {
  std::string kind;
  std::int64_t sequence = 0;
  std::int64_t attempt = 0;  ///< from 1
  std::int64_t claims = 0;
  Microseconds enqueued = 0;
  std::string arguments;
  std::string unique_key;  ///< '' for none
  std::int64_t priority = 0;
  std::int64_t turn = 0;

  std::int64_t token() const { return sequence * (std::int64_t{1} << 20) + claims; }
};

/// How an attempt ended.
struct Ending {
  std::string kind;
  std::int64_t sequence = 0;
  std::int64_t claims = 0;
  std::string unique_key = {};
  bool completed = false;
  std::string text = {};  ///< the result, or the error
  bool untried = false;   ///< nothing was done: it is ready again, and the attempt does not count
  bool at_once = false;   ///< a failed one needs no wait before the next attempt
  bool accepted = false;  ///< said by end(): the token was the last one
  bool dead = false;      ///< said by end(): no attempt is left
};

/// A job whose lease goes on.
struct Held {
  std::string kind;
  std::int64_t sequence = 0;
  std::int64_t claims = 0;
  bool lost = false;       ///< said by prolong(): somebody else has it, or nobody
  bool cancelled = false;  ///< said by prolong()
};

/// A row of reeve_jobs or reeve_jobs_done.
struct Stored {
  std::string kind;
  std::int64_t sequence = 0;
  std::string state;  ///< docs/jobs.md, or `completed`, `cancelled`
  std::int64_t priority = 0;
  Microseconds due = 0;
  std::string tier;
  std::string unique_key;
  std::string waits_for;
  std::int64_t attempts = 0;
  std::int64_t claims = 0;
  bool cancelled = false;
  Microseconds enqueued = 0;
  std::optional<Microseconds> started;
  std::optional<Microseconds> finished;
  std::string worker;
  std::string text;  ///< the last error, or the result
  std::string arguments;
};

/// What list() is narrowed by; empty members narrow nothing.
struct Which {
  std::string kind = {};
  std::string state = {};
  std::int64_t sequence = 0;
  std::int64_t limit = 100;
};

struct Count {
  std::string kind;
  std::string state;
  std::int64_t jobs = 0;
};

/// Of one connection. Everything happens inside the write (or, to look, read) transaction of the caller. Not thread-safe.
class Queue {
 public:
  using Kinds = std::map<std::string, blueprint::JobKind, std::less<>>;
  /// `kinds` must outlive it.
  Queue(engine::Connection& connection, const Kinds& kinds, Clock& clock, Random& random);

  bool has_tables() { return statements_.has_tables(); }

  /// Jobs whose time, or whose moment, has come are ready, leases that have ended are failures, and jobs that waited for others
  /// are let go.
  void wake(std::optional<std::int64_t> moment = {});
  /// At most `limit` jobs of those of these kinds that are not paused, in the order in which they are to be done, and the lease
  /// of each.
  std::vector<Claimed> claim(const std::vector<const blueprint::JobKind*>& kinds, std::size_t limit,
                             std::string_view worker);
  /// Ends attempts; each hears whether its token was good.
  void end(std::vector<Ending>& endings);
  void prolong(std::vector<Held>& held);
  /// When the next delayed job is due, if there is one.
  std::optional<Microseconds> next_due();
  /// When the lease that ends first does.
  std::optional<Microseconds> next_lease_end();
  /// When the next job of a kind with a rate may begin; nothing where it may now.
  std::optional<Microseconds> next_of_rate(const blueprint::JobKind& kind);
  /// Forgets what was done longer ago than its kind says, at most `limit` jobs of each; true when more may be left.
  bool purge(std::int64_t limit);

  std::vector<Stored> list(const Which& which);
  /// Those that are done: `which.state` is how they ended.
  std::vector<Stored> list_done(const Which& which);
  std::vector<Count> count();
  /// A dead or delayed job is ready, with all its attempts. False when there is none, or its key has another.
  bool retry(std::string_view kind, std::int64_t sequence);
  enum class Cancel : std::uint8_t { done, told, unknown };
  Cancel cancel(std::string_view kind, std::int64_t sequence);
  /// It has arrived: the job is done, in whatever state it is. False when it was never begun, or is done already.
  bool confirm(std::string_view kind, std::int64_t sequence);

 private:
  /// What is stored of a job that is not done.
  struct Running {
    std::int64_t attempts = 0;
    Microseconds enqueued = 0;
    std::optional<Microseconds> started = {};
    std::string worker = {};
    bool cancelled = false;
    std::optional<std::int64_t> next_sequence = {};
    std::string next_arguments = {};
    std::int64_t priority = 0;
    std::int64_t turn = 0;
    std::string tier = {};
    std::string state = {};
    std::int64_t claims = 0;
  };
  static Running running_of(const engine::Statement& row);
  /// Open or dead; on PostgreSQL locked.
  std::optional<Running> find_open(std::string_view kind, std::int64_t sequence);
  const blueprint::JobKind* find(std::string_view kind) const;
  std::vector<Claimed> claim_in_file(const std::vector<const blueprint::JobKind*>& kinds, std::size_t limit,
                                     std::string_view worker);
  std::vector<Claimed> claim_in_schema(const std::vector<const blueprint::JobKind*>& kinds, std::size_t limit,
                                       std::string_view worker);
  void raise_turns(const std::vector<Claimed>& claimed);
  void complete(std::vector<Ending>& endings);
  void complete_in_schema(std::vector<Ending>& endings);
  bool is_confirmed(std::string_view kind) const;
  bool has_ready(const blueprint::JobKind& kind);
  void end_slowly(Ending& ending);
  void publish(const Ending& ending);
  void expire(std::string_view state, std::string_view why);
  void fail(Ending& ending, const Running& running);
  void follow(std::string_view kind, std::int64_t sequence, const Running& running);
  Timing timing_of_event(const blueprint::JobKind* kind, std::int64_t sequence);
  void write_done(std::string_view kind, std::int64_t sequence, std::string_view outcome,
                  const Running& running, std::string_view result);
  Microseconds backoff(const blueprint::JobKind& kind, std::int64_t attempts);

  Statements statements_;
  const Kinds& kinds_;
  Clock& clock_;
  Random& random_;
};

/// Text of others, fit to be stored: UTF-8, without U+0000, cut to `bytes_max` between characters.
std::string bounded(std::string_view text, std::size_t bytes_max);
inline constexpr std::size_t error_bytes_max = 2000;

}  // namespace reeve::queue
