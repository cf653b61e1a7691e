#include "search/vector_table.h"

#include "base/utf8.h"
#include "engine/array.h"
#include "sql/names.h"

#include "search/select_lineage_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::search {

namespace {

std::string named(std::string_view name) { return sql::quoted_for_postgres(name); }

/// A key's value as text that PostgreSQL casts to the column's type.
std::string text_of(sql::Type type, const Value& value) {
  std::string json;
  switch (type) {
    case sql::Type::boolean: return std::get<std::int64_t>(value) != 0 ? "true" : "false";
    case sql::Type::integer:
    case sql::Type::bigint: return fmt::format("{}", std::get<std::int64_t>(value));
    case sql::Type::double_precision:
      journal::append_value_json(type, ValueView::of(value), json);
      return json;
    case sql::Type::bytea: {
      const Bytes& bytes = std::get<Bytes>(value);
      return "\\x" + to_hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    }
    default: return std::get<std::string>(value);
  }
}

std::string_view text_or_nothing(const ValueView& value) {
  return value.kind() == ValueView::Kind::text ? value.text() : std::string_view();
}

}  // namespace

std::string condition_sql(const Condition& condition, std::string_view parameter, bool is_file) {
  const auto compare = [&]() -> std::string_view {
    switch (condition.compare) {
      case Condition::Compare::unequal: return is_file ? "IS NOT" : "IS DISTINCT FROM";
      case Condition::Compare::at_most: return "<=";
      case Condition::Compare::at_least: return ">=";
      case Condition::Compare::equal: break;
    }
    return "=";
  };
  const std::string column = "t." + named(condition.column->name);
  const std::string sql = fmt::format("{} {} {}", column, compare(), parameter);
  return condition.or_none ? fmt::format("({} IS NULL OR {})", column, sql) : sql;
}

void bind_condition(engine::Statement& statement, int parameter, const Condition& condition) {
  if (!is_valid_utf8(condition.value)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the filter {} has a value that is no UTF-8, or has U+0000, as no row's is",
                            condition.column->name),
                "leave it out");
  }
  const Value value = value_of_text(condition.column->type, condition.value);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    statement.bind_integer(parameter, *number);
  } else {
    statement.bind_text(parameter, condition.value);
  }
}

std::int64_t vector_id(std::string_view key) {
  const Digest digest = Hasher("reeve vector id/1").text(key).finish();
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i) {
    id = id << 8U | digest[i];
  }
  return static_cast<std::int64_t>(id >> 1U);
}

VectorTable::VectorTable(engine::Connection& connection, const Definition& definition,
                         std::vector<Condition> conditions, std::string model)
    : connection_(connection),
      definition_(definition),
      conditions_(std::move(conditions)),
      model_(std::move(model)),
      is_file_(connection.engine() == engine::Engine::sqlite),
      maker_(definition),
      key_(definition.key.size()) {}

std::string VectorTable::own_keys() const {
  std::string keys;
  for (const Definition::Column& column : definition_.key) {
    keys += (keys.empty() ? "e." : ", e.") + named(column.name);
  }
  return keys;
}

/// Parameters: the model, if it counts, then the conditions' values. The ledger is a value, so that the planner takes the
/// keys' indexes; the session's policy says the same.
std::string VectorTable::select(std::string_view what, std::string_view and_where,
                                std::string_view rest) const {
  std::string sql = fmt::format("SELECT {} FROM {} e", what, named(definition_.embedding->table_name));
  std::string where = " WHERE e.embedding IS NOT NULL";
  const std::string ledger = is_file_ ? "" : fmt::format(" = '{}'", connection_.ledger());
  if (!is_file_) where += " AND e.ledger_id" + ledger;
  int parameter = 0;
  const auto next = [&] { return fmt::format("{}{}", is_file_ ? '?' : '$', ++parameter); };
  if (!model_.empty()) where += " AND e.model = " + next();
  if (!conditions_.empty()) {
    sql += fmt::format(" JOIN {} t ON ", named(definition_.table_name));
    std::string on;
    for (const Definition::Column& column : definition_.key) {
      on += fmt::format("{}t.{} = e.{}", on.empty() ? "" : " AND ", named(column.name), named(column.name));
    }
    sql += on + (is_file_ ? "" : " AND t.ledger_id" + ledger);
    for (const Condition& condition : conditions_) {
      where += " AND " + condition_sql(condition, next(), is_file_);
    }
  }
  return sql + where + std::string(and_where) + std::string(rest);
}

void VectorTable::bind(engine::Statement& statement) const {
  int parameter = 0;
  if (!model_.empty()) statement.bind_text(++parameter, model_);
  for (const Condition& condition : conditions_) bind_condition(statement, ++parameter, condition);
}

