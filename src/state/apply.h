#pragma once
// Apply and decide: a blueprint's statements, prepared once for a connection.

#include "blueprint/blueprint.h"
#include "engine/pipeline.h"
#include "journal/changeset.h"
#include "journal/event.h"
#include "state/binding.h"

#include <reeve/ledger.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reeve::state {

/// The faults that are the submission's own: they reject it and harm nobody else.
bool is_rejection(const Error& error);

/// Rows that a statement of an apply file wrote.
struct Written {
  std::string_view table;
  std::int64_t rows = 0;
};

/// How it is known which rows an event's statements changed on PostgreSQL.
enum class Captured : std::uint8_t {
  returned,  ///< each statement returns its own
  counted,   ///< triggers capture them, together with other events': each statement says how many are its own
  alone,     ///< triggers capture them, and nobody else's: foreign keys change rows that no statement counts
};

/// Runs the apply statements of events. The connection is in a transaction.
class Applier {
 public:
  Applier(engine::Connection& connection, const blueprint::Blueprint& blueprint);
  ~Applier();

  /// The prepared form of one version of a type; valid as long as the applier. Null when it is unknown.
  struct Type;
  Type* find(std::string_view type, int version);

  /// Runs the statements of `event` with its payload's tree. Nothing when all is well, else why not. The
  /// changes of a refused event are the caller's to roll back.
  std::optional<Rejection> apply(Type& type, const journal::Event& event, simdjson::dom::element payload);

  /// The same in parts, in a pipeline of PostgreSQL: bound, which is where a member that fits no parameter throws
  /// invalid_input; queued; then, when the results are next to be received, they are: rows that statements return go to
  /// the connection's sink, and how many each wrote to the end of `written`. After a refusal what is left in the
  /// pipeline is the caller's to drop.
  void bind(Type& type, const journal::Event& event, simdjson::dom::element payload);
  void send(Type& type, engine::Pipeline& pipeline);
  std::optional<Rejection> receive(Type& type, const journal::Event& event, engine::Pipeline& pipeline,
                                   std::vector<Written>& written);

  const blueprint::EventType& definition(const Type& type) const;
  /// Tables whose rows an event of the type may change, those that foreign keys reach included.
  const std::set<std::string>& tables(const Type& type) const;
  Captured captured(const Type& type) const;

 private:
  engine::Connection& connection_;
  const blueprint::Blueprint& blueprint_;
  bool can_silence_ = false;  ///< the triggers, where statements return what they change
  bool has_deferred_constraints_ = false;
  std::vector<std::string> tree_messages_;  ///< of a deferred trigger
  Scratch scratch_;
  std::map<std::string, std::map<int, std::unique_ptr<Type>>, std::less<>> types_;
};

/// An event that a command decided on.
struct Decided {
  std::string type;
  int version = 1;
  std::string payload;  ///< canonical JSON
};

/// Runs the checks and emit queries of commands on a connection.
class Decider {
 public:
  explicit Decider(engine::Connection& connection);
  ~Decider();

  /// Fills `decided`, or says why not. `parameters` fits the command's schema.
  std::optional<Rejection> decide(const blueprint::Command& command, simdjson::dom::element parameters,
                                  const Surroundings& around, std::vector<Decided>& decided);
  /// Whether one of its statements reads the journal.
  static bool reads_journal(const blueprint::Command& command);
  /// In a pipeline of PostgreSQL decide() answers what ask() queued: everything that the command may want to know.
  /// Whatever was sent before must have been received by then.
  void ask(const blueprint::Command& command, simdjson::dom::element parameters, const Surroundings& around,
           engine::Pipeline& pipeline);

 private:
  struct Prepared;
  Prepared& prepared(const blueprint::Command& command);
  void answer(BoundStatement& statement, Prepared& entry, const Surroundings& around);

  engine::Connection& connection_;
  engine::Pipeline* asked_ = nullptr;  ///< where the answers are
  Scratch scratch_;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> commands_;
};

/// The application's clock: a function of the state, asked again only after its tables were touched.
class MomentReader {
 public:
  MomentReader(engine::Connection& connection, const blueprint::Blueprint& blueprint);
  const Value& value();
  bool is_known() const { return known_ || !statement_; }
  /// Whether a change of one of these tables may move it.
  bool reads(const std::set<std::string>& tables) const;
  void forget() { known_ = false; }
  /// Forgets when one of its tables is among those changed.
  void note(const std::vector<journal::Change>& changes, const journal::Layout& layout);

 private:
  std::optional<engine::Statement> statement_;
  std::set<std::string> tables_;
  Value value_;
  bool known_ = false;
};

/// A row of a query as a JSON object in canonical form: columns are members, NULLs are left out.
std::string row_payload(const engine::Statement& row, const std::vector<sql::ResultColumn>& columns);

}  // namespace reeve::state
