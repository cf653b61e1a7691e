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

/// Events and groups that wait to be inserted into PostgreSQL's tables, in the form in which they are sent. Empty once they are.
class Gathered {
 public:
  Gathered();
  ~Gathered();
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;

 private:
  friend class Appender;
  class Rows;
  class Groups;
  std::unique_ptr<Rows> rows_;
  std::unique_ptr<Groups> groups_;
};

/// Inserts events and groups through prepared statements, inside the writer's transaction. On PostgreSQL the rows
/// of many events are inserted by one statement, at the latest with their seal (gather()), and everything is posted.
class Appender {
 public:
  explicit Appender(engine::Connection& connection);
  ~Appender();
  void append(const Event& event);
  /// `chain` holds 32 bytes for each event; `changesets` each event's, with its length as a varint before it.
  void seal(std::int64_t first, std::int64_t last, const Digest& chain_hash, const Digest& state_hash,
            std::string_view chain, std::string_view changesets);
  /// From now on, on PostgreSQL, groups wait as their events do, until flush(): for who commits several at once.
  void gather();
  /// Gives away what was gathered; `to` is empty. Like append() and seal() it then touches memory alone, so that another
  /// thread may be in insert().
  void take(Gathered& to);
  void insert(Gathered& gathered);
  /// Inserts what was appended, for a statement that reads the events, and groups that were gathered.
  void flush();
  /// Forgets what was appended and not inserted: the transaction was rolled back.
  void drop();

 private:
  void post(Gathered::Rows& rows);
  void post(Gathered::Groups& groups);

  bool is_file_ = false;
  bool gathers_groups_ = false;
  Gathered gathered_;               ///< of PostgreSQL
  engine::Statement insert_event_;  ///< of SQLite
  engine::Statement insert_group_;
  engine::Statement insert_events_;  ///< from here on of PostgreSQL
  engine::Statement insert_events_text_moment_;
  engine::Statement insert_groups_;
  engine::Statement update_head_;
};

}  // namespace reeve::journal
