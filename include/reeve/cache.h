#pragma once
// Answers of named queries, kept until an event touches a table that they were read from (docs/cache.md).

#include <reeve/clock.h>
#include <reeve/ledger.h>
#include <reeve/types.h>
#include <reeve/value.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

namespace live {
class Store;
}  // namespace live

/// Every member has an initializer, so that naming a few of them is no warning.
struct CacheOptions {
  std::size_t bytes_max = std::size_t{64} << 20;  ///< of all that is kept; what was used longest ago goes
  std::size_t answer_bytes_max = std::size_t{1} << 20;  ///< a larger answer is given and not kept
  /// So long after a look at the journal's head the next look-ups do without one: they may miss what other processes
  /// committed meanwhile, never what a Ledger of this process did. 0: every look-up looks.
  int trust_ms = 0;
  /// Where answers are shared with other processes; must outlive the cache. Null: they are not.
  live::Store* store = nullptr;
  int store_seconds = 600;  ///< how long an answer stays there
  Clock* clock =
      nullptr;  ///< null: the system's. Measures trust_ms and how long a store that failed is left alone
};

/// An answer as it was read from one snapshot. Never changes.
struct AnswerTable {
  std::vector<Rows::Column> columns;
  std::vector<Value> values;  ///< row by row
  std::size_t bytes = 0;      ///< that it takes in memory, nearly

  std::size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
  /// By places from 0.
  const Value& at(std::size_t row, std::size_t column) const { return values[row * columns.size() + column]; }
};

struct CachedAnswer {
  enum class Origin : std::uint8_t {
    found,    ///< it was kept
    awaited,  ///< another thread was asking for it
    taken,    ///< another process had put it into the store
    made,     ///< the database was asked
    passed,   ///< the same, and it is of a kind that is never kept
  };
  std::shared_ptr<const AnswerTable> table;
  /// It is the answer in the state after this event, which is the head when query() was called (but for trust_ms) or a later
  /// one, whatever the origin.
  Sequence sequence;
  Origin origin = Origin::made;
};

/// Since the cache was made; `entries` and `bytes` as they stand.
struct CacheStats {
  std::uint64_t found = 0;
  std::uint64_t awaited = 0;
  std::uint64_t taken = 0;
  std::uint64_t made = 0;
  std::uint64_t passed = 0;
  std::uint64_t outdated = 0;  ///< found touched by an event
  std::uint64_t evicted = 0;   ///< gone for want of room
  std::uint64_t emptied = 0;   ///< all were forgotten at once: another epoch, another past, too much at once
  std::uint64_t looks = 0;     ///< at the journal's head
  std::uint64_t store_faults = 0;
  std::size_t entries = 0;
  std::size_t bytes = 0;
};

/// Thread-safe. An answer is never older than the head when query() was called, but for trust_ms.
class QueryCache {
 public:
  /// `url` is that by which the ledger was opened, which must outlive the cache; one connection more is opened to it. Throws
  /// Error as Ledger::open does, and invalid_input for options that can't be.
  QueryCache(Ledger& ledger, std::string_view url, const CacheOptions& options = {});
  ~QueryCache();
  QueryCache(const QueryCache&) = delete;
  QueryCache& operator=(const QueryCache&) = delete;

  /// As Ledger::query, with all rows. Throws Error as it does; what fails is asked anew the next time.
  CachedAnswer query(std::string_view name, std::string_view parameters = "{}");
  CacheStats stats() const;
  /// After rows were changed without an event, as by `reeve rebuild`: forgets what is kept here. A query() that is called
  /// afterwards is given nothing that was read before, neither what others are asking for meanwhile nor what is shared and of
  /// a state up to the head of now. Of other caches nothing is forgotten: each has to be cleared.
  void clear();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve
