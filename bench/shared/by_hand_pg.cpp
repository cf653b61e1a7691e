#include "shared/by_hand_pg.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "shared/support.h"
#include "sql/statement.h"
#include "state/binding.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace bench {

/// What the parameters of an event's or a query's statements are.
struct HandValues {
  std::string id = {};
  std::string sequence = {};
  std::string at = {};
  std::string moment = {};
  std::string actor = {};
  simdjson::dom::element members = {};
};

namespace {

constexpr const char* insert_event =
    "INSERT INTO reeve_events (ledger_id, sequence, id, type, version, time, moment, actor, span, payload) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";
constexpr const char* insert_plain_event =
    "INSERT INTO reeve_events (sequence, id, type, version, time, moment, actor, span, payload) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)";

std::optional<std::string> text_of(const reeve::Value& value) {
  const reeve::ValueView view = reeve::ValueView::of(value);
  switch (view.kind()) {
    case reeve::ValueView::Kind::null: return std::nullopt;
    case reeve::ValueView::Kind::integer: return std::to_string(view.integer());
    case reeve::ValueView::Kind::real: return fmt::format("{}", view.real());
    case reeve::ValueView::Kind::text: return std::string(view.text());
    case reeve::ValueView::Kind::bytes: break;
  }
  throw reeve::Error(reeve::ErrorCode::internal, "the mix has no bytes");
}

bool is_of_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// A blueprint's statement with its `:name` as $1, $2, ... in order of first appearance. `::` is a cast.
std::string numbered(const std::string& written, const reeve::sql::Translation& translation,
                     std::vector<std::string>& names) {
  std::string text;
  for (std::size_t at = 0; at < written.size(); ++at) {
    if (written[at] == ':' && at + 1 < written.size() && written[at + 1] == ':') {
      text += "::";
      ++at;
      continue;
    }
    if (written[at] != ':' || at + 1 == written.size() || written[at + 1] < 'a' || written[at + 1] > 'z') {
      text += written[at];
      continue;
    }
    std::size_t end = at + 1;
    while (end < written.size() && is_of_name(written[end])) {
      ++end;
    }
    const std::string name = written.substr(at + 1, end - at - 1);
    at = end - 1;
    auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      known = names.insert(names.end(), name);
    }
    text += fmt::format("${}", known - names.begin() + 1);
    for (const reeve::sql::Parameter& parameter : translation.parameters) {
      if (parameter.name == name && parameter.type != reeve::sql::Type::unknown) {
        text += fmt::format("::{}", reeve::sql::name_of(parameter.type));
      }
    }
  }
  return text;
}

/// The text of a query in the blueprint's sources.
std::string written_query(const reeve::blueprint::Blueprint& blueprint, const std::string& name) {
  for (const auto& [file, text] : blueprint.sources.files) {
    if (!file.starts_with("queries/")) {
      continue;
    }
    for (const reeve::sql::Statement& statement : reeve::sql::split(file, text)) {
      for (const reeve::sql::Directive& directive : statement.directives) {
        if (directive.word == "name" && directive.text.starts_with(name + " ")) {
          return statement.text;
        }
      }
    }
  }
  throw reeve::Error(reeve::ErrorCode::internal, fmt::format("the blueprint has no query {}", name));
}

}  // namespace

ByHandPg::ByHandPg(const std::string& url, const reeve::blueprint::Blueprint& blueprint, HandSide side,
                   std::int64_t sequence)
    : connection_(PQconnectdb(url.c_str())),
      blueprint_(blueprint),
      side_(std::move(side)),
      bind_(fmt::format("SET LOCAL reeve.ledger_id = '{}'", side_.ledger)),
      sequence_(sequence) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    fail();
  }
  command(fmt::format("SET search_path = {}", side_.schema).c_str());
  command("SET timezone = 'UTC'");
  prepare(side_.ledger.empty() ? insert_plain_event : insert_event, {}, std::nullopt);
}

void ByHandPg::fail() const {
  throw reeve::Error(reeve::ErrorCode::internal,
                     fmt::format("by hand: {}", PQerrorMessage(connection_.get())));
}

