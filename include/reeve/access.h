#pragma once
// Who may, and what nobody may see: secrets under versioned keys, API tokens, passwords and lockout, in a database of their own
// beside the ledgers (docs/access.md, docs/secrets.md).

#include <reeve/clock.h>
#include <reeve/secret.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// A secret's name: 1 to 200 bytes of UTF-8 without control characters. It belongs to a ledger, or with an empty one to the
/// whole installation.
struct SecretName {
  std::string ledger = {};
  std::string name = {};
};

/// What is known of a secret without opening it.
struct SecretEntry {
  SecretName name;
  std::uint32_t key_version = 0;  ///< of the data key that seals it
  Microseconds created = 0;
  Microseconds changed = 0;
};

/// Bytes for a row of an application, and the version of the data key in them.
struct SealedSecret {
  std::string bytes;
  std::uint32_t key_version = 0;
};

/// Every member has an initializer, so that naming a few of them is no warning.
struct RotationOptions {
  bool secrets =
      true;  ///< a new data key for the secrets, which are sealed with it; or the end of a run that was stopped
  bool master = false;  ///< what older master keys wrap is wrapped with the newest one first
  bool rows = false;    ///< a new data key for rows of applications, which reseal them
  int batch = 100;      ///< secrets in one transaction, 1 to 10,000
  /// Told after each batch; false stops the run, which a later one goes on with.
  std::function<bool(std::int64_t done, std::int64_t total)> progress = {};
};

struct RotationReport {
  std::uint32_t key_version = 0;      ///< what seals secrets now; 0: they were not rotated
  std::uint32_t row_key_version = 0;  ///< what seals rows now; 0: no new one
  std::int64_t rewrapped = 0;         ///< data keys that got the newest master key
  std::int64_t resealed = 0;          ///< secrets
  std::int64_t keys_erased = 0;       ///< data keys that nothing needs any more
  bool resumed = false;               ///< an earlier run had not come to its end
  bool stopped = false;               ///< nor did this one
};

/// Every member has an initializer, so that naming a few of them is no warning.
struct AccessOptions {
  /// A file of master keys, which nobody but its owner may have rights on; it is read when a key is needed.
  std::string master_key_file = {};
  /// Without a file: the variable of the environment that holds them. Core dumps and child processes see an environment.
  std::string master_key_variable = "REEVE_MASTER_KEYS";
  Clock* clock = nullptr;    ///< null: the system's
  Random* random = nullptr;  ///< null: the system's
};

/// An access database. Thread-safe. What it returned is durable; every function throws Error as the engine does (retryable,
/// unavailable, commit_unknown and the like). Nothing secret is in an Error.
class Access {
 public:
  /// A path or `sqlite:PATH`, made with mode 0600 if it is not there; or a URL of PostgreSQL, where it is the schema
  /// reeve_access. Throws Error denied when others have rights on the file, invalid_input when it is something else.
  static Access open(std::string_view url, const AccessOptions& options = {});
  Access(Access&& other) noexcept;
  Access& operator=(Access&& other) noexcept;
  ~Access();

  // Secrets. Those that open or seal throw Error not_found when a master key or data key is missing, with its version, and
  // corrupt for what was changed, cut or belongs to another place.

  /// 1 to 65,536 bytes; replaces an earlier value.
  void set_secret(const SecretName& name, std::string_view value);
  std::optional<Secret> find_secret(const SecretName& name);
  /// By ledger and name; of one ledger alone where it is given, and "" is the installation's own.
  std::vector<SecretEntry> list_secrets(std::optional<std::string_view> ledger = {});
  /// False when there is none.
  bool erase_secret(const SecretName& name);

  /// Seals a value for a row that the application keeps itself. It opens under this name only: make the name of what identifies
  /// the row and the column.
  SealedSecret seal(const SecretName& name, std::string_view value);
  Secret unseal(const SecretName& name, std::string_view sealed);
  /// The same value under the newest key; nothing when it has that already.
  std::optional<SealedSecret> reseal(const SecretName& name, std::string_view sealed);
  /// Destroys a data key of rows: what is still sealed with it, in rows and in the journals of before, can't be opened again.
  /// False when there is none, or it is the newest.
  bool forget_row_key(std::uint32_t version);

  /// Changes keys while others read and write. A run that was stopped or killed is gone on with by the next.
  RotationReport rotate(const RotationOptions& options = {});

  struct Impl;

 private:
  explicit Access(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve
