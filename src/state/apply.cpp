#include "state/apply.h"

#include "blueprint/message.h"
#include "journal/sealed_value.h"
#include "sql/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace reeve::state {

namespace {

std::string filled(std::string_view message, const Surroundings& around, simdjson::dom::element object) {
  return blueprint::fill_message(message,
                                 [&](std::string_view name) { return message_value(name, around, object); });
}

Surroundings surroundings_of(const journal::Event& event) {
  return {event.id, event.sequence, event.time, ValueView::of(event.moment), event.actor, event.payload};
}

bool fits(const blueprint::Expect& expect, std::int64_t rows) {
  return rows >= expect.rows_min && (!expect.rows_max || rows <= *expect.rows_max);
}

Rejection dangling(const journal::Event& event) {
  return Rejection{fmt::format("{}: a foreign key points to a row that is not there", event.type),
                   ErrorCode::constraint_violation};
}

bool acts(const std::string& action) { return action != "NO ACTION" && action != "RESTRICT"; }

/// Adds the tables whose rows foreign keys change when rows of `table` do.
void add_reached(const sql::Catalogue& catalogue, const std::string& table, std::set<std::string>& tables) {
  for (const auto& [name, other] : catalogue.tables) {
    const bool reached =
        std::any_of(other.foreign_keys.begin(), other.foreign_keys.end(), [&](const sql::ForeignKey& key) {
          return key.target == table && (acts(key.on_delete) || acts(key.on_update));
        });
    if (reached && tables.insert(name).second) {
      add_reached(catalogue, name, tables);
    }
  }
}

/// Whether a statement on `table` may make a foreign key change rows that it does not count.
bool may_reach(const sql::Catalogue& catalogue, const std::string& table, sql::Kind kind) {
  for (const auto& [name, other] : catalogue.tables) {
    for (const sql::ForeignKey& key : other.foreign_keys) {
      if (key.target == table && acts(kind == sql::Kind::remove ? key.on_delete : key.on_update)) {
        return true;
      }
    }
  }
  return false;
}

Captured how_captured(const sql::Catalogue& catalogue, const blueprint::EventType& type) {
  Captured captured = Captured::returned;
  for (const blueprint::ApplyStatement& statement : type.apply) {
    const std::string& table = *statement.sql.tables_written.begin();
    const bool returns = !statement.sql.postgres_returning.empty();
    // An upsert reads the table as well.
    const bool only_inserts =
        statement.sql.kind == sql::Kind::insert && !statement.sql.tables_read.contains(table);
    if (!(returns && only_inserts) && may_reach(catalogue, table, statement.sql.kind)) {
      return Captured::alone;
    }
    if (!returns) {
      captured = Captured::counted;
    }
  }
  return captured;
}

constexpr std::string_view check_deferred = "SET CONSTRAINTS ALL IMMEDIATE";
constexpr std::string_view defer_again = "SET CONSTRAINTS ALL DEFERRED";

}  // namespace

bool is_rejection(const Error& error) {
  switch (error.code()) {
    case ErrorCode::invalid_input:
    case ErrorCode::unique_violation:
    case ErrorCode::constraint_violation:
    case ErrorCode::type_mismatch:
    case ErrorCode::bad_statement: return true;
    default: return false;
  }
}

struct Applier::Type {
  const blueprint::EventType* definition = nullptr;
  Members members;
  struct Step {
    BoundStatement statement;
    std::optional<BoundStatement> returning;  ///< what a pipeline is given instead
    const std::optional<blueprint::Expect>* expect;
    std::string_view table;  ///< that it writes

    BoundStatement& sent() { return returning ? *returning : statement; }
  };
  std::vector<Step> steps;
  std::set<std::string> tables;
  Captured captured = Captured::returned;
};

Applier::Applier(engine::Connection& connection, const blueprint::Blueprint& blueprint)
    : connection_(connection), blueprint_(blueprint), can_silence_(connection.can_silence()) {
  for (const auto& [name, table] : blueprint.catalogue.tables) {
    has_deferred_constraints_ |= table.has_deferred_constraints();
    if (!table.tree.empty()) {
      tree_messages_.push_back(sql::tree_message(table));
    }
  }
}

Applier::~Applier() = default;

const blueprint::EventType& Applier::definition(const Type& type) const { return *type.definition; }

