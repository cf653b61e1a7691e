#include "state/sql_execution.h"

#include "sql/identity.h"
#include "sql/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace reeve::state {

namespace {

/// The file that places in the text are given as.
constexpr std::string_view text_name = "SQL";
/// Statements that are kept prepared; beyond it all are forgotten.
constexpr std::size_t prepared_max = 256;

sql::ParameterTypes built_ins(const sql::Catalogue& catalogue) {
  using sql::Type;
  return {{"event_id", Type::uuid},
          {"sequence", Type::bigint},
          {"at", Type::timestamptz},
          {"moment", catalogue.moment_type},
          {"actor", Type::text}};
}

simdjson::dom::element member_of(const journal::Event& event, simdjson::dom::element payload,
                                 const char* name) {
  simdjson::dom::element member;
  if (payload[name].get(member) != simdjson::SUCCESS) {
    throw Error(ErrorCode::corrupt, fmt::format("event {} has no {}", event.sequence, name),
                "restore from a backup");
  }
  return member;
}

}  // namespace

std::string sql_payload(std::string_view sql, std::string_view parameters) {
  std::string out = fmt::format("{{\"parameters\":{},\"sql\":", parameters);
  json::append_canonical_string(sql, out);
  return out + "}";
}

sql::Translation translate_sql(std::string_view text, const sql::Catalogue& catalogue) {
  const std::vector<sql::Statement> statements = sql::split(text_name, text);
  if (statements.size() != 1) {
    throw Error(ErrorCode::invalid_input,
                statements.empty() ? std::string("there is no statement in the text")
                                   : fmt::format("there are {} statements in the text", statements.size()),
                "give one INSERT, UPDATE or DELETE at a time: each is an event of its own");
  }
  if (!statements.front().directives.empty()) {
    const sql::Directive& directive = statements.front().directives.front();
    throw Error(ErrorCode::bad_statement, "`-- " + directive.word + "` belongs into the files of a blueprint",
                "leave it out; the number of rows is a query's to ask", directive.place);
  }
  const sql::ParameterTypes known = built_ins(catalogue);
  sql::Translation statement = sql::translate(statements.front(), catalogue, sql::Use::execute, known);
  for (const sql::Parameter& parameter : statement.parameters) {
    if (parameter.name == "payload") {
      throw Error(ErrorCode::bad_statement, "the event's own text is no value here: :payload",
                  "give the parameter another name", statement.place);
    }
  }
  return statement;
}

void check_parameters(const sql::Translation& statement, simdjson::dom::element parameters) {
  simdjson::dom::object members;
  if (parameters.get(members) != simdjson::SUCCESS) {
    throw Error(ErrorCode::invalid_input, "the parameters are no JSON object",
                R"(write them as {"name": value})");
  }
  const sql::ParameterTypes own = built_ins({});
  for (const auto member : members) {
    const std::string name(member.key);
    const bool is_one = std::any_of(statement.parameters.begin(), statement.parameters.end(),
                                    [&](const sql::Parameter& one) { return one.name == name; });
    if (own.contains(name)) {
      throw Error(ErrorCode::invalid_input, fmt::format("Reeve itself gives :{}", name), "leave it out");
    }
    if (!is_one) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("the statement has no parameter :{}", name.substr(0, 128)),
                  "leave it out, or mend the statement");
    }
  }
}

struct SqlRunner::Prepared {
  Prepared(engine::Connection& connection, const sql::Catalogue& catalogue, sql::Translation translated)
      : translation(std::move(translated)),
        statement(connection, translation, members),
        counted(sql::counter_after(translation, catalogue)) {
    if (counted) {
      counter.emplace(connection, *counted, members);
    }
  }
  sql::Translation translation;
  Members members;
  BoundStatement statement;
  std::optional<sql::Translation> counted;  ///< of an identity column
  std::optional<BoundStatement> counter;
};

SqlRunner::SqlRunner(engine::Connection& connection, const sql::Catalogue& catalogue)
    : connection_(connection), catalogue_(catalogue) {
  for (const auto& [name, table] : catalogue.tables) {
    has_deferred_constraints_ |= table.has_deferred_constraints();
  }
}

SqlRunner::~SqlRunner() = default;

SqlRunner::Prepared& SqlRunner::prepared(std::string_view text) {
  const auto known = prepared_.find(text);
  if (known != prepared_.end()) {
    return *known->second;
  }
  if (prepared_.size() >= prepared_max) {
    prepared_.clear();
  }
  auto entry = std::make_unique<Prepared>(connection_, catalogue_, translate_sql(text, catalogue_));
  return *(prepared_[std::string(text)] = std::move(entry));
}

void SqlRunner::run(const journal::Event& event, simdjson::dom::element payload) {
  std::string_view text;
  if (member_of(event, payload, "sql").get(text) != simdjson::SUCCESS) {
    throw Error(ErrorCode::corrupt, fmt::format("event {} has no text sql", event.sequence),
                "restore from a backup");
  }
  const simdjson::dom::element parameters = member_of(event, payload, "parameters");
  Prepared& entry = prepared(text);
  scratch_.clear();
  entry.members.find(parameters);
  const Surroundings around{event.id,    event.sequence, event.time, ValueView::of(event.moment),
                            event.actor, event.payload};
  entry.statement.bind(entry.members, around, scratch_);
  entry.statement.statement().run();
  if (entry.counter) {
    entry.counter->statement().run();
  }
  if (has_deferred_constraints_ && connection_.has_deferred_violations()) {
    throw Error(ErrorCode::constraint_violation, "a foreign key points to a row that is not there");
  }
}

}  // namespace reeve::state
