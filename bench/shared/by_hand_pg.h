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

struct HandValues;

/// Whose rows are written.
struct HandSide {
  std::string schema = "reeve";
  /// The id that the rows have; empty: the tables have none, and the statements are the blueprint's as it is written.
  std::string ledger = {};
  /// Each transaction is bound to the ledger, as row-level security asks for.
  bool bound = false;
};

/// One connection to a database that was created as a ledger and freed of what Reeve adds to its tables, or to tables
/// that were made by the blueprint's own migrations.
class ByHandPg {
 public:
  /// Events follow on `sequence`.
  ByHandPg(const std::string& url, const reeve::blueprint::Blueprint& blueprint, HandSide side,
           std::int64_t sequence);

  HandEvent decode(const MixEvent& event);
  /// One transaction, one flight; row counts are compared with `expect`. Throws Error internal when one does not fit.
  void commit(std::span<const HandEvent> group);
  /// A named query with a JSON object of parameters, ready to be asked.
  HandEvent::Execution decode_query(const std::string& name, std::string_view parameters);
  /// One transaction, one flight. How many rows.
  std::int64_t ask(const HandEvent::Execution& query);
  int backend() const { return PQbackendPID(connection_.get()); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Parameter {
    std::string name;  ///< empty: the ledger
    reeve::sql::Type type = reeve::sql::Type::unknown;
  };
  struct Prepared {
    std::string name;
    std::vector<Parameter> parameters;
    std::optional<reeve::blueprint::Expect> expect;
  };
  std::size_t prepare(const std::string& sql, std::vector<Parameter> parameters,
                      const std::optional<reeve::blueprint::Expect>& expect);
  std::size_t prepare(const reeve::sql::Translation& translation, const std::string& written,
                      const std::optional<reeve::blueprint::Expect>& expect);
  std::optional<std::string> value_of(const Parameter& parameter, const HandValues& values) const;
  void begin(const char* begin);
  void send(const HandEvent::Execution& execution);
  void end();
  void finish_flight();
  const std::vector<std::size_t>& statements_of(const reeve::blueprint::EventType& type);
  void command(const char* sql);
  std::int64_t receive(const Prepared* prepared);
  [[noreturn]] void fail() const;

  std::unique_ptr<PGconn, Finish> connection_;
  const reeve::blueprint::Blueprint& blueprint_;
  HandSide side_;
  std::string bind_;  ///< SET LOCAL
  bool sent_ = true;  ///< all of the flight under way could be queued
  std::int64_t sequence_;
  std::vector<Prepared> prepared_;
  std::map<std::string, std::vector<std::size_t>> types_;
  std::map<std::string, std::size_t> queries_;
};

}  // namespace bench
