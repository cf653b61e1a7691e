#pragma once
// Keeps search indexes in step with the rows: whatever moves the rows of a ledger moves them in the same transaction.

#include "journal/journal.h"
#include "search/copy_keeper.h"
#include "search/definition.h"
#include "search/store.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reeve::search {

/// Reads rows of a table as a definition asks for them; columns that no document is made of are NULL.
class RowReader {
 public:
  RowReader(engine::Connection& connection, const journal::Layout& layout, const Definition& definition);
  /// In order of the key.
  void each(const std::function<void(journal::Row)>& take);
  /// Null when there is none; valid until the next call.
  journal::Row find(std::span<const ValueView> key);

 private:
  void load(const engine::Statement& statement);
  engine::Connection& connection_;
  std::vector<const Definition::Column*> columns_;
  std::string select_;
  engine::Statement find_;
  std::vector<ValueView> row_;
};

/// What brought an index up, for who reports it.
struct BroughtUp {
  std::string name;
  enum class By : std::uint8_t { nothing, keys, rows, dropped } by = By::nothing;
  std::int64_t documents = 0;  ///< that were made
};

/// Which indexes are made from all rows, whatever is stored of them.
struct Anew {
  bool wanted = false;
  std::string_view only = {};  ///< the one of this name; '' for all
};

/// Of one connection that writes the ledger. Inside its write transaction, the head locked. Not thread-safe.
class Keeper {
 public:
  /// Without a blueprint (a migration is on its way to its last level) nothing is kept.
  Keeper(engine::Connection& connection, const blueprint::Blueprint* blueprint,
         const journal::Layout& layout);
  ~Keeper();

  /// True when there is no index to keep.
  bool is_empty() const { return kept_.empty(); }

  /// Brings all indexes to the head, however they are: from the journal's changesets since they were kept where that is
  /// enough, from all rows otherwise, or with `anew`; indexes that are declared no more are dropped. On PostgreSQL the tables
  /// are made if the session may.
  /// False when there was nothing to do.
  bool bring_up(const journal::Head& head, const Anew& anew = {}, std::vector<BroughtUp>* report = nullptr);

  /// A net change of a group that is being sealed. Rows of tables without an index cost a look-up.
  void change(int table, journal::Row before, journal::Row after);
  /// Writes what changed; the indexes are those of the state at this head. Precondition: brought up before.
  void seal(const journal::Head& head);
  /// After a rollback: changes that were not sealed never were.
  void forget();
  /// Copies of vectors on a server with pgvector, which are brought up and sealed with the indexes.
  CopyKeeper& copies() { return *copies_; }

 private:
  struct Kept;
  std::vector<StoredIndex> stored();
  void drop_undeclared(const std::vector<StoredIndex>& stored, std::vector<BroughtUp>& report);
  void bring_up(Kept& kept, const StoredIndex* found, const journal::Head& head, bool anew,
                std::vector<BroughtUp>& report);
  std::int64_t build(Kept& kept);
  bool catch_up(Kept& kept, const StoredIndex& found, const journal::Head& head, std::int64_t& documents);

  engine::Connection& connection_;
  const journal::Layout& layout_;
  bool has_blueprint_ = false;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CopyKeeper> copies_;
  std::vector<std::unique_ptr<Kept>> kept_;
  std::vector<std::vector<Kept*>> by_table_;
};

/// The same for who moved rows by other ways than a writer's: at the end of its transaction. Nothing where the
/// blueprint has no index and none was ever kept.
void bring_up(engine::Connection& connection, const blueprint::Blueprint* blueprint,
              const journal::Layout& layout, const journal::Head& head, bool anew = false);

}  // namespace reeve::search
