#include "access/passwords.h"

#include "access/name.h"

#include "access/delete_password_sql.h"
#include "access/rehash_password_sql.h"
#include "access/select_password_sql.h"
#include "access/upsert_password_sql.h"

#include <optional>
#include <string>

namespace reeve::access {

void Passwords::set(std::string_view subject, std::string_view password) {
  check_name("a subject", subject, 256);
  const std::string hash = hasher_.hash(password);
  pool_.write([&](Store& store) {
    engine::Statement& upsert = store.of(embedded::upsert_password_sql);
    upsert.bind_text(1, subject);
    upsert.bind_text(2, hash);
    upsert.bind_integer(3, clock_.now());
    upsert.run();
    return true;
  });
}

bool Passwords::erase(std::string_view subject) {
  return pool_.write([&](Store& store) {
    engine::Statement& statement = store.of(embedded::delete_password_sql);
    statement.bind_text(1, subject);
    statement.run();
    return store.connection().changes() > 0;
  });
}

// No connection is kept while a password is hashed.
PasswordCheck Passwords::compare(std::string_view subject, std::string_view password, std::string& hash) {
  const bool is_there = pool_.read([&](Store& store) {
    engine::Statement& row = store.of(embedded::select_password_sql);
    row.bind_text(1, subject);
    const bool found = row.step();
    if (found) hash = row.text(0);
    return found;
  });
  return hasher_.check(password, is_there ? std::optional<std::string_view>(hash) : std::nullopt);
}

SignIn Passwords::sign_in(std::string_view subject, std::string_view password, std::string_view source) {
  const Attempt attempt{.subject = subject, .source = source};
  const Begun begun = lockouts_.begin(attempt);
  if (begun.locked_until) {
    return {.outcome = SignIn::Outcome::locked, .locked_until = *begun.locked_until};
  }
  std::string hash;
  PasswordCheck check;
  try {
    check = compare(subject, password, hash);
  } catch (const Error&) {
    lockouts_.withdraw(attempt, begun);
    throw;
  }
  if (!check.matches) {
    return {};
  }
  lockouts_.succeed(attempt, begun);
  return {.outcome = SignIn::Outcome::accepted,
          .rehashed = check.needs_rehash && rehash(subject, password, hash)};
}

/// False when it was not possible now, or somebody has set another password: the next time does it.
bool Passwords::rehash(std::string_view subject, std::string_view password, std::string_view old_hash) {
  try {
    const std::string hash = hasher_.hash(password);
    return pool_.write([&](Store& store) {
      engine::Statement& update = store.of(embedded::rehash_password_sql);
      update.bind_text(1, subject);
      update.bind_text(2, old_hash);
      update.bind_text(3, hash);
      update.run();
      return store.connection().changes() > 0;
    });
  } catch (const Error&) {
    return false;
  }
}

}  // namespace reeve::access
