#include <reeve/sessions.h>

#include "access/session_text.h"
#include "base/clock.h"
#include "base/hash.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve {

namespace {

using access::SessionName;
using access::StoredSession;

void check_names(std::string_view user, std::string_view ledger) {
  if (user.empty() || user.size() > Sessions::name_bytes_max || ledger.size() > Sessions::name_bytes_max) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("a session's user has 1 to {} bytes, its ledger up to {}",
                            Sessions::name_bytes_max, Sessions::name_bytes_max));
  }
}

Session session_of(const SessionName& name, StoredSession&& stored, Microseconds ends) {
  return {name.id(), std::move(stored.user),    std::move(stored.ledger), stored.created, stored.last_seen,
          ends,      std::move(stored.metadata)};
}

std::vector<Session> sessions_of(std::vector<live::Entry>&& entries, Microseconds longest, Microseconds now) {
  std::vector<Session> sessions;
  for (const live::Entry& entry : entries) {
    StoredSession stored = access::decode(entry.value);
    const Microseconds last = stored.created + longest;
    const auto name = SessionName::of_key(entry.key);
    if (name && last > now) {
      sessions.push_back(session_of(*name, std::move(stored), std::min(entry.ends, last)));
    }
  }
  return sessions;
}

}  // namespace

Sessions::Sessions(live::Store& store, const SessionOptions& options)
    : store_(store),
      options_(options),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      random_(options.random != nullptr ? *options.random : system_random()) {
  if (options.idle < 1 || options.longest < options.idle || options.longest > live::duration_max ||
      options.noted_every < 0 || options.noted_every >= options.idle) {
    throw Error(ErrorCode::invalid_input,
                "a session is noted more often than it may be idle, and idle no longer than it lasts");
  }
}

CreatedSession Sessions::create(std::string_view user, std::string_view ledger, std::string_view metadata) {
  check_names(user, ledger);
  if (metadata.size() > metadata_bytes_max) {
    throw Error(ErrorCode::invalid_input, fmt::format("a session's metadata has {} bytes; it may have {}",
                                                      metadata.size(), metadata_bytes_max));
  }
  access::SessionSecret secret{};
  random_.fill(secret);
  const SessionName name(access::owner_tag(user, ledger), access::hash_of(secret));
  const Microseconds now = clock_.now();
  StoredSession stored{.hash = access::hash_of(secret),
                       .user = std::string(user),
                       .ledger = std::string(ledger),
                       .created = now,
                       .last_seen = now,
                       .metadata = std::string(metadata)};
  const live::Put put = store_.put(name.key(), access::encode(stored), options_.idle, {.version = 0});
  ensure(put.verdict == live::Verdict::done, "32 random bytes are new ones");
  return {name.token(secret), session_of(name, std::move(stored), now + options_.idle)};
}

std::optional<Session> Sessions::find(std::string_view token) {
  const auto presented = access::read_token(token);
  if (!presented) {
    return std::nullopt;
  }
  const std::string key = presented->name.key();
  for (;;) {
    const auto entry = store_.get(key);
    if (!entry) {
      return std::nullopt;
    }
    StoredSession stored = access::decode(entry->value);
    if (!equal_secret(stored.hash, presented->hash)) {
      return std::nullopt;
    }
    const Microseconds now = clock_.now();
    const Microseconds last = stored.created + options_.longest;
    if (now >= last) {
      store_.erase(key, {.version = entry->version});
      return std::nullopt;
    }
    if (now - stored.last_seen < options_.noted_every || now < stored.last_seen) {
      return session_of(presented->name, std::move(stored), std::min(entry->ends, last));
    }
    stored.last_seen = now;
    const Microseconds duration = std::min(options_.idle, last - now);
    // Only what is there still: who is revoked meanwhile stays so.
    if (store_.put(key, access::encode(stored), duration, {.version = entry->version}).verdict ==
        live::Verdict::done) {
      return session_of(presented->name, std::move(stored), now + duration);
    }
  }
}

bool Sessions::revoke(std::string_view token_or_id) {
  if (const auto presented = access::read_token(token_or_id)) {
    // Who does not know the secret ends nothing by a token.
    const auto entry = store_.get(presented->name.key());
    return entry && equal_secret(access::decode(entry->value).hash, presented->hash) &&
           store_.erase(presented->name.key()) == live::Verdict::done;
  }
  const auto name = SessionName::of_id(token_or_id);
  return name && store_.erase(name->key()) == live::Verdict::done;
}

std::int64_t Sessions::revoke_all(std::string_view user, std::string_view ledger) {
  check_names(user, ledger);
  const std::string prefix = access::keys_of(access::owner_tag(user, ledger));
  std::int64_t revoked = 0;
  std::string after;
  for (;;) {
    const auto entries = store_.list(prefix, live::listed_max, after);
    for (const live::Entry& entry : entries) {
      revoked += store_.erase(entry.key) == live::Verdict::done ? 1 : 0;
    }
    if (entries.size() < live::listed_max) {
      return revoked;
    }
    after = entries.back().key;
  }
}

std::vector<Session> Sessions::list(std::string_view user, std::string_view ledger) {
  check_names(user, ledger);
  return sessions_of(store_.list(access::keys_of(access::owner_tag(user, ledger))), options_.longest,
                     clock_.now());
}

std::vector<Session> Sessions::list_all(std::size_t limit, std::string_view after) {
  const auto last = after.empty() ? std::nullopt : SessionName::of_id(after);
  if (!after.empty() && !last) {
    throw Error(ErrorCode::invalid_input, "that is no id of a session");
  }
  return sessions_of(store_.list(access::session_prefix, limit, last ? last->key() : std::string()),
                     options_.longest, clock_.now());
}

}  // namespace reeve
