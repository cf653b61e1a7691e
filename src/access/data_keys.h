#pragma once
// Data keys: what seals secrets, stored under a master key and opened once by a process.

#include "access/master_keys.h"
#include "access/store.h"

#include <reeve/access.h>
#include <reeve/clock.h>
#include <reeve/error.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::access {

inline constexpr std::string_view purpose_secrets = "secrets";
inline constexpr std::string_view purpose_rows = "rows";

/// The version of a key in a column. Throws Error corrupt for a number that is none.
KeyVersion version_in(const engine::Statement& row, int column);

/// Whether it says that this one sealed value can't be opened: it was changed, or a key of it is missing. Others may well be.
bool is_of_one_alone(const Error& error);

/// Thread-safe; what takes a Store happens inside its transaction.
class DataKeys {
 public:
  using Versioned = std::pair<KeyVersion, SharedKey>;
  /// `clock` and `random` outlive it.
  DataKeys(MasterKeys& masters, Clock& clock, Random& random)
      : masters_(masters), clock_(clock), random_(random) {}

  /// Whether there is a data key that the master keys open. In a write transaction.
  bool opens_any(Store& store);
  /// What seals for a purpose, where there is one.
  std::optional<Versioned> find_current(Store& store, std::string_view purpose);
  /// The same; made where there is none. In a write transaction.
  Versioned current(Store& store, std::string_view purpose);
  /// A new one, which seals from now on. In a write transaction.
  Versioned add(Store& store, std::string_view purpose);
  /// A stored one. Throws Error not_found when it is gone, or its master key is missing.
  SharedKey find(Store& store, std::string_view purpose, KeyVersion version);
  /// What `wrapped` holds.
  SharedKey open(std::string_view purpose, KeyVersion version, KeyVersion master, std::string_view wrapped);
  struct Rewrapped {
    std::int64_t count = 0;
    std::vector<LeftKey> left;  ///< that can't be opened, as they were
  };
  /// Wraps all that older masters wrap with the newest one. In a write transaction.
  Rewrapped rewrap(Store& store);

 private:
  SharedKey known(std::string_view purpose, KeyVersion version);

  MasterKeys& masters_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<std::pair<std::string, KeyVersion>, SharedKey> opened_;
};

}  // namespace reeve::access
