#include "access/secrets.h"

#include "access/name.h"

#include "access/delete_row_key_sql.h"
#include "access/delete_secret_sql.h"
#include "access/list_secrets_of_ledger_sql.h"
#include "access/list_secrets_sql.h"
#include "access/select_secret_sql.h"
#include "access/upsert_secret_sql.h"

#include <fmt/format.h>

namespace reeve::access {

namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t secret_bytes_max = 65536;

void check(const SecretName& name) {
  if (!name.ledger.empty()) check_name("a ledger", name.ledger, name_bytes_max);
  check_name("the name of a secret", name.name, name_bytes_max);
}

void check_value(std::string_view value) {
  if (value.empty() || value.size() > secret_bytes_max) {
    throw Error(value.empty() ? ErrorCode::invalid_input : ErrorCode::limit_exceeded,
                fmt::format("a secret has 1 to {} bytes, this one has {}", secret_bytes_max, value.size()));
  }
}

Place place_of(std::string_view purpose, const SecretName& name) { return {purpose, name.ledger, name.name}; }

void bind_name(engine::Statement& statement, const SecretName& name) {
  statement.bind_text(1, name.ledger);
  statement.bind_text(2, name.name);
}

}  // namespace

void Secrets::set(const SecretName& name, std::string_view value) {
  check(name);
  check_value(value);
  constexpr int attempts_max = 5;
  for (int attempt = 1;; ++attempt) {
    try {
      pool_.write([&](Store& store) { return upsert(store, name, value); });
      return;
    } catch (const Error& error) {
      // The key that was the newest was erased meanwhile, by a rotation that has a newer one.
      if (error.code() != ErrorCode::constraint_violation || attempt == attempts_max) throw;
    }
  }
}

bool Secrets::upsert(Store& store, const SecretName& name, std::string_view value) {
  const auto [version, key] = keys_.current(store, purpose_secrets);
  const std::string sealed = seal(*key, version, place_of(purpose_secrets, name), value, random_);
  engine::Statement& statement = store.of(embedded::upsert_secret_sql);
  bind_name(statement, name);
  statement.bind_integer(3, version);
  statement.bind_bytes(4, sealed.data(), sealed.size());
  statement.bind_integer(5, clock_.now());
  statement.run();
  return true;
}

// The row and the key that sealed it come from one statement: a rotation shows both as they were before, or both as they are.
std::optional<Secret> Secrets::find(const SecretName& name) {
  check(name);
  return pool_.read([&](Store& store) -> std::optional<Secret> {
    engine::Statement& row = store.of(embedded::select_secret_sql);
    bind_name(row, name);
    if (!row.step()) return std::nullopt;
    const SharedKey key = keys_.open(purpose_secrets, version_in(row, 1), version_in(row, 2), row.bytes(3));
    return unseal(*key, place_of(purpose_secrets, name), row.bytes(0));
  });
}

std::vector<SecretEntry> Secrets::list(std::optional<std::string_view> ledger) {
  return pool_.read([&](Store& store) {
    engine::Statement& rows =
        store.of(ledger ? embedded::list_secrets_of_ledger_sql : embedded::list_secrets_sql);
    if (ledger) rows.bind_text(1, *ledger);
    std::vector<SecretEntry> entries;
    while (rows.step()) {
      SecretEntry& entry = entries.emplace_back();
      entry.name = {std::string(rows.text(0)), std::string(rows.text(1))};
      entry.key_version = static_cast<std::uint32_t>(rows.integer(2));
      entry.created = rows.integer(3);
      entry.changed = rows.integer(4);
    }
    return entries;
  });
}

bool Secrets::erase(const SecretName& name) {
  check(name);
  return pool_.write([&](Store& store) {
    engine::Statement& statement = store.of(embedded::delete_secret_sql);
    bind_name(statement, name);
    statement.run();
    return store.connection().changes() > 0;
  });
}

DataKeys::Versioned Secrets::row_key() {
  const auto stored = pool_.read([&](Store& store) { return keys_.find_current(store, purpose_rows); });
  return stored ? *stored : pool_.write([&](Store& store) { return keys_.current(store, purpose_rows); });
}

SealedSecret Secrets::seal_for_row(const SecretName& name, std::string_view value) {
  check(name);
  check_value(value);
  const auto [version, key] = row_key();
  return {seal(*key, version, place_of(purpose_rows, name), value, random_), version};
}

Secret Secrets::unseal_of_row(const SecretName& name, std::string_view sealed) {
  check(name);
  const KeyVersion version = key_version_of(sealed);
  const SharedKey key = pool_.read([&](Store& store) { return keys_.find(store, purpose_rows, version); });
  return unseal(*key, place_of(purpose_rows, name), sealed);
}

std::optional<SealedSecret> Secrets::reseal_of_row(const SecretName& name, std::string_view sealed) {
  if (key_version_of(sealed) == row_key().first) return std::nullopt;
  return seal_for_row(name, unseal_of_row(name, sealed).text());
}

bool Secrets::forget_row_key(std::uint32_t version) {
  return pool_.write([&](Store& store) {
    engine::Statement& statement = store.of(embedded::delete_row_key_sql);
    statement.bind_integer(1, version);
    statement.run();
    return store.connection().changes() > 0;
  });
}

}  // namespace reeve::access
