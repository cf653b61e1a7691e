#pragma once
// Apply and decide: a blueprint's statements, prepared once for a connection.

#include "blueprint/blueprint.h"
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

  const blueprint::EventType& definition(const Type& type) const;

 private:
  engine::Connection& connection_;
  const blueprint::Blueprint& blueprint_;
  bool has_deferred_keys_ = false;
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

 private:
  struct Prepared;
  Prepared& prepared(const blueprint::Command& command);

  engine::Connection& connection_;
  Scratch scratch_;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> commands_;
};

/// The application's clock: a function of the state, asked again only after its tables were touched.
class MomentReader {
 public:
  MomentReader(engine::Connection& connection, const blueprint::Blueprint& blueprint);
  const Value& value();
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
