#pragma once
// redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?space=NAME]. Inside this module only.

#include <string>
#include <string_view>

namespace reeve::live {

struct RedisUrl {
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
  std::string space = "default";  ///< keeps apart those who share a database

  /// For people: no user, no password.
  std::string name() const;
};

/// Throws Error invalid_input, which repeats nothing of the URL: what is wrong may be the password.
RedisUrl parse_redis_url(std::string_view url);

}  // namespace reeve::live
