// Input: the URL of a Redis, a session's token or id, or a session as it is stored.
//   A URL that is read has a host, a port and a database within their bounds, and its name is a URL of the same place.
//   A token that is read is one that a session would have been given; an id or a key gives itself again.
//   What is read of a stored session is written and read again as the same.

#include "access/session_text.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "live/redis_url.h"

#include <tuple>

namespace reeve::fuzz {
namespace {

auto fields_of(const access::StoredSession& one) {
  return std::tie(one.hash, one.user, one.ledger, one.created, one.last_seen, one.metadata);
}

void url_of(std::string_view input) {
  const auto url = unless_refused([&] { return live::parse_redis_url(input); });
  if (!url) return;
  require(!url->host.empty() && url->port >= 1 && url->port <= 65'535 && url->database >= 0,
          "a URL that is read is within its bounds");
  const auto again = unless_refused([&] { return live::parse_redis_url(url->name()); });
  require(again && again->user.empty() && again->password.empty(), "a name is a URL without a user",
          url->name());
  require(std::tie(again->host, again->port, again->database, again->space) ==
              std::tie(url->host, url->port, url->database, url->space),
          "a name is of the same place", url->name());
}

}  // namespace

void live(std::string_view input) {
  url_of(input);
  if (const auto token = access::read_token(input)) {
    require(token->name.id().substr(0, 32) == input.substr(0, 32), "a token names its owner");
  }
  if (const auto name = access::SessionName::of_id(input)) {
    require(name->id() == input, "an id gives itself again");
    const auto by_key = access::SessionName::of_key(name->key());
    require(by_key && by_key->id() == input, "so does its key");
  }
  if (const auto stored = unless_refused([&] { return access::decode(input); })) {
    const auto again = access::decode(access::encode(*stored));
    require(fields_of(again) == fields_of(*stored), "a stored session is read as it was written");
  }
}

}  // namespace reeve::fuzz
