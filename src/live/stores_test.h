#pragma once
// Each store, new and empty, by a clock that is set by hand.

#include <reeve/error.h>
#include <reeve/live.h>

#include <support/postgres_server.h>
#include <support/redis_server.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

namespace reeve::live {

constexpr Microseconds second = 1'000'000;
constexpr Microseconds minute = 60 * second;
constexpr Microseconds noon = 1'767'355'200 * second;  // 2026-01-02T12:00:00Z

class HandClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void set(Microseconds now) { now_ = now; }
  void add(Microseconds more) { now_ += more; }

 private:
  std::atomic<Microseconds> now_ = noon;
};

/// A folder that is gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve_live_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path path;
};

inline constexpr std::array store_kinds{"memory", "sqlite", "postgres", "redis"};

/// The kind is the parameter.
class StoreTest : public ::testing::TestWithParam<const char*> {
 protected:
  StoreTest() : url(make_url(GetParam())), store(open()) {}

  std::unique_ptr<Store> open(StoreOptions options = {}) {
    options.clock = &clock;
    return open_store(url, options);
  }
  bool is_shared() const { return std::string_view(GetParam()) != "memory"; }

  HandClock clock;
  ScratchFolder folder;
  std::string url;
  std::unique_ptr<Store> store;

 private:
  std::string make_url(std::string_view kind) const {
    static int number = 0;
    ++number;
    if (kind == "sqlite") return "sqlite:" + (folder.path / "live.db").string();
    if (kind == "postgres")
      return testing::PostgresServer::shared().create_database("live_" + std::to_string(number));
    if (kind == "redis") return testing::RedisServer::shared().url("test_" + std::to_string(number));
    return "memory:";
  }
};

inline std::string name_of_kind(const ::testing::TestParamInfo<const char*>& test) { return test.param; }

template <typename Code>
ErrorCode code_of(Code&& code) {
  try {
    code();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

}  // namespace reeve::live
