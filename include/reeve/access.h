#pragma once
// Who may, and what nobody may see: secrets under versioned keys, API tokens, passwords and lockout, in a database of their own
// beside the ledgers (docs/access.md, docs/secrets.md).

#include <reeve/clock.h>
#include <reeve/error.h>
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

/// A secret that could not be opened, and so could not be sealed anew: it is as it was, and the data key of it is kept.
struct LeftSecret {
  SecretName name;
  std::uint32_t key_version = 0;
  std::string reason;
};

/// A data key that could not be unwrapped: it is as it was, and opens only by the master key that wrapped it.
struct LeftKey {
  std::uint32_t version = 0;
  std::uint32_t master_version = 0;
  std::string reason;
};

struct RotationReport {
  static constexpr std::size_t left_named_max = 1'000;
  std::uint32_t key_version = 0;         ///< what seals secrets now; 0: they were not rotated
  std::uint32_t row_key_version = 0;     ///< what seals rows now; 0: no new one
  std::int64_t rewrapped = 0;            ///< data keys that got the newest master key
  std::int64_t resealed = 0;             ///< secrets
  std::int64_t keys_erased = 0;          ///< data keys that nothing needs any more
  std::int64_t left = 0;                 ///< secrets that could not be opened
  std::vector<LeftSecret> left_secrets;  ///< of these the first left_named_max, by ledger and name
  std::vector<LeftKey> left_keys;        ///< data keys that could not be
  bool resumed = false;                  ///< an earlier run had not come to its end
  bool stopped = false;                  ///< nor did this one
};

/// What a token may be used for; a closed list. None of them includes another.
enum class Verb : std::uint8_t {
  read,   ///< queries, searches, the journal
  write,  ///< commands and events
  work,   ///< claiming jobs and ending them
  admin,  ///< migrations, keys, other tokens
};
std::string_view name_of(Verb verb);
std::optional<Verb> verb_of(std::string_view name);

struct NewToken {
  std::string label = {};  ///< for people, up to 200 bytes: whose it is, what it is for
  /// Names of ledgers, in which * stands for any characters, or none. At least one.
  std::vector<std::string> ledgers = {};
  std::vector<Verb> verbs = {};  ///< at least one
  std::optional<Microseconds> expires = {};
};

/// A token is shown once: stored is its hash.
struct CreatedToken {
  std::string id;
  Secret text;  ///< `rvk_ID_...`, 80 characters
};

struct TokenEntry {
  std::string id;
  std::string label;
  std::vector<std::string> ledgers;
  std::vector<Verb> verbs;
  Microseconds created = 0;
  std::optional<Microseconds> expires;
  std::optional<Microseconds> revoked;
  std::optional<Microseconds> last_used;  ///< the hour in which that was
};

/// Whether a token allows something. Who uses it hears to_error() and no more; the reason is for who keeps the log.
struct Authorization {
  enum class Reason : std::uint8_t {
    allowed,
    malformed,  ///< it is no token
    mistyped,   ///< its check sum is another
    unknown,    ///< there is no token with its id
    forged,     ///< there is one, with another secret
    revoked,
    expired,
    ledger,  ///< it is not for this ledger
    verb,    ///< it is not for this verb
  };
  Reason reason = Reason::malformed;
  std::string token_id = {};  ///< as it claims to be; empty where it is no token

  bool allowed() const { return reason == Reason::allowed; }
  /// Error denied, the same whatever the reason.
  static Error to_error();
};
std::string_view name_of(Authorization::Reason reason);

/// How passwords are hashed: Argon2id (RFC 9106) with one lane. Raised at any time: older hashes go on, and are made anew when their
/// owners sign in. Every member has an initializer, so that naming a few of them is no warning.
struct PasswordOptions {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 65'536;       ///< of one hash
  std::uint32_t memory_kib_max = 262'144;  ///< of all that are made at once in this process
  int waiting_max = 64;                    ///< who wait for memory; who comes then hears `retryable`
  int wait_ms_max = 5'000;                 ///< and so does who has waited for so long
  std::size_t bytes_max = 1'024;           ///< of a password
};