Applier::Type* Applier::find(std::string_view type, int version) {
  auto by_type = types_.find(type);
  if (by_type != types_.end()) {
    const auto known = by_type->second.find(version);
    if (known != by_type->second.end()) {
      return known->second.get();
    }
  }
  const blueprint::EventType* definition = blueprint_.find_event(type, version);
  if (definition == nullptr) {
    return nullptr;
  }
  auto entry = std::make_unique<Type>();
  entry->definition = definition;
  entry->captured = how_captured(blueprint_.catalogue, *definition);
  if (!can_silence_ && entry->captured == Captured::returned) {
    entry->captured = Captured::counted;
  }
  const bool returning =
      connection_.engine() == engine::Engine::postgres && entry->captured == Captured::returned;
  for (const blueprint::ApplyStatement& statement : definition->apply) {
    ensure(statement.sql.tables_written.size() == 1, "an apply statement writes one table");
    const std::string& table = *statement.sql.tables_written.begin();
    Type::Step& step = entry->steps.emplace_back(
        Type::Step{BoundStatement(connection_, statement.sql, entry->members), {}, &statement.expect, table});
    if (returning) {
      step.returning.emplace(connection_, statement.sql, entry->members, Returning::changed_rows);
    }
    entry->tables.insert(table);
    add_reached(blueprint_.catalogue, table, entry->tables);
  }
  return (types_[std::string(type)][version] = std::move(entry)).get();
}

const std::set<std::string>& Applier::tables(const Type& type) const { return type.tables; }

Captured Applier::captured(const Type& type) const { return type.captured; }

std::optional<Rejection> Applier::apply(Type& type, const journal::Event& event,
                                        simdjson::dom::element payload) {
  scratch_.clear();
  const Surroundings around = surroundings_of(event);
  try {
    type.members.find(payload);
    for (Type::Step& step : type.steps) {
      step.statement.bind(type.members, around, scratch_);
      step.statement.statement().run();
      if (step.expect->has_value() && !fits(**step.expect, connection_.changes())) {
        return Rejection{filled((**step.expect).message, around, payload), ErrorCode::constraint_violation};
      }
    }
    if (has_deferred_constraints_ && connection_.has_deferred_violations()) {
      return dangling(event);
    }
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    return Rejection{fmt::format("{}: {}", event.type, error.message()), error.code()};
  }
  return std::nullopt;
}

void Applier::bind(Type& type, const journal::Event& event, simdjson::dom::element payload) {
  scratch_.clear();
  type.members.find(payload);
  const Surroundings around = surroundings_of(event);
  for (Type::Step& step : type.steps) {
    step.sent().bind(type.members, around, scratch_);
  }
}

void Applier::send(Type& type, engine::Pipeline& pipeline) {
  for (Type::Step& step : type.steps) {
    pipeline.send(step.sent().statement());
  }
  if (has_deferred_constraints_) {
    pipeline.send(check_deferred);
    pipeline.send(defer_again);
  }
}

std::optional<Rejection> Applier::receive(Type& type, const journal::Event& event, engine::Pipeline& pipeline,
                                          std::vector<Written>& written) {
  try {
    for (Type::Step& step : type.steps) {
      std::int64_t rows = 0;
      if (step.returning) {
        rows = connection_.receive_returned(pipeline, step.returning->statement(), step.table);
      } else {
        pipeline.receive(step.statement.statement());
        rows = connection_.changes();
      }
      if (step.expect->has_value() && !fits(**step.expect, rows)) {
        json::Reader reader;
        return Rejection{filled((**step.expect).message, surroundings_of(event), reader.read(event.payload)),
                         ErrorCode::constraint_violation};
      }
      written.push_back({step.table, rows});
    }
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    return Rejection{fmt::format("{}: {}", event.type, error.message()), error.code()};
  }
  if (!has_deferred_constraints_) {
    return std::nullopt;
  }
  try {
    pipeline.receive();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::constraint_violation) {
      throw;
    }
    for (const std::string& message : tree_messages_) {
      if (error.message().find(message) != std::string::npos) {
        return Rejection{fmt::format("{}: {}", event.type, message), error.code()};
      }
    }
    return dangling(event);
  }
  pipeline.receive();
  return std::nullopt;
}

std::string row_payload(const engine::Statement& row, const std::vector<sql::ResultColumn>& columns) {
  std::vector<int> order(columns.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int left, int right) {
    return json::member_less(columns[static_cast<std::size_t>(left)].name,
                             columns[static_cast<std::size_t>(right)].name);
  });
  std::string out = "{";
  for (const int place : order) {
    const ValueView value = row.column(place);
    if (value.is_null()) {
      continue;
    }
    const sql::ResultColumn& column = columns[static_cast<std::size_t>(place)];
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(column.name, out);
    out += ':';
    if (column.personal && journal::subject_of(value.text())) {
      out += value.text();  // JSON as it is
    } else {
      journal::append_value_json(column.type, value, out);
    }
  }
  return out + "}";
}

