#pragma once
// What a careful author would write by hand with libpq: the same statements, prepared once, values decoded beforehand,
// a row of the events table for each event, BEGIN and COMMIT around a group, all of it one flight. Nothing that Reeve
// adds, and nothing of its engine.

#include "blueprint/blueprint.h"
#include "shared/mix.h"

#include <libpq-fe.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// The statements of one event with their parameters as texts.
struct HandEvent {
  struct Execution {
    std::size_t statement = 0;  ///< its place among the prepared ones
    std::vector<std::optional<std::string>> values;
  };
  std::vector<Execution> executions;  ///< the row of the events table is the last
};

/// One connection to a database that was created as a ledger and freed of what Reeve adds to its tables.
class ByHandPg {
 public:
  /// `ledger` is the id that the rows have. Events follow on `sequence`.
  ByHandPg(const std::string& url, const reeve::blueprint::Blueprint& blueprint, std::string ledger,
           std::int64_t sequence);

  HandEvent decode(const MixEvent& event);
  /// One transaction, one flight; row counts are compared with `expect`. Throws Error internal when one does not fit.
  void commit(std::span<const HandEvent> group);
  int backend() const { return PQbackendPID(connection_.get()); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Prepared {
    std::string name;
    std::string sql;
    std::optional<reeve::blueprint::Expect> expect;
  };
  std::size_t prepare(const std::string& sql, const std::optional<reeve::blueprint::Expect>& expect);
  const std::vector<std::size_t>& statements_of(const reeve::blueprint::EventType& type);
  void command(const char* sql);
  void receive(const Prepared* prepared);
  [[noreturn]] void fail() const;

  std::unique_ptr<PGconn, Finish> connection_;
  const reeve::blueprint::Blueprint& blueprint_;
  std::string ledger_;
  std::int64_t sequence_;
  std::vector<Prepared> prepared_;
  std::map<std::string, std::vector<std::size_t>> types_;
};

}  // namespace bench
