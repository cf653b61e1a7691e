#include "journal/batch_lookup.h"

#include "engine/array.h"
#include "journal/own_statement.h"

#include "journal/postgres_select_ids_sql.h"
#include "journal/postgres_select_keys_sql.h"

namespace reeve::journal {

namespace {

constexpr OwnStatement select_keys{{}, embedded::postgres_select_keys_sql, 2};
constexpr OwnStatement select_ids{{}, embedded::postgres_select_ids_sql, 2};

}  // namespace

BatchLookup::BatchLookup(engine::Connection& connection)
    : keys_(connection), ids_(connection), asks_at_once_(connection.engine() == engine::Engine::postgres) {
  if (asks_at_once_) {
    select_keys_ = prepare(connection, select_keys);
    select_ids_ = prepare(connection, select_ids);
  }
}

void BatchLookup::begin() {
  known_keys_.clear();
  known_ids_.clear();
}

void BatchLookup::announce(const std::vector<std::string_view>& keys,
                           const std::vector<std::string_view>& ids) {
  if (!asks_at_once_) {
    return;
  }
  engine::Array asked(engine::Array::Of::text);
  for (const std::string_view key : keys) {
    if (known_keys_.try_emplace(std::string(key)).second) {
      asked.add(key);
    }
  }
  if (asked.size() > 0) {
    asked.bind(select_keys_, 1);
    while (select_keys_.step()) {
      known_keys_.find(select_keys_.text(0))->second =
          KeyUse{select_keys_.integer(1), select_keys_.integer(2), std::string(select_keys_.text(3))};
    }
    select_keys_.reset();
  }
  asked.clear();
  for (const std::string_view id : ids) {
    if (known_ids_.try_emplace(std::string(id)).second) {
      asked.add(id);
    }
  }
  if (asked.size() > 0) {
    asked.bind(select_ids_, 1);
    while (select_ids_.step()) {
      known_ids_.find(select_ids_.text(0))->second = select_ids_.integer(1);
    }
    select_ids_.reset();
  }
}

std::optional<KeyUse> BatchLookup::find_key(std::string_view key) {
  const auto known = known_keys_.find(key);
  return known != known_keys_.end() ? known->second : keys_.find(key);
}

std::optional<std::int64_t> BatchLookup::find_id(std::string_view id) {
  const auto known = known_ids_.find(id);
  return known != known_ids_.end() ? known->second : ids_.find(id);
}

void BatchLookup::note(const Event& event) {
  if (!asks_at_once_) {
    return;
  }
  if (!event.key.empty()) {
    known_keys_[event.key] = KeyUse{event.sequence, event.span, event.request_hash};
  }
  known_ids_[event.id] = event.sequence;
}

}  // namespace reeve::journal
