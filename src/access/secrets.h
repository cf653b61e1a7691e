#pragma once
// Secrets by name, sealed with data keys (docs/secrets.md), and sealed bytes that an application keeps in its own rows.

#include "access/data_keys.h"
#include "access/sealed_secret.h"
#include "access/store.h"

#include <reeve/access.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::access {

/// Thread-safe. The promises are those of Access (reeve/access.h).
class Secrets {
 public:
  /// All of them outlive it.
  Secrets(StorePool& pool, MasterKeys& masters, Clock& clock, Random& random)
      : pool_(pool), keys_(masters, clock, random), clock_(clock), random_(random) {}

  void set(const SecretName& name, std::string_view value);
  std::optional<Secret> find(const SecretName& name);
  std::vector<SecretEntry> list(std::optional<std::string_view> ledger);
  bool erase(const SecretName& name);

  SealedSecret seal_for_row(const SecretName& name, std::string_view value);
  Secret unseal_of_row(const SecretName& name, std::string_view sealed);
  std::optional<SealedSecret> reseal_of_row(const SecretName& name, std::string_view sealed);
  bool forget_row_key(std::uint32_t version);

  RotationReport rotate(const RotationOptions& options);

 private:
  bool upsert(Store& store, const SecretName& name, std::string_view value);
  DataKeys::Versioned row_key();
  std::int64_t stale(KeyVersion current);
  /// One walk over the secrets with an older key, in the order of their names.
  struct Walk {
    SecretName behind;  ///< the next batch begins behind it
    bool is_over = false;
    std::int64_t resealed = 0;
    std::int64_t left = 0;
    std::vector<LeftSecret> left_secrets;
  };
  /// The walk one batch further. In a write transaction.
  Walk reseal_batch(Store& store, Walk walk, int batch);
  Secret open_stale(const engine::Statement& stale, const Place& place);
  /// False when it was stopped.
  bool reseal_stale(const RotationOptions& options, RotationReport& report, Walk& walk);
  std::int64_t erase_unused_keys(KeyVersion current);
  void reseal_all(const RotationOptions& options, RotationReport& report);
  bool resume(const RotationOptions& options, RotationReport& report);

  StorePool& pool_;
  DataKeys keys_;
  Clock& clock_;
  Random& random_;
};

}  // namespace reeve::access
