#pragma once
// The end of a journal: events and groups are inserted, never changed.

#include "base/hash.h"
#include "engine/array.h"
#include "engine/connection.h"
#include "journal/event.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace reeve::journal {

/// Inserts events and groups through prepared statements, inside the writer's transaction. On PostgreSQL the rows
/// of many events are inserted by one statement, at the latest with their seal, and everything is posted.
class Appender {
 public:
  explicit Appender(engine::Connection& connection);
  ~Appender();
  void append(const Event& event);
  /// `chain` holds 32 bytes for each event; `changesets` each event's, with its length as a varint before it.
  void seal(std::int64_t first, std::int64_t last, const Digest& chain_hash, const Digest& state_hash,
            std::string_view chain, std::string_view changesets);
  /// From now on, on PostgreSQL, groups wait as their events do, until flush(): for who brings over many at once.
  void gather();
  /// Inserts what was appended, for a statement that reads the events, and groups that were gathered.
  void flush();
  /// Forgets what was appended and not inserted: the transaction was rolled back.
  void drop();

 private:
  class Rows;
  class Groups;

  engine::Connection& connection_;
  engine::Statement insert_event_;  ///< of SQLite
  std::unique_ptr<Rows> rows_;      ///< of PostgreSQL
  std::unique_ptr<Groups> groups_;  ///< when they are gathered
  engine::Statement insert_group_;
  engine::Statement update_head_;  ///< of PostgreSQL
};

}  // namespace reeve::journal
