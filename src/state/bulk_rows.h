#pragma once
// Many rows of the state's tables at once: read by their keys, and written in an order in which constraints hold.

#include "engine/array.h"
#include "engine/connection.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "sql/catalogue.h"
#include "state/rows.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reeve::state {

/// On PostgreSQL a statement for each table takes the rows as arrays. In a file it is a statement for each row, and who
/// writes has foreign keys off and checks them once at the end. The connection is in a transaction. Not thread-safe.
class BulkRows {
 public:
  /// Both must outlive it; the layout is the catalogue's.
  BulkRows(engine::Connection& connection, const journal::Layout& layout, const sql::Catalogue& catalogue);

  /// As Fold::Reader.
  void read(int table, const std::vector<std::vector<ValueView>>& keys,
            const std::function<void(journal::Row)>& found);

  class Packed;
  /// Makes of net changes, sorted by table and key, what is to be sent: rows as they were when nobody has written since, and
  /// as they are to be; they outlive it. Touches memory alone: another thread may be in write() meanwhile.
  void pack(std::span<const journal::Change> changes, Packed& packed) const;
  /// Writes them. Captured by nobody where the session says so (capture.h). Throws Error unique_violation or
  /// constraint_violation where no order of whole rows leads there, corrupt when a row was not there: what was written is
  /// the caller's to roll back.
  void write(const Packed& packed);
  void write(std::span<const journal::Change> changes);

 private:
  enum class Verb : std::uint8_t { insert, update, remove, read };
  struct Prepared {
    engine::Statement statement;
    std::vector<engine::Array> arrays;  ///< of keys that are read
  };
  struct Table {
    int number = 0;
    std::vector<int> key;                 ///< places of the primary key
    std::set<int> unique_columns;         ///< of the unique keys and indexes beside it
    bool has_unique_expressions = false;  ///< any change may move a unique value
    bool is_referenced = false;           ///< by another table, or itself
    bool refers_to_itself = false;
    struct Parent {
      int table = 0;
      std::set<int> columns;  ///< the foreign key's, here
    };
    std::vector<Parent> parents;
  };
  struct Plan;

  void learn(const sql::Catalogue& catalogue);
  Plan plan(std::span<const journal::Change> changes) const;
  void write_file(std::span<const journal::Change> changes);
  void pack(int table, Verb verb, const std::vector<int>& columns, const std::vector<journal::Row>& rows,
            Packed& packed) const;
  Prepared& prepared(int table, Verb verb, const std::vector<int>& columns);
  std::string text_of(int table, Verb verb, const std::vector<int>& columns) const;

  engine::Connection& connection_;
  const journal::Layout& layout_;
  RowStore single_;
  std::vector<Table> tables_;  ///< by their numbers
  std::vector<int> order_;     ///< parents before children
  bool has_deferred_constraints_ = false;
  std::map<std::pair<std::pair<int, Verb>, std::vector<int>>, Prepared> prepared_;
};

/// Rows on their way, kept while earlier ones are written. What it was used for once is memory for the next time.
class BulkRows::Packed {
 public:
  bool is_empty() const { return changes_.empty(); }

 private:
  friend class BulkRows;
  struct Part {
    int table = 0;
    Verb verb = Verb::read;
    std::vector<int> columns;           ///< whose values are the statement's parameters, in order
    std::vector<engine::Array> arrays;  ///< one for each of them
    std::size_t rows = 0;
  };
  std::span<const journal::Change> changes_;
  std::vector<Part> parts_;  ///< of PostgreSQL, in the order in which constraints hold
};

}  // namespace reeve::state
