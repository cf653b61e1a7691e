// How a session of PostgreSQL begins and ends.

#include "engine/postgres_session.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>

namespace reeve::engine {

namespace {

constexpr int server_version_min = 150'000;

struct Address {
  std::string name;      ///< for people: no user, no password
  std::string password;  ///< so that it can be kept out of texts
};

[[noreturn]] void refuse_url(std::string_view why) {
  throw Error(ErrorCode::invalid_input, fmt::format("the PostgreSQL URL can't be used: {}", why),
              "postgresql://USER@HOST:PORT/DATABASE; write special characters of a password as %XX");
}

/// Nothing of the URL is repeated in an error: what is wrong may be the password.
Address address_of(const std::string& url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    refuse_url("it does not begin with postgresql://");
  }
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(url.c_str(), &reason), &PQconninfoFree);
  const std::string fault = reason != nullptr ? reason : "";
  PQfreemem(reason);
  if (fault.find("\"ledger\"") != std::string::npos || fault.find("\"schema\"") != std::string::npos) {
    refuse_url("ledger= and schema= belong to the URL of a ledger, and this is a database's");
  }
  if (parsed == nullptr) {
    refuse_url("libpq can't read it");
  }
  std::string host;
  std::string port;
  std::string database;
  Address address;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    const std::string value = option->val != nullptr ? option->val : "";
    if (keyword == "host" || (keyword == "hostaddr" && host.empty())) {
      host = value;
    } else if (keyword == "port") {
      port = value;
    } else if (keyword == "dbname") {
      database = value;
    } else if (keyword == "password") {
      address.password = value;
    }
  }
  // The rest of a password whose @ or / was not escaped.
  if ((host + port + database).find('@') != std::string::npos) {
    refuse_url("there is an @ after the host");
  }
  if (host.starts_with('/') || host.empty()) {
    address.name = fmt::format("postgresql:///{}{}{}", database, host.empty() ? "" : "?host=", host);
  } else {
    address.name = fmt::format("postgresql://{}{}{}/{}", host, port.empty() ? "" : ":", port, database);
  }
  return address;
}

/// What a refused connection says under PQERRORS_SQLSTATE ends in `FATAL:  28P01`.
std::string_view sqlstate_at_end(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  if (text.size() < 8 || text.substr(text.size() - 8, 3) != ":  ") {
    return {};
  }
  const std::string_view state = text.substr(text.size() - 5);
  const bool fits = std::all_of(state.begin(), state.end(),
                                [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  return fits ? state : std::string_view{};
}

/// Waits until libpq can go on; false when the time is over.
bool wait_for(PGconn* connection, bool reading, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return false;
    }
    pollfd waited{PQsocket(connection), static_cast<short>(reading ? POLLIN : POLLOUT), 0};
    const int ready = poll(&waited, 1, static_cast<int>(left.count()));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

std::string enclosed(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out.append(c == quote ? 2 : 1, c);
  }
  return out + quote;
}

}  // namespace

void PostgresSession::fail_connect(std::string_view password) {
  const std::string text = PQerrorMessage(connection_);
  const std::string state(sqlstate_at_end(text));
  close();
  if (!state.empty()) {
    throw error_of(state, {}, context({}));
  }
  std::string shown = text;
  for (std::size_t at = 0; !password.empty() && (at = shown.find(password, at)) != std::string::npos;) {
    shown.replace(at, password.size(), "***");
    at += 3;
  }
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  while (!shown.empty() && shown.back() == ' ') {
    shown.pop_back();
  }
  throw Error(ErrorCode::unavailable, fmt::format("{} can't be reached: {}", name_, shown));
}

void PostgresSession::connect() {
  const Address address = address_of(url_);
  name_ = address.name;
  close();
  gave_up_ = false;
  const char* keywords[] = {"dbname", "client_encoding", "fallback_application_name", nullptr};
  const char* values[] = {url_.c_str(), "UTF8", options_.application_name.c_str(), nullptr};
  connection_ = PQconnectStartParams(keywords, values, 1);
  if (connection_ == nullptr) {
    throw std::bad_alloc();
  }
  if (PQstatus(connection_) == CONNECTION_BAD) {
    fail_connect(address.password);
  }
  // So that a refusal names its SQLSTATE, whatever the server's language.
  PQsetErrorVerbosity(connection_, PQERRORS_SQLSTATE);
  PQsetNoticeReceiver(connection_, on_notice, this);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.connect_ms_max);
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (!wait_for(connection_, state == PGRES_POLLING_READING, until)) {
      close();
      throw Error(ErrorCode::unavailable,
                  fmt::format("{} did not answer within {} ms", name_, options_.connect_ms_max));
    }
    state = PQconnectPoll(connection_);
    if (state == PGRES_POLLING_FAILED) {
      fail_connect(address.password);
    }
  }
  set_up();
}

void PostgresSession::set_up() {
  ++connections_;
  ++generation_;
  in_block_ = false;
  schema_changed_ = false;
  to_deallocate_.clear();
  if (PQserverVersion(connection_) < server_version_min) {
    const int version = PQserverVersion(connection_);
    close();
    throw Error(ErrorCode::unavailable,
                fmt::format("{} is PostgreSQL {}; Reeve needs 15 or newer", name_, version / 10'000));
  }
  {
    const std::lock_guard lock(cancel_mutex_);
    cancel_ = PQgetCancel(connection_);
  }
  std::string script =
      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1; "
      "SET standard_conforming_strings = on; SET client_min_messages = warning";
  script += fmt::format("; SET statement_timeout = {}; SET lock_timeout = {}", options_.statement_timeout_ms,
                        options_.lock_timeout_ms);
  if (!options_.schema.empty()) {
    // Named last, or it would come first: nobody's temporary table hides one of Reeve's.
    script += fmt::format("; SET search_path = {}, pg_temp", enclosed(options_.schema, '"'));
  }
  if (!options_.role.empty()) {
    script += "; SET ROLE " + enclosed(options_.role, '"');
  }
  const Result result = run_script(script);
  if (result == nullptr || PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
    const Error failed = error(result.get(), {});
    close();
    throw failed;
  }
}

void PostgresSession::close() noexcept {
  {
    const std::lock_guard lock(cancel_mutex_);
    PQfreeCancel(cancel_);
    cancel_ = nullptr;
  }
  PQfinish(connection_);
  connection_ = nullptr;
}

}  // namespace reeve::engine