struct Decider::Prepared {
  Members members;
  std::vector<BoundStatement> checks;
  std::vector<BoundStatement> emits;
};

Decider::Decider(engine::Connection& connection) : connection_(connection) {}

Decider::~Decider() = default;

Decider::Prepared& Decider::prepared(const blueprint::Command& command) {
  const auto known = commands_.find(command.name);
  if (known != commands_.end()) {
    return *known->second;
  }
  auto entry = std::make_unique<Prepared>();
  for (const blueprint::Check& check : command.checks) {
    entry->checks.emplace_back(connection_, check.sql, entry->members);
  }
  for (const blueprint::Emit& emit : command.emits) {
    entry->emits.emplace_back(connection_, emit.sql, entry->members);
  }
  return *(commands_[command.name] = std::move(entry));
}

bool Decider::reads_journal(const blueprint::Command& command) {
  const auto reads = [](const auto& part) { return part.sql.tables_read.contains("reeve_events"); };
  return std::any_of(command.checks.begin(), command.checks.end(), reads) ||
         std::any_of(command.emits.begin(), command.emits.end(), reads);
}

void Decider::ask(const blueprint::Command& command, simdjson::dom::element parameters,
                  const Surroundings& around, engine::Pipeline& pipeline) {
  asked_ = nullptr;
  scratch_.clear();
  Prepared& entry = prepared(command);
  entry.members.find(parameters);
  for (std::vector<BoundStatement>* statements : {&entry.checks, &entry.emits}) {
    for (BoundStatement& statement : *statements) {
      statement.bind(entry.members, around, scratch_);
      pipeline.send(statement.statement());
    }
  }
  asked_ = &pipeline;
}

void Decider::answer(BoundStatement& statement, Prepared& entry, const Surroundings& around) {
  if (asked_ != nullptr) {
    asked_->receive(statement.statement());
  } else {
    statement.bind(entry.members, around, scratch_);
  }
}

std::optional<Rejection> Decider::decide(const blueprint::Command& command, simdjson::dom::element parameters,
                                         const Surroundings& around, std::vector<Decided>& decided) {
  /// What a check that does not hold leaves unread.
  struct Unread {
    engine::Pipeline*& pipeline;
    ~Unread() {
      if (engine::Pipeline* asked = std::exchange(pipeline, nullptr)) {
        asked->drop();
      }
    }
  };
  const Unread unread{asked_};
  decided.clear();
  Prepared& entry = prepared(command);
  try {
    if (asked_ == nullptr) {
      scratch_.clear();
      entry.members.find(parameters);
    }
    for (std::size_t i = 0; i < entry.checks.size(); ++i) {
      BoundStatement& check = entry.checks[i];
      answer(check, entry, around);
      engine::Statement& row = check.statement();
      const bool holds = row.step() && !row.column(0).is_null() && row.integer(0) != 0;
      row.reset();
      if (!holds) {
        return Rejection{filled(command.checks[i].message, around, parameters),
                         ErrorCode::constraint_violation};
      }
    }
    for (std::size_t i = 0; i < entry.emits.size(); ++i) {
      BoundStatement& emit = entry.emits[i];
      answer(emit, entry, around);
      while (emit.statement().step()) {
        decided.push_back({command.emits[i].type, command.emits[i].version,
                           row_payload(emit.statement(), emit.translation().columns)});
      }
      emit.statement().reset();
    }
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    return Rejection{fmt::format("{}: {}", command.name, error.message()), error.code()};
  }
  return std::nullopt;
}

MomentReader::MomentReader(engine::Connection& connection, const blueprint::Blueprint& blueprint) {
  if (blueprint.moment) {
    statement_ = prepare(connection, blueprint.moment->query);
    tables_ = blueprint.moment->query.tables_read;
  }
}

const Value& MomentReader::value() {
  if (!known_ && statement_) {
    value_ = statement_->step() ? statement_->column(0).to_value() : Value(Null{});
    statement_->reset();
  }
  known_ = true;
  return value_;
}

bool MomentReader::reads(const std::set<std::string>& tables) const {
  return std::any_of(tables_.begin(), tables_.end(),
                     [&](const std::string& table) { return tables.contains(table); });
}

void MomentReader::note(const std::vector<journal::Change>& changes, const journal::Layout& layout) {
  for (const journal::Change& change : changes) {
    if (tables_.contains(layout.table(change.table).name)) {
      known_ = false;
      return;
    }
  }
}

}  // namespace reeve::state