void ByHandPg::command(const char* sql) {
  PGresult* result = PQexec(connection_.get(), sql);
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  if (!done) {
    fail();
  }
}

std::size_t ByHandPg::prepare(const std::string& sql, std::vector<Parameter> parameters,
                              const std::optional<reeve::blueprint::Expect>& expect) {
  const std::string name = fmt::format("s{}", prepared_.size());
  PGresult* result = PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr);
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  if (!done) {
    fail();
  }
  prepared_.push_back({name, std::move(parameters), expect});
  return prepared_.size() - 1;
}

std::size_t ByHandPg::prepare(const reeve::sql::Translation& translation, const std::string& written,
                              const std::optional<reeve::blueprint::Expect>& expect) {
  std::vector<Parameter> parameters;
  if (side_.ledger.empty()) {
    std::vector<std::string> names;
    const std::string sql = numbered(written, translation, names);
    for (const std::string& name : names) {
      const auto known = std::find_if(translation.parameters.begin(), translation.parameters.end(),
                                      [&](const auto& parameter) { return parameter.name == name; });
      reeve::ensure(known != translation.parameters.end(), "a parameter is one of the translation's");
      parameters.push_back({name, known->type});
    }
    return prepare(sql, std::move(parameters), expect);
  }
  for (const reeve::sql::Parameter& parameter : translation.parameters) {
    parameters.push_back({parameter.name, parameter.type});
  }
  for (const reeve::sql::Hidden hidden : translation.hidden) {
    reeve::ensure(hidden == reeve::sql::Hidden::ledger, "apply and queries roll no dice");
    parameters.emplace_back();
  }
  return prepare(translation.postgres, std::move(parameters), expect);
}

const std::vector<std::size_t>& ByHandPg::statements_of(const reeve::blueprint::EventType& type) {
  const auto [known, is_new] = types_.try_emplace(type.type);
  if (is_new) {
    const std::string file = fmt::format("events/{}.v{}.sql", type.type, type.version);
    const auto written = reeve::sql::split(file, blueprint_.sources.files.at(file));
    reeve::ensure(written.size() == type.apply.size(), "an event's statements are those of its file");
    for (std::size_t i = 0; i < written.size(); ++i) {
      known->second.push_back(prepare(type.apply[i].sql, written[i].text, type.apply[i].expect));
    }
  }
  return known->second;
}

std::optional<std::string> ByHandPg::value_of(const Parameter& parameter, const HandValues& values) const {
  const std::string& name = parameter.name;
  if (name.empty()) return side_.ledger;
  if (name == "event_id") return values.id;
  if (name == "sequence") return values.sequence;
  if (name == "at") return values.at;
  if (name == "moment") return values.moment;
  if (name == "actor") return values.actor;
  simdjson::dom::element member;
  if (values.members.at_key(name).get(member) != simdjson::SUCCESS || member.is_null()) {
    return std::nullopt;
  }
  reeve::state::Scratch scratch;
  return text_of(reeve::state::value_of(member, parameter.type, name, scratch).to_value());
}

HandEvent ByHandPg::decode(const MixEvent& event) {
  const reeve::blueprint::EventType* type = blueprint_.find_event(event.type);
  reeve::ensure(type != nullptr, "the mix has types of the blueprint");
  const reeve::Microseconds now = reeve::system_clock().now();
  reeve::json::Reader reader;
  const HandValues values{.id = reeve::uuid_v7(now, reeve::system_random()),
                          .sequence = std::to_string(++sequence_),
                          .at = reeve::format_time(now),
                          .moment = std::to_string(event.moment),
                          .actor = event.actor,
                          .members = reader.read(event.payload)};
  HandEvent decoded;
  for (const std::size_t statement : statements_of(*type)) {
    HandEvent::Execution& execution = decoded.executions.emplace_back();
    execution.statement = statement;
    for (const Parameter& parameter : prepared_[statement].parameters) {
      execution.values.push_back(value_of(parameter, values));
    }
  }
  HandEvent::Execution& row = decoded.executions.emplace_back();
  if (!side_.ledger.empty()) {
    row.values.emplace_back(side_.ledger);
  }
  for (const std::string& value : {values.sequence, values.id, event.type, std::to_string(type->version),
                                   values.at, values.moment, event.actor, event.payload}) {
    row.values.emplace_back(value);
  }
  return decoded;
}