struct PasswordCheck {
  bool matches = false;
  bool needs_rehash = false;  ///< it matches, and was hashed more cheaply than is asked for now
};

enum class LockoutKind : std::uint8_t { source, subject };
std::string_view name_of(LockoutKind kind);

/// After how many failures one has to wait, and how long: wait_first, then twice as long after each, up to wait_max.
struct LockoutPolicy {
  int subject_failures = 5;                    ///< of one subject, without a wait
  int source_failures = 50;                    ///< from one source, whomever they tried to be
  Microseconds wait_first = 1'000'000;         ///< 1 s
  Microseconds wait_max = 900'000'000;         ///< 15 min
  Microseconds forget_after = 86'400'000'000;  ///< a day after the last failure all are forgotten
};

struct LockoutEntry {
  LockoutKind kind = LockoutKind::subject;
  std::string name;
  std::int64_t failures = 0;
  Microseconds last_failed = 0;
  std::optional<Microseconds> locked_until;
};

/// What became of signing in. Refused and locked say nothing of whether there is such a subject.
struct SignIn {
  enum class Outcome : std::uint8_t { refused, locked, accepted };
  Outcome outcome = Outcome::refused;
  Microseconds locked_until = 0;  ///< of locked: nothing was compared, nor counted
  bool rehashed = false;          ///< of accepted: the stored hash costs as much as is asked for now

  bool accepted() const { return outcome == Outcome::accepted; }
};

/// Every member has an initializer, so that naming a few of them is no warning.
struct AccessOptions {
  /// A file of master keys, which nobody but its owner may have rights on; it is read when a key is needed.
  std::string master_key_file = {};
  /// Without a file: the variable of the environment that holds them. Core dumps and child processes see an environment.
  std::string master_key_variable = "REEVE_MASTER_KEYS";
  Clock* clock = nullptr;    ///< null: the system's
  Random* random = nullptr;  ///< null: the system's
  PasswordOptions passwords = {};
  LockoutPolicy lockout = {};
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

  /// Changes keys while others read and write. A run that was stopped or killed is gone on with by the next. What can't be
  /// opened stops nothing else: it is left as it was and reported, and tried again by each run.
  RotationReport rotate(const RotationOptions& options = {});

  // API tokens.

  /// Throws Error invalid_input for one without ledgers or verbs, or that has expired already.
  CreatedToken create_token(const NewToken& token);
  /// In constant time as to the token's secret. Notes the hour of a use that is allowed.
  Authorization authorize(std::string_view token, std::string_view ledger, Verb verb);
  /// By id; those that were revoked or have expired too.
  std::vector<TokenEntry> list_tokens();
  /// From now on; false when there is none, or it was revoked before.
  bool revoke_token(std::string_view id);

  // Passwords: bytes of UTF-8, of which the composed form (NFC) is hashed. Error retryable when too many are hashed at once.

  /// Throws Error invalid_input for what is no password: empty, too long, or not UTF-8. A subject has 1 to 256 bytes.
  void set_password(std::string_view subject, std::string_view password);
  /// False when there was none.
  bool erase_password(std::string_view subject);
  /// Counts, compares, and on success forgets the subject's failures; takes as long for a subject that is not there. `source` is
  /// where it comes from, an address or a network of them; '' counts for the subject alone.
  SignIn sign_in(std::string_view subject, std::string_view password, std::string_view source = {});
  /// For who stores hashes elsewhere: nothing is counted and nothing stored.
  std::string hash_password(std::string_view password);
  /// Without a hash it is nobody's: it takes as long, and never matches.
  PasswordCheck check_password(std::string_view password, std::optional<std::string_view> hash);
  /// Those who have failed and are not forgotten.
  std::vector<LockoutEntry> list_lockouts();
  /// By an operator. False when nothing was counted.
  bool clear_lockout(LockoutKind kind, std::string_view name);

  struct Impl;

 private:
  explicit Access(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve
