#include "engine/connection.h"

#include "engine/postgres_statement.h"
#include "engine/sqlite_value.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::engine {

// SQLite's way is the straight one: the body of a PostgreSQL statement is looked for first, and there is
// none, which costs a comparison.

Statement::Statement() = default;

Statement::Statement(Connection* connection, sqlite3_stmt* handle)
    : connection_(connection), handle_(handle) {}

Statement::Statement(Connection* connection, std::unique_ptr<PostgresStatement> body)
    : connection_(connection), body_(std::move(body)) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      handle_(std::exchange(other.handle_, nullptr)),
      body_(std::move(other.body_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    connection_ = std::exchange(other.connection_, nullptr);
    handle_ = std::exchange(other.handle_, nullptr);
    body_ = std::move(other.body_);
  }
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::bind(int parameter, ValueView value) {
  switch (value.kind()) {
    case ValueView::Kind::null: return bind_null(parameter);
    case ValueView::Kind::integer: return bind_integer(parameter, value.integer());
    case ValueView::Kind::real: return bind_real(parameter, value.real());
    case ValueView::Kind::text: return bind_text(parameter, value.text());
    case ValueView::Kind::bytes: return bind_bytes(parameter, value.text().data(), value.text().size());
  }
}

void Statement::bind_null(int parameter) {
  if (body_ != nullptr) [[unlikely]] {
    return body_->bind(parameter, {});
  }
  ensure(sqlite3_bind_null(handle_, parameter) == SQLITE_OK, "bind");
}

void Statement::bind_integer(int parameter, std::int64_t value) {
  if (body_ != nullptr) [[unlikely]] {
    return body_->bind(parameter, ValueView::of(value));
  }
  ensure(sqlite3_bind_int64(handle_, parameter, value) == SQLITE_OK, "bind");
}

void Statement::bind_real(int parameter, double value) {
  if (body_ != nullptr) [[unlikely]] {
    return body_->bind(parameter, ValueView::of(value));
  }
  ensure(sqlite3_bind_double(handle_, parameter, value) == SQLITE_OK, "bind");
}

void Statement::bind_text(int parameter, std::string_view value) {
  if (body_ != nullptr) [[unlikely]] {
    return body_->bind(parameter, ValueView::of(value));
  }
  // A null pointer would bind NULL: the empty text must stay one.
  const char* data = value.data() != nullptr ? value.data() : "";
  const int code = sqlite3_bind_text64(handle_, parameter, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) {
    connection_->fail(code, "bind");
  }
}

void Statement::bind_bytes(int parameter, const void* data, std::size_t size) {
  if (body_ != nullptr) [[unlikely]] {
    return body_->bind(parameter, ValueView::of_bytes(data, size));
  }
  const int code = sqlite3_bind_blob64(handle_, parameter, data != nullptr ? data : "", size, SQLITE_STATIC);
  if (code != SQLITE_OK) {
    connection_->fail(code, "bind");
  }
}

bool Statement::step() {
  if (body_ != nullptr) [[unlikely]] {
    return body_->step();
  }
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  const int extended = sqlite3_extended_errcode(connection_->handle_);
  try {
    connection_->fail(extended, sqlite3_sql(handle_));
  } catch (const Error&) {
    sqlite3_reset(handle_);  // after the message was read: a reset clears it
    throw;
  }
}

void Statement::run() {
  if (body_ != nullptr) [[unlikely]] {
    return body_->run();
  }
  while (step()) {}
  sqlite3_reset(handle_);
}

void Statement::post() {
  if (body_ != nullptr) [[unlikely]] {
    return body_->post();
  }
  run();
}

void Statement::reset() {
  if (body_ != nullptr) [[unlikely]] {
    return body_->reset();
  }
  sqlite3_reset(handle_);
}

int Statement::column_count() const {
  return body_ != nullptr ? body_->column_count() : sqlite3_column_count(handle_);
}

std::string Statement::column_name(int column) const {
  return body_ != nullptr ? body_->column_name(column) : sqlite3_column_name(handle_, column);
}

ValueView Statement::column(int column) const {
  if (body_ != nullptr) [[unlikely]] {
    return body_->column(column);
  }
  // The connection has no mutex (SQLITE_OPEN_NOMUTEX) and belongs to one thread at a time: its values need no
  // protection, and one look at the column tells kind, bytes and size.
  return view_of(sqlite3_column_value(handle_, column));
}

namespace {

[[noreturn]] void mismatch(const Statement& statement, int column, std::string_view expected) {
  throw Error(ErrorCode::type_mismatch,
              fmt::format("column {} does not hold {}", statement.column_name(column), expected));
}

}  // namespace

std::int64_t Statement::integer(int column) const {
  if (body_ != nullptr) [[unlikely]] {
    const ValueView value = body_->column(column);
    if (value.kind() != ValueView::Kind::integer) {
      mismatch(*this, column, "an integer");
    }
    return value.integer();
  }
  if (sqlite3_column_type(handle_, column) != SQLITE_INTEGER) {
    mismatch(*this, column, "an integer");
  }
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column_index) const {
  if (body_ != nullptr) [[unlikely]] {
    const ValueView value = body_->column(column_index);
    if (value.kind() != ValueView::Kind::text) {
      mismatch(*this, column_index, "text");
    }
    return value.text();
  }
  if (sqlite3_column_type(handle_, column_index) != SQLITE_TEXT) {
    mismatch(*this, column_index, "text");
  }
  return column(column_index).text();
}

std::string_view Statement::bytes(int column_index) const {
  if (body_ != nullptr) [[unlikely]] {
    const ValueView value = body_->column(column_index);
    if (value.kind() != ValueView::Kind::bytes) {
      mismatch(*this, column_index, "bytes");
    }
    return value.text();
  }
  if (sqlite3_column_type(handle_, column_index) != SQLITE_BLOB) {
    mismatch(*this, column_index, "bytes");
  }
  return column(column_index).text();
}

int Statement::parameter_count() const {
  return body_ != nullptr ? body_->parameter_count() : sqlite3_bind_parameter_count(handle_);
}

}  // namespace reeve::engine
