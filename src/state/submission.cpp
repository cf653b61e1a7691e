#include "state/submission.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "state/apply.h"
#include "state/sql_execution.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

constexpr std::size_t actor_bytes_max = 256;
constexpr std::size_t key_bytes_max = 256;

void check_text(std::string_view text, std::size_t bytes_max, std::string_view what) {
  if (text.size() > bytes_max) {
    throw Error(ErrorCode::limit_exceeded, fmt::format("the {} is longer than {} bytes", what, bytes_max));
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::invalid_input, fmt::format("the {} is not valid UTF-8 text without U+0000", what));
  }
}

void check_options(Submission& submission) {
  check_text(submission.actor, actor_bytes_max, "actor");
  check_text(submission.key, key_bytes_max, "idempotency key");
  if (!submission.id.empty() && !is_uuid(submission.id)) {
    throw Error(ErrorCode::invalid_input, "the event's id is not a uuid in lower case",
                "leave it out, and one is made");
  }
  if (!submission.time.empty()) {
    const auto time = parse_time(submission.time);
    if (!time) {
      throw Error(ErrorCode::invalid_input, "the time is not RFC 3339 of the years 0001 to 9999",
                  "write it as 2026-01-02T03:04:05.000006Z");
    }
    submission.time = format_time(*time);
  }
}

[[noreturn]] void unknown(std::string_view kind, std::string_view name, std::string_view blueprint) {
  throw Error(ErrorCode::not_found,
              fmt::format("the blueprint {} has no {} {}", blueprint, kind, name.substr(0, 128)),
              fmt::format("`reeve log`, `reeve query FILE` and the blueprint's folder show what there is"));
}

std::optional<Rejection> violation_of(const json::Schema& schema, simdjson::dom::element tree,
                                      std::string_view name) {
  const auto violation = schema.check(tree);
  if (!violation) {
    return std::nullopt;
  }
  return Rejection{
      fmt::format("{}: {} {}", name, violation->pointer.empty() ? "the payload" : violation->pointer,
                  violation->message),
      ErrorCode::invalid_input};
}

/// Runs an upcast: one SELECT of the old payload's members, in a scratch database.
std::string upcast(const sql::Translation& translation, simdjson::dom::element tree,
                   std::string_view payload) {
  const auto scratch = engine::Connection::open_scratch();
  Members members;
  BoundStatement statement(*scratch, translation, members);
  members.find(tree);
  Scratch texts;
  Surroundings around;
  around.payload = payload;
  statement.bind(members, around, texts);
  if (!statement.statement().step()) {
    throw Error(ErrorCode::invalid_input, "the upcast of an old payload gave no row");
  }
  return row_payload(statement.statement(), translation.columns);
}

void set_request_hash(Submission& submission, std::string_view payload) {
  if (submission.key.empty()) {
    return;
  }
  submission.request_hash = to_hex(Hasher("reeve.request.1")
                                       .text(submission.is_command ? "command" : "event")
                                       .text(submission.name)
                                       .text(payload)
                                       .finish());
}

/// From here on personal members are sealed, in what statements are given and in what is journaled. The hash of the request
/// is not one of plain values either, which could be guessed.
void seal_payload(Submission& submission, const json::Schema& schema) {
  const auto& properties = schema.properties();
  if (std::none_of(properties.begin(), properties.end(), [](const auto& one) { return one.personal; })) {
    return;
  }
  ensure(submission.sealer != nullptr, "personal values are sealed before they are stored");
  std::string request;
  auto sealed = submission.sealer->seal(schema, submission.tree, request);
  if (!sealed) {
    return;
  }
  set_request_hash(submission, request);
  submission.plain = std::move(submission.payload);
  submission.payload = std::move(*sealed);
  submission.tree = submission.reader.read(submission.payload);
}

void prepare_event(Submission& submission, const blueprint::Blueprint& blueprint, int version) {
  const blueprint::EventType* type =
      version == 0 ? blueprint.find_event(submission.name) : blueprint.find_event(submission.name, version);
  if (type == nullptr) {
    unknown("event", version == 0 ? submission.name : fmt::format("{} version {}", submission.name, version),
            blueprint.name);
  }
  for (;;) {
    if (auto refused = violation_of(type->schema, submission.tree, submission.name)) {
      submission.outcome = std::move(*refused);
      return;
    }
    if (!type->upcast) {
      break;
    }
    submission.payload = upcast(*type->upcast, submission.tree, submission.payload);
    submission.tree = submission.reader.read(submission.payload);
    type = blueprint.find_event(submission.name, type->version + 1);
    ensure(type != nullptr, "an upcast leads to a version that exists");
  }
  submission.version = type->version;
  seal_payload(submission, type->schema);
}

}  // namespace

namespace {

void begin(Submission& submission, std::shared_ptr<const EpochState> epoch) {
  if (!epoch->blueprint) {
    throw Error(
        ErrorCode::conflict, "the ledger is at an earlier migration than its blueprint",
        "run `reeve migrate up`, or take up the blueprint that fits with `reeve migrate up --blueprint`");
  }
  check_options(submission);
  submission.prepared_for = std::move(epoch);
  submission.outcome.reset();
}

}  // namespace

void prepare_reversal(Submission& submission, std::shared_ptr<const EpochState> epoch) {
  begin(submission, std::move(epoch));
  submission.name = submission.reversal->type();
  submission.payload = submission.reversal->request();
  if (!submission.key.empty()) {
    submission.request_hash = to_hex(
        Hasher("reeve.request.1").text("event").text(submission.name).text(submission.payload).finish());
  }
}

void set_sql(Submission& submission, std::string_view sql, std::string_view parameters) {
  submission.tree = submission.reader.read(parameters);
  std::string canonical;
  json::append_canonical(submission.tree, canonical);
  check_text(sql, sql::file_bytes_max, "statement");
  submission.payload = sql_payload(sql, canonical);
}

void prepare_sql(Submission& submission, std::shared_ptr<const EpochState> epoch) {
  begin(submission, std::move(epoch));
  const blueprint::Blueprint& blueprint = *submission.prepared_for->blueprint;
  if (!blueprint.execute) {
    throw Error(ErrorCode::denied,
                fmt::format("the blueprint {} is changed by its commands and events alone", blueprint.name),
                "write `execute = true` into its blueprint.toml, and take it up by `reeve migrate up`");
  }
  submission.name = journal::type_sql_executed;
  submission.version = 1;
  submission.tree = submission.reader.read(submission.payload);
  const std::string_view text = submission.tree["sql"].get_string().value();
  check_parameters(translate_sql(text, blueprint.catalogue), submission.tree["parameters"].value());
  set_request_hash(submission, submission.payload);
}

void prepare_submission(Submission& submission, std::shared_ptr<const EpochState> epoch,
                        std::string_view given, int version) {
  begin(submission, std::move(epoch));
  submission.tree = submission.reader.read(given);
  submission.payload.clear();
  submission.plain.clear();
  json::append_canonical(submission.tree, submission.payload);
  set_request_hash(submission, submission.payload);
  const blueprint::Blueprint& blueprint = *submission.prepared_for->blueprint;
  if (!submission.is_command) {
    return prepare_event(submission, blueprint, version);
  }
  const auto command = blueprint.commands.find(submission.name);
  if (command == blueprint.commands.end()) {
    unknown("command", submission.name, blueprint.name);
  }
  if (auto refused = violation_of(command->second.schema, submission.tree, submission.name)) {
    submission.outcome = std::move(*refused);
  } else {
    seal_payload(submission, command->second.schema);
  }
}

}  // namespace reeve::state
