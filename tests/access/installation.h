#pragma once
// An access database in a file or on PostgreSQL, with a file of master keys beside it.

#include "access/master_keys.h"
#include "base/clock.h"
#include "database.h"

#include <reeve/access.h>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>

namespace reeve::testing {

/// Stands still until it is moved.
class StandingClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void pass(Microseconds time) { now_ += time; }

 private:
  std::atomic<Microseconds> now_ = 1'767'323'045'000'006;
};

inline constexpr Microseconds second = 1'000'000;

/// One for each engine.
class Installation : public ::testing::TestWithParam<engine::Engine> {
 protected:
  Installation() : key_file_(workshop_.path("master.keys")), url_(workshop_.path("access.db")) {
    access::add_master_key(key_file_, system_random());
    if (GetParam() == engine::Engine::postgres) {
      static int number = 0;
      database_.emplace("access_" + std::to_string(++number));
      url_ = database_->plain("test");
    }
  }

  AccessOptions options() { return {.master_key_file = key_file_, .clock = &clock_}; }
  Access open() { return Access::open(url_, options()); }

  /// As the server's or SQLite's own tools would.
  std::optional<Value> value(const std::string& sql) const { return connect()->value(sql); }
  std::int64_t number(const std::string& sql) const { return std::get<std::int64_t>(*value(sql)); }
  void meddle(const std::string& sql) const { connect()->execute(sql); }

  Workshop workshop_;
  StandingClock clock_;
  std::string key_file_;
  std::string url_;
  std::optional<Database> database_;

 private:
  std::unique_ptr<engine::Connection> connect() const {
    return database_ ? engine::Connection::open_postgres(url_, {.schema = "reeve_access"})
                     : engine::Connection::open(url_, engine::OpenMode::read_write);
  }
};

inline std::string name_of(const ::testing::TestParamInfo<engine::Engine>& engine) {
  return engine.param == engine::Engine::sqlite ? "sqlite" : "postgres";
}

}  // namespace reeve::testing
