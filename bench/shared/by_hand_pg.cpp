#include "shared/by_hand_pg.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "shared/support.h"
#include "state/binding.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace bench {

namespace {

constexpr const char* insert_event =
    "INSERT INTO reeve_events (ledger_id, sequence, id, type, version, time, moment, actor, span, payload) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";

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

}  // namespace

ByHandPg::ByHandPg(const std::string& url, const reeve::blueprint::Blueprint& blueprint, std::string ledger,
                   std::int64_t sequence)
    : connection_(PQconnectdb(url.c_str())),
      blueprint_(blueprint),
      ledger_(std::move(ledger)),
      sequence_(sequence) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    fail();
  }
  command("SET search_path = reeve");
  prepare(insert_event, std::nullopt);
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

std::size_t ByHandPg::prepare(const std::string& sql, const std::optional<reeve::blueprint::Expect>& expect) {
  const std::string name = fmt::format("s{}", prepared_.size());
  PGresult* result = PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr);
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  if (!done) {
    fail();
  }
  prepared_.push_back({name, sql, expect});
  return prepared_.size() - 1;
}

const std::vector<std::size_t>& ByHandPg::statements_of(const reeve::blueprint::EventType& type) {
  const auto [known, is_new] = types_.try_emplace(type.type);
  if (is_new) {
    for (const reeve::blueprint::ApplyStatement& statement : type.apply) {
      known->second.push_back(prepare(statement.sql.postgres, statement.expect));
    }
  }
  return known->second;
}

HandEvent ByHandPg::decode(const MixEvent& event) {
  const reeve::blueprint::EventType* type = blueprint_.find_event(event.type);
  reeve::ensure(type != nullptr, "the mix has types of the blueprint");
  const std::vector<std::size_t>& statements = statements_of(*type);
  const std::string sequence = std::to_string(++sequence_);
  const reeve::Microseconds now = reeve::system_clock().now();
  const std::string time = reeve::format_time(now);
  const std::string id = reeve::uuid_v7(now, reeve::system_random());
  const std::string moment = std::to_string(event.moment);
  reeve::json::Reader reader;
  const simdjson::dom::element tree = reader.read(event.payload);
  reeve::state::Scratch scratch;
  HandEvent decoded;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    HandEvent::Execution& execution = decoded.executions.emplace_back();
    execution.statement = statements[i];
    const reeve::sql::Translation& sql = type->apply[i].sql;
    for (const reeve::sql::Parameter& parameter : sql.parameters) {
      const std::string& name = parameter.name;
      simdjson::dom::element member;
      if (name == "event_id") {
        execution.values.emplace_back(id);
      } else if (name == "sequence") {
        execution.values.emplace_back(sequence);
      } else if (name == "at") {
        execution.values.emplace_back(time);
      } else if (name == "moment") {
        execution.values.emplace_back(moment);
      } else if (name == "actor") {
        execution.values.emplace_back(event.actor);
      } else if (tree.at_key(name).get(member) == simdjson::SUCCESS) {
        execution.values.push_back(
            text_of(reeve::state::value_of(member, parameter.type, name, scratch).to_value()));
      } else {
        execution.values.emplace_back(std::nullopt);
      }
    }
    for (const reeve::sql::Hidden hidden : sql.hidden) {
      reeve::ensure(hidden == reeve::sql::Hidden::ledger, "apply rolls no dice");
      execution.values.emplace_back(ledger_);
    }
  }
  decoded.executions.push_back({0,
                                {ledger_, sequence, id, event.type, std::to_string(type->version), time,
                                 moment, event.actor, event.payload}});
  return decoded;
}

void ByHandPg::receive(const Prepared* prepared) {
  PGresult* result = PQgetResult(connection_.get());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    PQclear(result);
    fail();
  }
  if (prepared != nullptr && prepared->expect) {
    const std::string_view tuples = PQcmdTuples(result);
    std::int64_t rows = 0;
    std::from_chars(tuples.data(), tuples.data() + tuples.size(), rows);
    reeve::ensure(rows >= prepared->expect->rows_min &&
                      (!prepared->expect->rows_max || rows <= *prepared->expect->rows_max),
                  "the mix is valid in its order");
  }
  PQclear(result);
  PQclear(PQgetResult(connection_.get()));  // the null at a command's end
}

void ByHandPg::commit(std::span<const HandEvent> group) {
  PGconn* connection = connection_.get();
  bool sent = PQenterPipelineMode(connection) != 0;
  const auto send = [&](const char* sql) {
    sent = PQsendQueryParams(connection, sql, 0, nullptr, nullptr, nullptr, nullptr, 1) != 0 && sent;
  };
  send("BEGIN");
  std::vector<const char*> values;
  for (const HandEvent& event : group) {
    for (const HandEvent::Execution& execution : event.executions) {
      values.clear();
      for (const std::optional<std::string>& value : execution.values) {
        values.push_back(value ? value->c_str() : nullptr);
      }
      sent = PQsendQueryPrepared(connection, prepared_[execution.statement].name.c_str(),
                                 static_cast<int>(values.size()), values.data(), nullptr, nullptr, 1) != 0 &&
             sent;
    }
  }
  send("COMMIT");
  if (!sent || PQpipelineSync(connection) == 0) {
    fail();
  }
  receive(nullptr);
  for (const HandEvent& event : group) {
    for (const HandEvent::Execution& execution : event.executions) {
      receive(&prepared_[execution.statement]);
    }
  }
  receive(nullptr);
  PGresult* end = PQgetResult(connection);
  const bool done = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
  PQclear(end);
  if (!done || PQexitPipelineMode(connection) == 0) {
    fail();
  }
}

}  // namespace bench
