#include "engine/functions.h"

#include "engine/connection.h"
#include "engine/sqlite_value.h"
#include "sql/functions.h"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace reeve::engine {

namespace {

constexpr int arguments_max = 127;  // SQLite's own limit

void set_result(sqlite3_context* context, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_result_int64(context, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_result_double(context, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
    // A null pointer would give NULL: no bytes are not nothing.
    const void* data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
    sqlite3_result_blob64(context, data, bytes->size(), SQLITE_TRANSIENT);
  } else {
    sqlite3_result_null(context);
  }
}

/// What each function is registered with.
struct Scalar {
  Connection* connection;
  const sql::ScalarFunction* function;
};
struct Aggregate {
  Connection* connection;
  const sql::AggregateFunction* function;
};

/// Runs code that may throw at the boundary to C: the Error is kept for the statement that fails.
template <typename Code>
void guarded(Connection& connection, sqlite3_context* context, Code&& code) {
  try {
    code();
  } catch (const Error& error) {
    sqlite3_result_error(context, error.message().c_str(), -1);
    connection.keep_function_error(error);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

using Arguments = std::array<ValueView, arguments_max>;

std::span<const ValueView> views_of(Arguments& views, int count, sqlite3_value** values) {
  for (int i = 0; i < count; ++i) {
    views[static_cast<std::size_t>(i)] = view_of(values[i]);
  }
  return {views.data(), static_cast<std::size_t>(count)};
}

void call_scalar(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* scalar = static_cast<const Scalar*>(sqlite3_user_data(context));
  guarded(*scalar->connection, context, [&] {
    Arguments views;
    set_result(context, scalar->function->call(views_of(views, count, values)));
  });
}

void step_aggregate(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* aggregate = static_cast<const Aggregate*>(sqlite3_user_data(context));
  guarded(*aggregate->connection, context, [&] {
    auto** state = static_cast<void**>(sqlite3_aggregate_context(context, sizeof(void*)));
    if (*state == nullptr) {
      *state = aggregate->function->create();
    }
    Arguments views;
    aggregate->function->step(*state, views_of(views, count, values));
  });
}

void finish_aggregate(sqlite3_context* context) {
  const auto* aggregate = static_cast<const Aggregate*>(sqlite3_user_data(context));
  auto** slot = static_cast<void**>(sqlite3_aggregate_context(context, 0));
  void* state = slot != nullptr ? *slot : nullptr;
  guarded(*aggregate->connection, context, [&] { set_result(context, aggregate->function->result(state)); });
  if (state != nullptr) {
    aggregate->function->destroy(state);
  }
}

Connection& host_connection(sqlite3_context* context) {
  return *static_cast<Connection*>(sqlite3_user_data(context));
}

HostFunctions& host_of(Connection& connection, const char* function) {
  HostFunctions* host = connection.host_functions();
  if (host == nullptr) {
    throw Error(ErrorCode::bad_statement, fmt::format("{} is not available here", function));
  }
  return *host;
}

void call_dice(sqlite3_context* context, int, sqlite3_value** values) {
  Connection& connection = host_connection(context);
  guarded(connection, context, [&] {
    const ValueView name = view_of(values[0]);
    const ValueView sides = view_of(values[1]);
    if (name.is_null() || sides.is_null()) {
      return sqlite3_result_null(context);
    }
    if (sides.kind() != ValueView::Kind::integer || sides.integer() < 1) {
      throw Error(ErrorCode::invalid_input, "dice has at least one side");
    }
    sqlite3_result_int64(context, host_of(connection, "dice()").dice(name.text(), sides.integer()));
  });
}

void call_new_uuid(sqlite3_context* context, int, sqlite3_value** values) {
  Connection& connection = host_connection(context);
  guarded(connection, context, [&] {
    const ValueView name = view_of(values[0]);
    if (name.is_null()) {
      return sqlite3_result_null(context);
    }
    set_result(context, Value(host_of(connection, "new_uuid()").new_uuid(name.text())));
  });
}

void call_changes(sqlite3_context* context, int, sqlite3_value** values) {
  Connection& connection = host_connection(context);
  guarded(connection, context, [&] {
    const ValueView sequence = view_of(values[0]);
    if (sequence.kind() != ValueView::Kind::integer) {
      return sqlite3_result_null(context);
    }
    set_result(context, Value(host_of(connection, "reeve_changes()").changes(sequence.integer())));
  });
}

template <typename T>
void free_data(void* data) {
  delete static_cast<T*>(data);
}

}  // namespace

void register_functions(Connection& connection) {
  sqlite3* handle = connection.handle();
  constexpr int pure = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  constexpr int impure = SQLITE_UTF8 | SQLITE_INNOCUOUS;
  for (const sql::ScalarFunction& function : sql::scalar_functions()) {
    const std::string name(function.sqlite_name);
    auto* data = new Scalar{&connection, &function};
    ensure(sqlite3_create_function_v2(handle, name.c_str(), function.arguments, pure, data, call_scalar,
                                      nullptr, nullptr, free_data<Scalar>) == SQLITE_OK,
           "a function could not be registered");
  }
  for (const sql::AggregateFunction& function : sql::aggregate_functions()) {
    const std::string name(function.sqlite_name);
    auto* data = new Aggregate{&connection, &function};
    ensure(sqlite3_create_function_v2(handle, name.c_str(), function.arguments, pure, data, nullptr,
                                      step_aggregate, finish_aggregate, free_data<Aggregate>) == SQLITE_OK,
           "an aggregate could not be registered");
  }
  sqlite3_create_function_v2(handle, "reeve_dice", 2, impure, &connection, call_dice, nullptr, nullptr,
                             nullptr);
  sqlite3_create_function_v2(handle, "reeve_new_uuid", 1, impure, &connection, call_new_uuid, nullptr,
                             nullptr, nullptr);
  sqlite3_create_function_v2(handle, "reeve_changes", 1, impure, &connection, call_changes, nullptr, nullptr,
                             nullptr);
}

}  // namespace reeve::engine
