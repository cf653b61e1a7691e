#pragma once
// A private Redis: a new one in a temporary folder, at a port of its own on this machine, gone at the end.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace reeve::testing {

/// Not thread-safe.
class RedisServer {
 public:
  /// `settings` as words of its command line (`--appendonly`, `yes`). Throws std::runtime_error when it can't be started.
  explicit RedisServer(std::vector<std::string> settings = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// One for all tests of a program, made at the first call.
  static RedisServer& shared();

  /// Those who name different spaces see nothing of each other.
  std::string url(const std::string& space = "default") const;
  int port() const { return port_; }

  /// At the same port as before.
  void start();
  /// As it ends by itself, and as kill -9 ends it.
  void stop();
  void kill_now();
  /// It takes connections and answers nothing, until go_on().
  void freeze();
  void go_on();

 private:
  void stop_by(int signal);
  bool answers() const;

  std::vector<std::string> settings_;
  std::filesystem::path folder_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace reeve::testing
