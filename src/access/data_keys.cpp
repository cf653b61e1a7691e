#include "access/data_keys.h"

#include "access/sealed_secret.h"
#include "base/cipher.h"

#include "access/insert_data_key_sql.h"
#include "access/lock_access_sql.h"
#include "access/rewrap_data_key_sql.h"
#include "access/select_current_key_sql.h"
#include "access/select_data_key_sql.h"
#include "access/select_keys_of_others_sql.h"
#include "access/select_last_key_sql.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

namespace reeve::access {

namespace {

KeyVersion checked(std::int64_t stored) {
  if (stored < 1 || stored > std::numeric_limits<KeyVersion>::max()) {
    throw Error(ErrorCode::corrupt, "a stored key has a version that no key has",
                "take the database from a backup");
  }
  return static_cast<KeyVersion>(stored);
}

/// Who makes keys does so one after the other.
void lock(Store& store) { store.of(embedded::lock_access_sql).run(); }

}  // namespace

KeyVersion version_in(const engine::Statement& row, int column) { return checked(row.integer(column)); }

bool is_of_one_alone(const Error& error) {
  return error.code() == ErrorCode::corrupt || error.code() == ErrorCode::not_found;
}

SharedKey DataKeys::known(std::string_view purpose, KeyVersion version) {
  const std::lock_guard guard(mutex_);
  const auto found = opened_.find({std::string(purpose), version});
  return found == opened_.end() ? nullptr : found->second;
}

SharedKey DataKeys::open(std::string_view purpose, KeyVersion version, KeyVersion master,
                         std::string_view wrapped) {
  if (SharedKey key = known(purpose, version)) {
    return key;
  }
  const SharedKey master_key = masters_.find(master);
  auto key = std::make_shared<const Secret>(unwrap(*master_key, master, purpose, version, wrapped));
  const std::lock_guard guard(mutex_);
  return opened_.emplace(std::pair(std::string(purpose), version), std::move(key)).first->second;
}

SharedKey DataKeys::find(Store& store, std::string_view purpose, KeyVersion version) {
  engine::Statement& row = store.of(embedded::select_data_key_sql);
  row.bind_text(1, purpose);
  row.bind_integer(2, version);
  if (!row.step()) {
    throw Error(ErrorCode::not_found,
                fmt::format("data key {} for {} is not there any more", version, purpose),
                "what was sealed with it can't be opened; take it from a copy that has the key");
  }
  SharedKey key = open(purpose, version, version_in(row, 1), row.bytes(2));
  row.reset();
  return key;
}

std::optional<DataKeys::Versioned> DataKeys::find_current(Store& store, std::string_view purpose) {
  engine::Statement& row = store.of(embedded::select_current_key_sql);
  row.bind_text(1, purpose);
  if (!row.step()) {
    return std::nullopt;
  }
  const KeyVersion version = version_in(row, 0);
  SharedKey key = open(purpose, version, version_in(row, 1), row.bytes(2));
  row.reset();
  return Versioned{version, std::move(key)};
}

DataKeys::Versioned DataKeys::current(Store& store, std::string_view purpose) {
  std::optional<Versioned> key = find_current(store, purpose);
  if (!key) {
    lock(store);
    key = find_current(store, purpose);  // another may have made it meanwhile
  }
  return key ? std::move(*key) : add(store, purpose);
}

DataKeys::Versioned DataKeys::add(Store& store, std::string_view purpose) {
  lock(store);
  engine::Statement& last = store.of(embedded::select_last_key_sql);
  ensure(last.step(), "a maximum is a row");
  const KeyVersion version = checked(last.integer(0) + 1);
  last.reset();
  const auto [master, master_key] = masters_.newest();
  Secret key(cipher_key_bytes);
  random_.fill(key.bytes());
  const std::string wrapped = wrap(*master_key, master, purpose, version, key, random_);
  engine::Statement& insert = store.of(embedded::insert_data_key_sql);
  insert.bind_integer(1, version);
  insert.bind_text(2, purpose);
  insert.bind_integer(3, master);
  insert.bind_bytes(4, wrapped.data(), wrapped.size());
  insert.bind_integer(5, clock_.now());
  insert.run();
  // Not remembered before it is committed: another may get its version instead.
  return {version, std::make_shared<const Secret>(std::move(key))};
}

bool DataKeys::opens_any(Store& store) {
  engine::Statement& keys = store.of(embedded::select_keys_of_others_sql);
  keys.bind_integer(1, 0);  // of whatever master key
  bool opens = false;
  while (!opens && keys.step()) {
    try {
      open(keys.text(1), version_in(keys, 0), version_in(keys, 2), keys.bytes(3));
      opens = true;
    } catch (const Error& error) {
      if (!is_of_one_alone(error)) throw;
    }
  }
  keys.reset();
  return opens;
}

DataKeys::Rewrapped DataKeys::rewrap(Store& store) {
  struct Row {
    KeyVersion version;
    std::string purpose;
    SharedKey key;
  };
  lock(store);
  const auto [master, master_key] = masters_.newest();
  std::vector<Row> rows;
  Rewrapped done;
  engine::Statement& others = store.of(embedded::select_keys_of_others_sql);
  others.bind_integer(1, master);
  while (others.step()) {
    const KeyVersion version = version_in(others, 0);
    std::string purpose(others.text(1));
    try {
      SharedKey key = open(purpose, version, version_in(others, 2), others.bytes(3));
      rows.push_back({version, std::move(purpose), std::move(key)});
    } catch (const Error& error) {
      if (!is_of_one_alone(error)) throw;
      done.left.push_back({version, static_cast<std::uint32_t>(others.integer(2)), error.message()});
    }
  }
  others.reset();
  engine::Statement& update = store.of(embedded::rewrap_data_key_sql);
  for (const Row& row : rows) {
    const std::string wrapped = wrap(*master_key, master, row.purpose, row.version, *row.key, random_);
    update.bind_integer(1, row.version);
    update.bind_integer(2, master);
    update.bind_bytes(3, wrapped.data(), wrapped.size());
    update.run();
  }
  done.count = static_cast<std::int64_t>(rows.size());
  return done;
}

}  // namespace reeve::access
