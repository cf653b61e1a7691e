#include <reeve/rate_limits.h>

#include "base/hash.h"
#include "blueprint/blueprint.h"
#include "state/epochs.h"
#include "state/location.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

namespace reeve {

namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t plain_subject_bytes_max = 200;

void check(const RateLimit& limit) {
  if (limit.name.empty() || limit.name.size() > name_bytes_max ||
      limit.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") != std::string::npos) {
    throw Error(ErrorCode::invalid_input, "the name of a rate limit is not 1 to 64 of a-z, 0-9, _, - and .");
  }
  if (limit.capacity < 1 || limit.capacity > live::capacity_max || limit.per_seconds < 1 ||
      limit.per_seconds > limit_seconds_max || limit.capacity > limit.per_seconds * 1'000'000) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the rate limit {} is {} in {} s; it may be 1 to {} in 1 to {} s", limit.name,
                            limit.capacity, limit.per_seconds, live::capacity_max, limit_seconds_max));
  }
}

/// A subject as it is, for who looks into the store, or the hash of a long one.
std::string key_of(std::string_view limit, std::string_view subject) {
  if (subject.size() <= plain_subject_bytes_max) {
    return fmt::format("limit/{}/={}", limit, subject);
  }
  return fmt::format("limit/{}/#{}", limit, to_hex(Hasher("reeve.limit").text(subject).finish()));
}

std::shared_ptr<const blueprint::Blueprint> blueprint_of(const state::Location& location) {
  if (location.is_file() && std::filesystem::is_directory(location.file())) {
    return blueprint::load(blueprint::Sources::read(location.file()));
  }
  const auto connection = location.open(engine::OpenMode::read_only);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  return state::load_last_epoch(*connection)->blueprint;
}

}  // namespace

std::vector<RateLimit> read_limits(std::string_view url_or_folder) {
  const auto found = blueprint_of(state::Location::of(url_or_folder));
  if (!found) {
    throw Error(ErrorCode::not_found, "the ledger's blueprint has migrations that are not applied",
                "apply them with `reeve migrate up`");
  }
  std::vector<RateLimit> limits;
  for (const auto& [name, limit] : found->limits) limits.push_back(limit);
  return limits;
}

RateLimits::RateLimits(live::Store& store, const std::vector<RateLimit>& limits) : store_(store) {
  for (const RateLimit& limit : limits) {
    check(limit);
    // Rounded up: never more than was declared.
    const Microseconds interval = (limit.per_seconds * 1'000'000 + limit.capacity - 1) / limit.capacity;
    if (!limits_.try_emplace(limit.name, Declared{{limit.capacity, interval}, limit.on_failure}).second) {
      throw Error(ErrorCode::invalid_input, fmt::format("the rate limit {} is declared twice", limit.name));
    }
  }
}

LimitDecision RateLimits::take(std::string_view limit, std::string_view subject, std::int64_t count) {
  const auto declared = limits_.find(limit);
  if (declared == limits_.end()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no rate limit {}", limit));
  }
  const auto& [bucket, on_failure] = declared->second;
  LimitDecision decision;
  decision.limit = limit;
  try {
    const live::Taken taken = store_.take(key_of(limit, subject), bucket, count);
    decision.allowed = taken.allowed;
    decision.reason = taken.allowed ? LimitDecision::Reason::within : LimitDecision::Reason::exceeded;
    decision.left = taken.left;
    decision.retry_after = taken.retry_after;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid_input) {
      throw;
    }
    decision.allowed = on_failure == OnFailure::open;
    decision.reason =
        decision.allowed ? LimitDecision::Reason::failed_open : LimitDecision::Reason::failed_closed;
    decision.failure = error.what();
  }
  return decision;
}

LimitDecision RateLimits::take(const std::vector<LimitUse>& uses) {
  if (uses.empty()) {
    throw Error(ErrorCode::invalid_input, "no rate limit is named");
  }
  std::optional<LimitDecision> least;
  for (const LimitUse& use : uses) {
    LimitDecision decision = take(use.limit, use.subject, use.count);
    if (!decision.allowed) {
      return decision;
    }
    // One that could not be asked has nothing left.
    if (!least || decision.left < least->left) {
      least = std::move(decision);
    }
  }
  return *std::move(least);
}

}  // namespace reeve
