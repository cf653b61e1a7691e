#pragma once
// A database of a private PostgreSQL server for each test.

#include "engine/connection.h"

#include <support/postgres_server.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace reeve::engine {

using reeve::testing::PostgresServer;

/// A database of its own for each test, with a connection to it.
class PostgresTest : public ::testing::Test {
 protected:
  PostgresTest() {
    static int number = 0;
    url = PostgresServer::shared().create_database("engine_" + std::to_string(++number));
    db = Connection::open_postgres(url);
  }
  std::unique_ptr<Connection> open(const PostgresOptions& options = {}) const {
    return Connection::open_postgres(url, options);
  }

  std::string url;
  std::unique_ptr<Connection> db;
};

template <typename Code>
Error error_of_call(Code&& code) {
  try {
    code();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::internal, "nothing was thrown"};
}

template <typename Code>
ErrorCode code_of(Code&& code) {
  return error_of_call(std::forward<Code>(code)).code();
}

inline Value text(std::string value) { return value; }
inline Value integer(std::int64_t value) { return value; }
inline Bytes bytes(std::string_view value) {
  const auto* data = reinterpret_cast<const std::byte*>(value.data());
  return {data, data + value.size()};
}

}  // namespace reeve::engine
