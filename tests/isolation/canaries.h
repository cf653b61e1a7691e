#pragma once
// A dozen ledgers of one schema. Each writes its own canary into every kind of place: text, jsonb, uuid and key
// columns, unique keys, payloads, actors, idempotency keys, and the ledger's name. None may come back to another.

#include "engines/database.h"

#include <reeve/ledger.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::testing {

/// The vault with a view and queries that read its tables in many ways.
blueprint::Sources canary_sources();

struct Tenant {
  std::size_t number = 0;
  std::string canary;  ///< twelve hexadecimal digits, so that it fits into a uuid too
  std::string name;    ///< in the directory
  std::string url;     ///< an application's
  std::string ledger_id;
  std::string seed;
  /// Every account of the ledger has it: what counts and sums would show of others.
  double rate() const { return static_cast<double>(number) + 0.5; }
  std::string uuid(int number) const;
};

class Tenants {
 public:
  static constexpr std::size_t count = 12;

  /// On a server of its own; every ledger has rows with its canary, and some that are the same in all.
  Tenants();
  /// One for all tests of a program, made at the first call.
  static Tenants& shared();
  const Tenant& operator[](std::size_t number) const { return all_[number]; }
  Database& database() { return *database_; }
  std::string application_url() const { return database_->plain("app"); }
  /// The canary of another ledger than `own` in the text, or its id or seed, or nothing; with `own` at count, of any.
  std::string foreign(std::string_view text, std::size_t own) const;
  /// The same without ids and seeds: what was asked may name those.
  std::string foreign_canary(std::string_view text, std::size_t own) const;

 private:
  PostgresServer server_;
  std::unique_ptr<Database> database_;
  std::vector<Tenant> all_;
};

/// An outcome as text, with everything that it says.
std::string text_of(const Outcome& outcome);
std::string text_of(const Error& error);
/// Every column of every row, with their names.
std::string text_of(Rows& rows);

}  // namespace reeve::testing
