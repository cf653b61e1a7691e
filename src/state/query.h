#pragma once
// Named queries on a pool of readers: each answer comes from one snapshot.

#include "state/binding.h"
#include "state/epochs.h"
#include "state/host.h"
#include "state/location.h"

#include <reeve/ledger.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

class ReaderPool;

/// One connection with its prepared queries.
struct Reader {
  std::unique_ptr<engine::Connection> connection;
  std::unique_ptr<Host> host;
  std::shared_ptr<const EpochState> epoch;
  struct Prepared {
    Members members;
    std::unique_ptr<BoundStatement> statement;
    std::vector<reeve::Rows::Column> columns;
    const blueprint::Query* query = nullptr;
    bool reads_clock = false;
  };
  std::map<std::string, Prepared, std::less<>> queries;
  std::optional<engine::Transaction> snapshot;  ///< while an answer is read
  bool is_broken = false;                       ///< not fit for another: the pool drops it
  json::Reader json;
  Scratch scratch;
  std::string at;
};

/// An answer; keeps its reader until it is destroyed.
class QueryRows {
 public:
  QueryRows(ReaderPool& pool, std::unique_ptr<Reader> reader, Reader::Prepared& prepared);
  QueryRows(QueryRows&& other) noexcept;
  QueryRows& operator=(QueryRows&&) = delete;
  ~QueryRows();

  const std::vector<reeve::Rows::Column>& columns() const { return prepared_->columns; }
  std::int64_t sequence() const;
  bool next();
  ValueView at(std::size_t column) const { return statement_->column(static_cast<int>(column)); }

 private:
  ReaderPool* pool_;
  std::unique_ptr<Reader> reader_;
  Reader::Prepared* prepared_;
  engine::Statement* statement_;
};

/// Thread-safe.
class ReaderPool {
 public:
  ReaderPool(Location location, const LedgerOptions& options);

  QueryRows query(const std::shared_ptr<const EpochState>& epoch, std::string_view name,
                  std::string_view parameters);
  journal::Head head();
  std::optional<Receipt> find_key(std::string_view key);

  void give_back(std::unique_ptr<Reader> reader) noexcept;

 private:
  std::unique_ptr<Reader> take(const std::shared_ptr<const EpochState>& epoch);
  Reader::Prepared& prepared(Reader& reader, std::string_view name);

  Location location_;
  LedgerOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_;
};

}  // namespace reeve::state