std::uint64_t VectorTable::count(std::uint64_t max) {
  engine::Statement row = connection_.prepare(
      fmt::format("SELECT count(*) FROM ({}) AS found", select("1", "", fmt::format(" LIMIT {}", max))));
  bind(row);
  return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

void VectorTable::give(const engine::Statement& row, const TakeVector& take) {
  const std::size_t keys = definition_.key.size();
  const std::string_view embedding = row.bytes(static_cast<int>(keys));
  if (!vectors::is_vector(embedding, definition_.embedding->dimensions)) {
    return;
  }
  for (std::size_t i = 0; i < keys; ++i) {
    key_[i] = row.column(static_cast<int>(i));
  }
  const std::string key = maker_.key_of(key_);
  const bool has_text = !definition_.embedding->model.empty();
  const auto text_hash = static_cast<int>(keys) + 1;
  take({key, embedding, has_text ? text_or_nothing(row.column(text_hash)) : std::string_view(),
        has_text ? text_or_nothing(row.column(text_hash + 1)) : std::string_view()});
}

namespace {

std::string row_columns(const std::string& keys, const Definition& definition) {
  return keys + ", e.embedding" + (definition.embedding->model.empty() ? "" : ", e.text_hash, e.model");
}

}  // namespace

void VectorTable::each(const TakeVector& take) {
  engine::Statement rows =
      connection_.prepare(select(row_columns(own_keys(), definition_), "", " ORDER BY " + own_keys()), false);
  bind(rows);
  while (rows.step()) {
    give(rows, take);
  }
}

void VectorTable::each_key(const std::function<void(std::string_view key)>& take) {
  engine::Statement rows = connection_.prepare(select(own_keys(), "", ""), false);
  bind(rows);
  while (rows.step()) {
    for (std::size_t i = 0; i < key_.size(); ++i) {
      key_[i] = rows.column(static_cast<int>(i));
    }
    take(maker_.key_of(key_));
  }
}

void VectorTable::each_of(const std::vector<std::string>& keys, const TakeVector& take) {
  if (keys.empty()) {
    return;
  }
  if (is_file_) {
    each_of_in_file(keys, take);
  } else {
    each_of_on_server(keys, take);
  }
}

void VectorTable::each_of_in_file(const std::vector<std::string>& keys, const TakeVector& take) {
  const auto first = static_cast<int>(conditions_.size() + (model_.empty() ? 0 : 1)) + 1;
  if (!has_find_) {
    std::string where;
    int parameter = first;
    for (const Definition::Column& column : definition_.key) {
      where += fmt::format(" AND e.{} = ?{}", named(column.name), parameter++);
    }
    find_ = connection_.prepare(select(row_columns(own_keys(), definition_), where, ""));
    has_find_ = true;
  }
  for (const std::string& key : keys) {
    find_.reset();
    bind(find_);
    const std::vector<Value> values = key_values(definition_, key);
    for (std::size_t i = 0; i < values.size(); ++i) {
      find_.bind(first + static_cast<int>(i), ValueView::of(values[i]));
    }
    if (find_.step()) {
      give(find_, take);
    }
  }
  find_.reset();
}

/// All keys in one question, each of their columns an array.
void VectorTable::each_of_on_server(const std::vector<std::string>& keys, const TakeVector& take) {
  std::vector<engine::Array> arrays(definition_.key.size(), engine::Array(engine::Array::Of::text));
  for (const std::string& key : keys) {
    const std::vector<Value> values = key_values(definition_, key);
    for (std::size_t i = 0; i < values.size(); ++i) {
      arrays[i].add(std::string_view(text_of(definition_.key[i].type, values[i])));
    }
  }
  const auto first = static_cast<int>(conditions_.size() + (model_.empty() ? 0 : 1)) + 1;
  std::string names;
  std::string unnested;
  for (std::size_t i = 0; i < definition_.key.size(); ++i) {
    const std::string_view separator = i == 0 ? "" : ", ";
    names += fmt::format("{}e.{}", separator, named(definition_.key[i].name));
    unnested += fmt::format("{}${}::text[]::{}[]", separator, first + static_cast<int>(i),
                            sql::name_of(definition_.key[i].type));
  }
  engine::Statement rows = connection_.prepare(
      select(row_columns(own_keys(), definition_),
             fmt::format(" AND ({}) IN (SELECT * FROM unnest({}))", names, unnested), ""));
  bind(rows);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    arrays[i].bind(rows, first + static_cast<int>(i));
  }
  while (rows.step()) {
    give(rows, take);
  }
}

std::vector<std::string> lineage_of(engine::Connection& connection, const Definition& definition,
                                    std::string_view key) {
  ensure(!definition.tree.empty() && definition.key.size() == 1, "a lineage is that of a tree's row");
  const bool is_file = connection.engine() == engine::Engine::sqlite;
  const std::string ledger = is_file ? "" : fmt::format(" AND t.ledger_id = '{}'", connection.ledger());
  engine::Statement rows = connection.prepare(
      fmt::format(fmt::runtime(embedded::select_lineage_sql), named(definition.key[0].name),
                  named(definition.table_name), named(definition.tree), is_file ? "?1" : "$1", ledger));
  const std::vector<Value> values = key_values(definition, key);
  rows.bind(1, ValueView::of(values[0]));
  const DocumentMaker maker(definition);
  std::vector<std::string> keys;
  while (rows.step()) {
    const ValueView value = rows.column(0);
    keys.push_back(maker.key_of(std::span(&value, 1)));
  }
  return keys;
}

}  // namespace reeve::search
