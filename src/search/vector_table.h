#pragma once
// The vectors of an index's rows, as a snapshot shows them and filters leave them.

#include "search/definition.h"

#include "engine/connection.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// What a column of the searched table has to be.
struct Condition {
  enum class Compare : std::uint8_t { equal, unequal, at_most, at_least };
  const Definition::Column* column = nullptr;
  std::string value;  ///< as text, in the canonical form of the column's type
  Compare compare = Compare::equal;
  bool or_none = false;  ///< a row without a value too; of unequal it always is
};

/// The column `t.NAME` against a parameter, as SQL.
std::string condition_sql(const Condition& condition, std::string_view parameter, bool is_file);
/// Throws Error invalid_input for a value that is no text.
void bind_condition(engine::Statement& statement, int parameter, const Condition& condition);

/// A row that has a vector; valid during the call.
struct VectorRow {
  std::string_view key;        ///< the JSON array of the primary key
  std::string_view embedding;  ///< stored bytes of a vector of the index's dimensions
  std::string_view
      text_hash;           ///< of the text it was made of; '' where the application brings its own vectors
  std::string_view model;  ///< the same
};
using TakeVector = std::function<void(const VectorRow& row)>;

/// The number by which the module vectors knows a row: 63 bits of BLAKE2b of its key, the same everywhere.
std::int64_t vector_id(std::string_view key);

/// Of one connection, inside the snapshot of a read transaction. Not thread-safe. What is no vector of the index's
/// dimensions, and what is of another model, is not among its rows.
/// Precondition: the definition has an embedding, and outlives this.
class VectorTable {
 public:
  /// `model` as it is stored, name and version; '' takes any.
  VectorTable(engine::Connection& connection, const Definition& definition, std::vector<Condition> conditions,
              std::string model);

  /// How many there are, counted up to `max`; those that can't be read count.
  std::uint64_t count(std::uint64_t max);
  /// In order of the key.
  void each(const TakeVector& take);
  /// The keys alone.
  void each_key(const std::function<void(std::string_view key)>& take);
  /// Those of the keys that are there, in any order.
  void each_of(const std::vector<std::string>& keys, const TakeVector& take);

 private:
  std::string select(std::string_view what, std::string_view and_where, std::string_view rest) const;
  std::string own_keys() const;
  void bind(engine::Statement& statement) const;
  void each_of_in_file(const std::vector<std::string>& keys, const TakeVector& take);
  void each_of_on_server(const std::vector<std::string>& keys, const TakeVector& take);
  void give(const engine::Statement& row, const TakeVector& take);

  engine::Connection& connection_;
  const Definition& definition_;
  std::vector<Condition> conditions_;
  std::string model_;
  bool is_file_ = true;
  DocumentMaker maker_;
  engine::Statement find_;
  bool has_find_ = false;
  std::vector<ValueView> key_;
};

/// The keys of a row and of what it hangs on, up to the root; nothing when there is no such row. The index's table is a tree.
std::vector<std::string> lineage_of(engine::Connection& connection, const Definition& definition,
                                    std::string_view key);

}  // namespace reeve::search
