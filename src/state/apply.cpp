#include "state/apply.h"

#include "blueprint/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace reeve::state {

namespace {

std::string filled(std::string_view message, const Surroundings& around, simdjson::dom::element object) {
  return blueprint::fill_message(message,
                                 [&](std::string_view name) { return message_value(name, around, object); });
}

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
    const std::optional<blueprint::Expect>* expect;
  };
  std::vector<Step> steps;
};

Applier::Applier(engine::Connection& connection, const blueprint::Blueprint& blueprint)
    : connection_(connection), blueprint_(blueprint) {
  for (const auto& [name, table] : blueprint.catalogue.tables) {
    has_deferred_keys_ |= std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                                      [](const sql::ForeignKey& key) { return key.deferred; });
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
  for (const blueprint::ApplyStatement& statement : definition->apply) {
    entry->steps.push_back({BoundStatement(connection_, statement.sql, entry->members), &statement.expect});
  }
  return (types_[std::string(type)][version] = std::move(entry)).get();
}

std::optional<Rejection> Applier::apply(Type& type, const journal::Event& event,
                                        simdjson::dom::element payload) {
  scratch_.clear();
  const Surroundings around{event.id,    event.sequence, event.time, ValueView::of(event.moment),
                            event.actor, event.payload};
  try {
    type.members.find(payload);
    for (Type::Step& step : type.steps) {
      step.statement.bind(type.members, around, scratch_);
      step.statement.statement().run();
      if (!step.expect->has_value()) {
        continue;
      }
      const blueprint::Expect& expect = **step.expect;
      const std::int64_t rows = connection_.changes();
      if (rows < expect.rows_min || (expect.rows_max && rows > *expect.rows_max)) {
        return Rejection{filled(expect.message, around, payload), ErrorCode::constraint_violation};
      }
    }
    if (has_deferred_keys_ && connection_.has_deferred_violations()) {
      return Rejection{fmt::format("{}: a foreign key points to a row that is not there", event.type),
                       ErrorCode::constraint_violation};
    }
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    return Rejection{fmt::format("{}: {}", event.type, error.message()), error.code()};
  }
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
    journal::append_value_json(column.type, value, out);
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

std::optional<Rejection> Decider::decide(const blueprint::Command& command, simdjson::dom::element parameters,
                                         const Surroundings& around, std::vector<Decided>& decided) {
  decided.clear();
  scratch_.clear();
  Prepared& entry = prepared(command);
  try {
    entry.members.find(parameters);
    for (std::size_t i = 0; i < entry.checks.size(); ++i) {
      BoundStatement& check = entry.checks[i];
      check.bind(entry.members, around, scratch_);
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
      emit.bind(entry.members, around, scratch_);
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

void MomentReader::note(const std::vector<journal::Change>& changes, const journal::Layout& layout) {
  for (const journal::Change& change : changes) {
    if (tables_.contains(layout.table(change.table).name)) {
      known_ = false;
      return;
    }
  }
}

}  // namespace reeve::state
