#pragma once
// What a careful author would write by hand: the same statements, prepared once, values decoded beforehand,
// an events table, one transaction for each group. Nothing that Reeve adds.

#include "engine/connection.h"
#include "shared/mix.h"
#include "state/capture.h"
#include "state/epochs.h"
#include "state/state_hash.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// An event with its row of the events table and the values of its statements' parameters.
struct DecodedEvent {
  int type = 0;  ///< place among the types of a Statements
  std::int64_t sequence = 0;
  std::string id;
  std::string time;
  std::int64_t moment = 0;
  std::string actor;
  std::string payload;
  std::vector<reeve::Value> values;  ///< of all statements, one after the other
};

/// Apply statements and, if wanted, the events table of one connection.
class Statements {
 public:
  enum class Events { kept, left_out };
  Statements(reeve::engine::Connection& connection, const reeve::blueprint::Blueprint& blueprint,
             Events events);

  /// The event that follows `sequence - 1`.
  DecodedEvent decode(const MixEvent& event, std::int64_t sequence);
  /// Runs the statements, counts what `expect` says, inserts the row. Throws Error internal when it does not fit.
  void run(const DecodedEvent& event);
  const std::string& name_of(const DecodedEvent& event) const {
    return types_[static_cast<std::size_t>(event.type)].name;
  }

 private:
  struct Step {
    reeve::engine::Statement statement;
    const reeve::sql::Translation* translation;
    const std::optional<reeve::blueprint::Expect>* expect;
  };
  struct Type {
    std::string name;
    int version = 1;
    std::vector<Step> steps;
  };
  int type_of(const std::string& name);

  reeve::engine::Connection& connection_;
  const reeve::blueprint::Blueprint& blueprint_;
  std::vector<Type> types_;
  std::map<std::string, int> places_;
  std::optional<reeve::engine::Statement> insert_event_;
  reeve::json::Reader reader_;
};

/// The path of writes as it was built up: each step does what the one before does, and more.
enum class Step { statements, gathered, capture, changeset, state_hash, chain };

/// Groups of events on a file, each group one durable transaction.
class Baseline {
 public:
  /// The file was created as a ledger, so that both sides have the same tables.
  Baseline(const std::filesystem::path& file, std::shared_ptr<const reeve::state::EpochState> epoch,
           Step step = Step::statements);
  ~Baseline();

  DecodedEvent decode(const MixEvent& event) { return statements_.decode(event, ++decoded_); }
  void commit(std::span<const DecodedEvent> group);
  reeve::engine::Connection& connection() { return *connection_; }

 private:
  void record(const DecodedEvent& event);
  void seal();

  std::unique_ptr<reeve::engine::Connection> connection_;
  std::shared_ptr<const reeve::state::EpochState> epoch_;
  Step step_;
  Statements statements_;
  reeve::engine::Statement begin_;
  reeve::engine::Statement commit_;
  std::int64_t decoded_ = 0;

  // What the further steps need.
  reeve::state::Capture capture_;
  reeve::state::NetChanges net_;
  reeve::state::StateSums sums_;
  std::vector<reeve::journal::Change> changes_;
  std::string changeset_;
  std::string changesets_;
  std::string scratch_;
  reeve::journal::Event event_;
  reeve::Digest chain_hash_{};
  reeve::Digest state_hash_{};
};

/// In an empty database: the tables and rows that the blueprint's migrations leave.
void create_state(reeve::engine::Connection& connection, const reeve::blueprint::Blueprint& blueprint);

}  // namespace bench
