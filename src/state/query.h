#pragma once
// Named queries on a pool of readers: each answer comes from one snapshot.

#include "search/embedders.h"
#include "search/embedding.h"
#include "search/store.h"
#include "search/vector_memory.h"
#include "state/binding.h"
#include "state/connection_budget.h"
#include "state/epochs.h"
#include "state/host.h"
#include "state/location.h"
#include "state/sealing.h"

#include <reeve/ledger.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reeve::state {

class ReaderPool;

/// One connection with its prepared queries, and the answer that is being read from it. Reeve's Rows are a reader
/// that goes back to its pool when they are destroyed: an answer costs no allocation.
struct Reader {
  struct Prepared {
    Members members;
    std::unique_ptr<BoundStatement> statement;
    std::vector<reeve::Rows::Column> columns;
    const blueprint::Query* query = nullptr;
    bool reads_clock = false;
    std::vector<std::size_t> personal;  ///< columns whose values are sealed
  };
  /// Where the answer stands that is being read.
  enum class Place : std::uint8_t { before_first, at_row, at_end };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  ConnectionBudget::Place place;  ///< outlives the connection
  ReaderPool* pool = nullptr;     ///< its own
  std::uint64_t returned = 0;     ///< to the pool: the smaller, the longer ago
  std::unique_ptr<engine::Connection> connection;
  std::unique_ptr<Host> host;
  std::shared_ptr<const EpochState> epoch;
  std::uint32_t data_version = 0;  ///< of the file, when epoch and sequence were read
  std::int64_t sequence = 0;
  std::unordered_map<std::string, Prepared, NameHash, std::equal_to<>> queries;
  Prepared* last = nullptr;                     ///< the one that was asked last
  std::optional<engine::Transaction> snapshot;  ///< while an answer is read that needs one
  bool is_broken = false;                       ///< not fit for another: the pool drops it
  engine::Statement select_snapshot;
  json::Reader json;
  Scratch scratch;
  std::string parameters;  ///< bound text may point into it
  std::string at;

  // Of the answer that is being read.
  Prepared* asked = nullptr;
  Place row = Place::at_end;
  std::vector<std::string> opened;  ///< of the row: of each column that is personal
  std::vector<bool> is_null;

  std::unique_ptr<search::Store> search;  ///< made by the first search

  const std::vector<reeve::Rows::Column>& columns() const { return asked->columns; }
  bool next();
  ValueView column(std::size_t column) const {
    if (!asked->personal.empty()) {
      for (std::size_t i = 0; i < asked->personal.size(); ++i) {
        if (asked->personal[i] == column)
          return is_null[i] ? ValueView() : ValueView::of(std::string_view(opened[i]));
      }
    }
    return asked->statement->statement().column(static_cast<int>(column));
  }
  /// Binds and makes the first step.
  void ask(Prepared& query, std::string_view parameters, Clock& clock);
  /// Opens the sealed values of the row at hand.
  void open_personal();
  void forget_queries();
};

using Answer = std::unique_ptr<Reader, GiveBack>;

/// Thread-safe. Knows the epoch that is in force: from who commits here (set_epoch), and from the snapshots
/// themselves, for another process may have migrated.
class ReaderPool {
 public:
  /// Epochs of ledgers that share a budget may come from a library that they share too.
  ReaderPool(Location location, const LedgerOptions& options, std::shared_ptr<const EpochState> epoch,
             std::shared_ptr<ConnectionBudget> budget, std::shared_ptr<EpochLibrary> library = nullptr);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  /// The first step is made at once: the answer is of a snapshot taken during this call.
  Answer query(std::string_view name, std::string_view parameters);
  SearchAnswer search(std::string_view index, std::string_view words, const SearchOptions& options);
  std::vector<SearchIndexStatus> search_indexes();
  /// In one snapshot, over the rows of an index that have a text.
  void each_embedded_row(std::string_view index, const std::string& model,
                         const std::function<void(const search::EmbeddedRow&)>& take);
  /// The same of those of the keys that have a text, in their order.
  void each_embedded_text(std::string_view index, const std::vector<std::string>& keys,
                          const std::function<void(std::string_view key, std::string text)>& take);
  /// A key of an index's row as an object.
  std::string key_object(std::string_view index, std::string_view key);
  /// Makes the graph of an index's vectors, or brings its file up, where so many rows are that one is asked
  /// (search/vector_memory.h).
  void make_graph(std::string_view index, const std::string& model);
  journal::Head head();
  std::optional<Receipt> find_key(std::string_view key);

  /// Takes a later epoch than the known one.
  void set_epoch(const std::shared_ptr<const EpochState>& epoch);
  std::shared_ptr<const EpochState> epoch();
  /// The same, asked of the journal.
  std::shared_ptr<const EpochState> last_epoch();

  void give_back(std::unique_ptr<Reader> reader) noexcept;

 private:
  std::unique_ptr<Reader> take();
  /// Work in a snapshot whose epoch is the reader's.
  template <typename Work>
  auto in_snapshot(const Work& work);
  std::unique_ptr<Reader> open(ConnectionBudget::Place place);
  Reader::Prepared& prepared(Reader& reader, std::string_view name);
  /// On a file a statement is a snapshot by itself, from its first step to its last. That is enough for most
  /// answers: a version of the file that is known says which epoch and which head they saw. False where it
  /// can't be said; then the query is asked again in a transaction.
  bool ask_alone(Reader& reader, std::string_view name, std::string_view parameters);
  /// Reads epoch and sequence of the snapshot. False if the epoch is not the reader's, which then has that one
  /// and no prepared queries.
  bool has_last_epoch(Reader& reader);

  friend class ConnectionBudget;

  Location location_;
  LedgerOptions options_;
  std::shared_ptr<ConnectionBudget> budget_;
  std::shared_ptr<EpochLibrary> library_;
  Sealer sealer_;
  search::Embedders embedders_;
  search::VectorMemories memories_;
  friend struct Reader;
  // Under the budget's lock.
  std::vector<std::unique_ptr<Reader>> idle_;  ///< the longest idle one first
  std::shared_ptr<const EpochState> epoch_;
};

}  // namespace reeve::state
