#pragma once
// Keeps the copies that a server with pgvector has of vectors in step with the rows, and compares them.

#include "journal/layout.h"
#include "search/vector_copy.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// What a copy has otherwise than the rows.
struct CopyDifference {
  enum class Kind : std::uint8_t { missing, extra, stale } kind = Kind::missing;
  std::string key;
};

/// Reads all rows and all of the copy. Ends with false of `take`; whether it came to its end.
bool compare_copy(engine::Connection& connection, const Definition& definition, const StoredCopy& copy,
                  const std::function<bool(CopyDifference difference)>& take);

/// Of one connection that writes the ledger. Inside its write transaction, the head locked. Not thread-safe. `definitions` and the
/// layout outlive it.
class CopyKeeper {
 public:
  CopyKeeper(engine::Connection& connection, const journal::Layout& layout,
             std::vector<const Definition*> definitions);

  /// Brings the copies to the head by the keys that changesets name, or by comparison where those don't tell. One that is of
  /// another definition, or that can't be used, stays as it is: it is not asked. One that too much is behind is given up.
  void bring_up(const journal::Head& head);
  /// A row of a table changed.
  void note(int table);
  /// At the end of a group, whose changesets are in the journal.
  void seal(const journal::Head& head);
  /// After a rollback.
  void forget() { is_known_ = false; }

  /// Makes the copy of an index anew, without its index.
  StoredCopy rebuild(const Definition& definition, const journal::Head& head);
  VectorCopies& copies() { return copies_; }

 private:
  void bring_up(const Definition& definition, const StoredCopy& copy, const journal::Head& head);
  bool take_changes(const Definition& definition, const StoredCopy& copy);
  bool take_differences(const Definition& definition, const StoredCopy& copy);
  void write_rows(const Definition& definition, const StoredCopy& copy, const std::vector<std::string>& gone,
                  const std::vector<std::string>& come);

  engine::Connection& connection_;
  const journal::Layout& layout_;
  std::vector<const Definition*> definitions_;
  VectorCopies copies_;
  bool is_known_ = false;     ///< whether there are any, and that they are those of at_
  bool has_changed_ = false;  ///< a vector, since the last seal
  std::string at_;            ///< the chain hash up to which they were brought, hexadecimal
};

}  // namespace reeve::search
