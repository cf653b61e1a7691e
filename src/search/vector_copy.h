#pragma once
// A copy of an index's vectors for pgvector, on a PostgreSQL that has it (docs/vectors.md, "On a server with pgvector"). It is
// derived from the rows, and only proposes which of them to look at.

#include "engine/connection.h"
#include "journal/journal.h"
#include "search/definition.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::search {

/// A row of reeve_search_copies, and what the server has of it.
struct StoredCopy {
  std::string index;
  std::int64_t number = 0;  ///< of its table
  std::string definition;   ///< copy_definition() of what made it; '' once it was given up
  std::int64_t sequence = 0;
  std::string chain_hash;  ///< of that event, hexadecimal
  std::int64_t rows = 0;
  std::string schema;  ///< of pgvector; '' where the table can't be used
  bool is_indexed = false;
  bool is_usable() const { return !schema.empty() && !definition.empty(); }
  bool is_at(const journal::Head& head) const {
    return sequence == head.sequence && chain_hash == to_hex(head.chain_hash);
  }
};

/// Of all that a copy depends on; hexadecimal.
std::string copy_definition(const Definition& definition);

/// Why it is not asked for what this event shows; empty where it is.
std::string unfit(const StoredCopy& copy, const Definition& definition, const journal::Head& head);

/// An index of pgvector's can't have more.
inline constexpr std::size_t copied_dimensions_max = 2'000;
/// What pgvector can be asked for at once (hnsw.ef_search).
inline constexpr std::size_t proposed_max = 1'000;

/// Those of a connection's ledger, inside a transaction. A file has none. Not thread-safe.
class VectorCopies {
 public:
  explicit VectorCopies(engine::Connection& connection);

  /// False where the schema never had one.
  bool has_any();
  /// The same as it was last seen.
  bool has_known() const { return has_any_; }
  std::vector<StoredCopy> stored();
  /// Null when there is none.
  std::optional<StoredCopy> find(const std::string& index);

  /// Whether one can be made: the database has pgvector, and an index of it takes so many dimensions.
  bool is_possible(const Definition& definition);
  /// A new one without rows, at this event. As an administrator. Throws Error bad_statement where the database has no pgvector,
  /// invalid_input for more dimensions than it takes.
  StoredCopy make(const Definition& definition, const journal::Head& head);
  /// The index that is asked. Outside of a transaction; others go on to write.
  void make_index(const StoredCopy& copy, vectors::Metric metric);
  /// As an administrator.
  void drop(const StoredCopy& copy);
  /// Its halves: from the first on nobody asks it, and the second waits for all who read it.
  void forget(const StoredCopy& copy);
  void drop_table(const StoredCopy& copy);

  /// Takes away those of the keys that are there, then adds the pairs of key and stored vector, whose keys are not there.
  void write(const StoredCopy& copy, const std::vector<std::string>& gone,
             const std::vector<std::pair<std::string, std::string>>& come);
  void set_place(const StoredCopy& copy, const journal::Head& head);
  /// Nobody asks it or brings it up any more, until it is made anew.
  void give_up(const StoredCopy& copy);
  /// Of all that were at the event of this chain hash.
  void move_places(const std::string& from_chain_hash, const journal::Head& head);
  void each(const StoredCopy& copy,
            const std::function<void(std::string_view key, const std::vector<float>& vector)>& take);
  /// The keys of the rows that the server's index finds near, `count` at most. Nothing where the server refuses that, as when
  /// pgvector was taken away since the snapshot was taken.
  std::optional<std::vector<std::string>> nearest(const StoredCopy& copy, vectors::Metric metric,
                                                  std::span<const float> vector, std::size_t count);

 private:
  /// With the connection's ledger as its first parameter.
  engine::Statement prepare(std::string_view sql);

  engine::Connection& connection_;
  bool is_file_ = true;
  bool has_any_ = false;
};

}  // namespace reeve::search
