#include "state/backfill.h"

#include "base/json.h"
#include "state/own_payload.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <charconv>

namespace reeve::state {

namespace {

std::string list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(value, out);
  }
  return out + "]";
}

/// A statement narrowed to a stretch of the key, with its parameters bound.
class Narrowed {
 public:
  Narrowed(engine::Connection& connection, const sql::Translation& sql, const BackfillStep& step)
      : statement_(connection.prepare(
            connection.engine() == engine::Engine::postgres ? sql.postgres : sql.sqlite, false)) {
    int number = 0;
    for (const sql::Parameter& parameter : sql.parameters) {
      bind(++number, parameter, step);
    }
    for (const sql::Hidden hidden :
         connection.engine() == engine::Engine::postgres ? sql.hidden : std::vector<sql::Hidden>()) {
      ensure(hidden == sql::Hidden::ledger, "a back-fill knows its ledger and its key");
      statement_.bind_text(++number, connection.ledger());
    }
  }
  engine::Statement& statement() { return statement_; }

 private:
  void bind(int number, const sql::Parameter& parameter, const BackfillStep& step) {
    const bool is_after = parameter.name.starts_with("reeve_after_");
    const std::string_view place = std::string_view(parameter.name).substr(parameter.name.rfind('_') + 1);
    std::size_t part = 0;
    std::from_chars(place.data(), place.data() + place.size(), part);
    const std::vector<std::string>& key = is_after ? step.after : step.until;
    if (part < 1 || part > key.size()) {
      throw Error(ErrorCode::corrupt, "a batch names a key that its table does not have",
                  "run `reeve verify`");
    }
    const std::string& value = key[part - 1];
    if (parameter.type != sql::Type::integer && parameter.type != sql::Type::bigint) {
      statement_.bind_text(number, value);
      return;
    }
    std::int64_t integer = 0;
    const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), integer);
    if (fault != std::errc() || end != value.data() + value.size()) {
      throw Error(ErrorCode::corrupt, "a batch names a key that is no integer", "run `reeve verify`");
    }
    statement_.bind_integer(number, integer);
  }

  engine::Statement statement_;
};

std::vector<std::string> texts_of(const journal::Event& event, const nlohmann::json& payload,
                                  const char* name) {
  std::vector<std::string> texts;
  const auto member = payload.find(name);
  if (member == payload.end()) {
    return texts;
  }
  if (!member->is_array() || member->empty()) {
    corrupt(event, fmt::format("has a {} that is no key", name));
  }
  for (const nlohmann::json& value : *member) {
    if (!value.is_string()) {
      corrupt(event, fmt::format("has a {} that is no key", name));
    }
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

}  // namespace

std::string backfill_payload(const BackfillStep& step) {
  std::string out = "{";
  if (!step.after.empty()) {
    out += "\"after\":" + list(step.after) + ",";
  }
  out += fmt::format("\"file_hash\":\"{}\",\"name\":", step.file_hash);
  json::append_canonical_string(step.name, out);
  out += fmt::format(",\"rows\":{},\"statement\":", step.backfill.rows);
  json::append_canonical_string(step.backfill.statement, out);
  out += ",\"table\":";
  json::append_canonical_string(step.backfill.table, out);
  return out + ",\"until\":" + list(step.until) + "}";
}

BackfillStep backfill_of(const journal::Event& event) {
  const nlohmann::json payload = payload_of(event);
  const auto text = [&](const char* name) {
    const auto member = payload.find(name);
    if (member == payload.end() || !member->is_string()) {
      corrupt(event, fmt::format("has no text {}", name));
    }
    return member->get<std::string>();
  };
  BackfillStep step;
  step.name = text("name");
  step.file_hash = text("file_hash");
  step.backfill.table = text("table");
  step.backfill.statement = text("statement");
  step.backfill.rows = integer_member(event, payload, "rows");
  step.after = texts_of(event, payload, "after");
  step.until = texts_of(event, payload, "until");
  return step;
}

bool find_batch_end(engine::Connection& connection, const sql::Catalogue& catalogue, BackfillStep& step) {
  const sql::BackfillBatch batch = sql::translate_backfill(step.backfill, catalogue, step.after.empty());
  Narrowed keys(connection, batch.keys, step);
  step.until.clear();
  while (keys.statement().step()) {
    step.until.clear();
    for (int column = 0; column < keys.statement().column_count(); ++column) {
      const ValueView value = keys.statement().column(column);
      step.until.push_back(value.kind() == ValueView::Kind::integer ? std::to_string(value.integer())
                                                                    : std::string(value.text()));
    }
  }
  return !step.until.empty();
}

void run_batch(engine::Connection& connection, const sql::Catalogue& catalogue, const BackfillStep& step) {
  const sql::BackfillBatch batch = sql::translate_backfill(step.backfill, catalogue, step.after.empty());
  Narrowed(connection, batch.update, step).statement().run();
}

}  // namespace reeve::state
