#pragma once
// A connection to Redis: commands and scripts, each with its answer. Inside this module only.

#include "live/redis_url.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;
struct redisReply;

namespace reeve::live {

/// An answer; elements of a list belong to it.
class RedisReply {
 public:
  explicit RedisReply(redisReply* reply);

  bool is_nothing() const;
  bool is_error() const;
  std::string_view error() const;
  /// A whole number, sent as one or as text. Throws Error corrupt for anything else.
  std::int64_t integer() const;
  /// Throws Error corrupt unless it is text.
  std::string_view text() const;
  std::size_t size() const;
  RedisReply operator[](std::size_t element) const;

 private:
  RedisReply(std::shared_ptr<redisReply> whole, const redisReply* part);

  std::shared_ptr<redisReply> whole_;
  const redisReply* part_;
};

/// A script that Redis keeps: texts of this module, which stay where they are, one behind the other.
struct RedisScript {
  std::string_view begin;
  std::string_view body;
};

/// Connects when it is first used, and anew after it was lost. Not thread-safe.
class RedisConnection {
 public:
  RedisConnection(RedisUrl url, int wait_ms_max);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Throws Error unavailable when Redis can't be reached, does not answer in time or says that it can't serve, and when the
  /// answer was lost; denied; internal for what Redis does not take. Nothing is sent twice.
  RedisReply call(const std::vector<std::string_view>& words);
  RedisReply run(const RedisScript& script, const std::vector<std::string>& keys,
                 const std::vector<std::string_view>& arguments);

 private:
  using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;
  void ensure_alive();
  void connect();
  void log_in();
  RedisReply exchange(const std::vector<std::string_view>& words);
  void send(const std::vector<std::string_view>& words);
  RedisReply accepted(RedisReply reply) const;
  const std::string& load(const RedisScript& script);
  [[noreturn]] void lose(std::string_view what);
  [[noreturn]] void refuse(std::string_view answer) const;

  const RedisUrl url_;
  const int wait_ms_max_;
  Context context_;
  std::map<const void*, std::string> loaded_;  ///< scripts by the bodies' places, with Redis's names of them
};

}  // namespace reeve::live
