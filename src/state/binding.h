#pragma once
// Parameters by name: from a JSON object and from what is known of the event to a prepared statement.

#include "base/json.h"
#include "engine/connection.h"
#include "sql/translation.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// What a statement may refer to beside the members of the payload. Views must live through the statement.
struct Surroundings {
  std::string_view event_id = {};
  std::int64_t sequence = 0;
  std::string_view at = {};
  ValueView moment = {};
  std::string_view actor = {};
  std::string_view payload = {};  ///< canonical text
  std::int64_t decided_at = 0;    ///< the sequence that a command's dice are rolled at
  ValueView seed = {};            ///< of the dice, where the engine rolls them in SQL
};

/// Text that bound values point into; cleared between events.
using Scratch = std::deque<std::string>;

/// Members that a group of statements uses, found in one walk over an object.
class Members {
 public:
  /// The place of a member, added if it is new.
  int place_of(std::string_view name);
  /// Looks every member up; those that are missing are null elements.
  void find(simdjson::dom::element object);
  /// Nothing when it is missing or null.
  const simdjson::dom::element* at(int place) const;
  const std::string& name(int place) const { return names_[static_cast<std::size_t>(place)]; }

 private:
  std::vector<std::string> names_;
  std::vector<simdjson::dom::element> values_;
  std::vector<bool> present_;
};

/// A member as a value of a logical type. Throws Error invalid_input naming the member when it does not fit.
ValueView value_of(const simdjson::dom::element& element, sql::Type type, std::string_view name,
                   Scratch& scratch);

/// What a statement that writes returns: on PostgreSQL the rows that it changes, if wanted (Translation::postgres_returning).
enum class Returning : std::uint8_t { own, changed_rows };

/// Prepares a translated statement in the SQL of the connection's engine, bound to its ledger.
engine::Statement prepare(engine::Connection& connection, const sql::Translation& translation,
                          Returning returning = Returning::own);
class PlainScanner;

/// A prepared statement that knows where its parameters come from.
class BoundStatement {
 public:
  BoundStatement(engine::Connection& connection, const sql::Translation& translation, Members& members,
                 Returning returning = Returning::own);
  /// Binds all parameters.
  void bind(const Members& members, const Surroundings& around, Scratch& scratch);
  /// Binds all parameters from an object's text without a tree, if it is of the common plain kind: printable
  /// ASCII without escapes, integers of at most 15 digits, booleans, nulls, and only for parameters that take
  /// such a value as it stands. Otherwise false: bind() then decides, and says what is wrong. `text` must live
  /// until the statement is reset.
  bool bind_plain(std::string_view text);
  engine::Statement& statement() { return statement_; }
  const sql::Translation& translation() const { return *translation_; }

 private:
  enum class Source : std::uint8_t {
    member,
    event_id,
    sequence,
    at,
    moment,
    actor,
    payload,
    ledger,
    decided_at,
    seed
  };
  struct Parameter {
    Source source = Source::member;
    sql::Type type = sql::Type::unknown;
    int member = 0;
    std::string_view name = {};  ///< of the translation
  };
  engine::Statement statement_;
  const sql::Translation* translation_;
  bool bind_plain_value(int number, PlainScanner& scanner);
  /// Its place among the statement's own parameters, tried at `guess` first; their number if there is none.
  std::size_t parameter_named(std::string_view name, std::size_t guess) const;

  std::vector<Parameter> parameters_;
  bool members_only_ = true;
};

/// The value of a message's `:name` as text (blueprint::fill_message).
std::string message_value(std::string_view name, const Surroundings& around, simdjson::dom::element object);

}  // namespace reeve::state
