#include "sqlite.h"

#include "sql/functions.h"

#include <reeve/error.h>
#include <sqlite3.h>

#include <stdexcept>

namespace reeve::test {
namespace {

ValueView view_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return ValueView::of(std::int64_t{sqlite3_value_int64(value)});
    case SQLITE_FLOAT: return ValueView::of(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return ValueView::of(std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value))));
    }
    case SQLITE_BLOB: {
      const void* data = sqlite3_value_blob(value);
      return ValueView::of_bytes(data, static_cast<std::size_t>(sqlite3_value_bytes(value)));
    }
    default: return {};
  }
}

void answer(sqlite3_context* context, const Value& value) {
  if (std::holds_alternative<Null>(value)) sqlite3_result_null(context);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) sqlite3_result_int64(context, *integer);
  if (const auto* real = std::get_if<double>(&value)) sqlite3_result_double(context, *real);
  if (const auto* text = std::get_if<std::string>(&value))
    sqlite3_result_text(context, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
  if (const auto* bytes = std::get_if<Bytes>(&value))
    sqlite3_result_blob(context, bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data()),
                        static_cast<int>(bytes->size()), SQLITE_TRANSIENT);
}

std::vector<ValueView> views_of(int count, sqlite3_value** values) {
  std::vector<ValueView> views;
  for (int i = 0; i < count; ++i) views.push_back(view_of(values[i]));
  return views;
}

void call_scalar(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* function = static_cast<const sql::ScalarFunction*>(sqlite3_user_data(context));
  try {
    answer(context, function->call(views_of(count, values)));
  } catch (const Error& error) {
    sqlite3_result_error(context, error.message().c_str(), -1);
  }
}

void call_step(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* function = static_cast<const sql::AggregateFunction*>(sqlite3_user_data(context));
  auto** state = static_cast<void**>(sqlite3_aggregate_context(context, sizeof(void*)));
  if (*state == nullptr) *state = function->create();
  try {
    function->step(*state, views_of(count, values));
  } catch (const Error& error) {
    sqlite3_result_error(context, error.message().c_str(), -1);
  }
}

void call_final(sqlite3_context* context) {
  const auto* function = static_cast<const sql::AggregateFunction*>(sqlite3_user_data(context));
  auto** state = static_cast<void**>(sqlite3_aggregate_context(context, 0));
  void* collected = state == nullptr ? nullptr : *state;
  try {
    answer(context, function->result(collected));
  } catch (const Error& error) {
    sqlite3_result_error(context, error.message().c_str(), -1);
  }
  if (collected != nullptr) function->destroy(collected);
}

}  // namespace

Sqlite::Sqlite(bool with_functions) {
  if (sqlite3_open(":memory:", &db_) != SQLITE_OK) throw std::runtime_error("SQLite did not open");
  run("PRAGMA foreign_keys = ON");
  if (!with_functions) return;
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const auto& function : sql::scalar_functions())
    sqlite3_create_function_v2(db_, std::string(function.sqlite_name).c_str(), function.arguments, flags,
                               const_cast<sql::ScalarFunction*>(&function), call_scalar, nullptr, nullptr,
                               nullptr);
  for (const auto& function : sql::aggregate_functions())
    sqlite3_create_function_v2(db_, std::string(function.sqlite_name).c_str(), function.arguments, flags,
                               const_cast<sql::AggregateFunction*>(&function), nullptr, call_step, call_final,
                               nullptr);
}

Sqlite::~Sqlite() { sqlite3_close(db_); }

SqliteAnswer Sqlite::run(const std::string& sql) {
  SqliteAnswer out;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    out.error = std::string(sqlite3_errmsg(db_)) + " in: " + sql;
    return out;
  }
  int result = sqlite3_step(statement);
  for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
    std::vector<Value> row;
    for (int c = 0; c < sqlite3_column_count(statement); ++c)
      row.push_back(view_of(sqlite3_column_value(statement, c)).to_value());
    out.rows.push_back(std::move(row));
  }
  if (result != SQLITE_DONE) out.error = sqlite3_errmsg(db_);
  sqlite3_finalize(statement);
  return out;
}

}  // namespace reeve::test