HandEvent::Execution ByHandPg::decode_query(const std::string& name, std::string_view parameters) {
  const auto [known, is_new] = queries_.try_emplace(name);
  if (is_new) {
    known->second = prepare(blueprint_.queries.at(name).sql,
                            side_.ledger.empty() ? written_query(blueprint_, name) : "", std::nullopt);
  }
  reeve::json::Reader reader;
  const HandValues values{.at = reeve::format_time(reeve::system_clock().now()),
                          .members = reader.read(parameters)};
  HandEvent::Execution execution{known->second, {}};
  for (const Parameter& parameter : prepared_[known->second].parameters) {
    execution.values.push_back(value_of(parameter, values));
  }
  return execution;
}

void ByHandPg::begin(const char* begin) {
  PGconn* connection = connection_.get();
  sent_ = PQenterPipelineMode(connection) != 0;
  sent_ = PQsendQueryParams(connection, begin, 0, nullptr, nullptr, nullptr, nullptr, 1) != 0 && sent_;
  if (side_.bound) {
    sent_ =
        PQsendQueryParams(connection, bind_.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) != 0 && sent_;
  }
}

void ByHandPg::send(const HandEvent::Execution& execution) {
  std::vector<const char*> values;
  values.reserve(execution.values.size());
  for (const std::optional<std::string>& value : execution.values) {
    values.push_back(value ? value->c_str() : nullptr);
  }
  sent_ = PQsendQueryPrepared(connection_.get(), prepared_[execution.statement].name.c_str(),
                              static_cast<int>(values.size()), values.data(), nullptr, nullptr, 1) != 0 &&
          sent_;
}

void ByHandPg::end() {
  sent_ =
      PQsendQueryParams(connection_.get(), "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 1) != 0 && sent_;
  if (!sent_ || PQpipelineSync(connection_.get()) == 0) {
    fail();
  }
  receive(nullptr);
  if (side_.bound) {
    receive(nullptr);
  }
}

/// Rows that were written or read.
std::int64_t ByHandPg::receive(const Prepared* prepared) {
  PGresult* result = PQgetResult(connection_.get());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    PQclear(result);
    fail();
  }
  std::int64_t rows = PQntuples(result);
  if (prepared != nullptr && prepared->expect) {
    const std::string_view tuples = PQcmdTuples(result);
    std::from_chars(tuples.data(), tuples.data() + tuples.size(), rows);
    reeve::ensure(rows >= prepared->expect->rows_min &&
                      (!prepared->expect->rows_max || rows <= *prepared->expect->rows_max),
                  "the mix is valid in its order");
  }
  PQclear(result);
  PQclear(PQgetResult(connection_.get()));  // the null at a command's end
  return rows;
}

void ByHandPg::finish_flight() {
  receive(nullptr);
  PGresult* end = PQgetResult(connection_.get());
  const bool done = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
  PQclear(end);
  if (!done || PQexitPipelineMode(connection_.get()) == 0) {
    fail();
  }
}

void ByHandPg::commit(std::span<const HandEvent> group) {
  begin("BEGIN");
  for (const HandEvent& event : group) {
    for (const HandEvent::Execution& execution : event.executions) {
      send(execution);
    }
  }
  end();
  for (const HandEvent& event : group) {
    for (const HandEvent::Execution& execution : event.executions) {
      receive(&prepared_[execution.statement]);
    }
  }
  finish_flight();
}

std::int64_t ByHandPg::ask(const HandEvent::Execution& query) {
  begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  send(query);
  end();
  const std::int64_t rows = receive(nullptr);
  finish_flight();
  return rows;
}

}  // namespace bench
