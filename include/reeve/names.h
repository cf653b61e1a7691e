#pragma once
// Names that are unique across ledgers, reserved in their directory (docs/names.md).

#include <reeve/clock.h>
#include <reeve/ledger.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// Of a scope, `[a-z][a-z0-9_]*`, at most 63 bytes.
inline constexpr std::size_t name_bytes_max = 1024;
/// Of a reservation.
inline constexpr Microseconds reservation_max = 30L * 86'400 * 1'000'000;

/// What a ledger hears that asks for a name.
enum class NameState : std::uint8_t {
  reserved,  ///< it is this ledger's until the reservation ends, or is confirmed
  held,      ///< it is this ledger's already: confirmed
  taken,     ///< it is another ledger's
};
std::string_view name_of(NameState state);

/// A name that a ledger has. Which one it is, is not stored.
struct NameEntry {
  std::string scope;
  std::string hash;  ///< SHA-256 of scope and folded name, 64 hexadecimal digits
  bool confirmed = false;
  std::optional<Microseconds>
      ends;            ///< of the reservation; a confirmed one may be reserved anew by its own ledger
  std::string ledger;  ///< list_names(): its name in the directory, '' when it is not there any more
};

/// What settle() did.
struct Settled {
  std::int64_t confirmed = 0;
  std::int64_t released = 0;
  std::vector<std::string> taken;  ///< in use in this ledger, and another's by the directory
};

struct NamesOptions {
  Clock* clock = nullptr;    ///< null: the system's
  Random* random = nullptr;  ///< null: the system's
  int busy_ms_max = 5000;
};

/// The names of one ledger, in the directory of its PostgreSQL schema, or of the folder that its file is in. Names are compared
/// without case (Unicode's NFKC_Casefold). Thread-safe. All of it throws Error invalid_input for a scope or a name that is none,
/// denied, unavailable, retryable (nothing was done), commit_unknown (ask again: the same call gives the same).
class Names {
 public:
  /// `url` as Ledger::open takes it, for who may commit to the ledger. Throws Error not_found; conflict when it has moved.
  static Names open(std::string_view url, const NamesOptions& options = {});

  /// Of several that ask at once, one gets it. The same ledger may ask again, and the reservation ends `duration` from now.
  NameState reserve(std::string_view scope, std::string_view name,
                    Microseconds duration = 15L * 60 * 1'000'000);
  /// From now on it does not end. False when the name is not this ledger's, or not any more.
  bool confirm(std::string_view scope, std::string_view name);
  /// It is free. False when it was not this ledger's.
  bool release(std::string_view scope, std::string_view name);
  /// By scope and hash; all scopes when it is ''.
  std::vector<NameEntry> list(std::string_view scope = {});

  /// Makes the directory agree with the ledger: the names that `in_use` reads from the ledger's state are confirmed, and what is
  /// confirmed and not in use is released. A reservation that has not ended stays, for somebody is about to use it. What
  /// was left by a crash between any two steps is put right by it.
  using InUse = std::function<std::vector<std::string>()>;
  Settled settle(std::string_view scope, const InUse& in_use);

  /// Reserve, use, confirm, and release what is not used any more: `commit` commits the event by which the ledger uses the
  /// name. A Rejection of code unique_violation when the name is taken, without `commit` being called; else what commit returned.
  /// What commit throws is thrown, and the reservation stays until it ends: whether it is used, the next settle sees.
  Outcome use(std::string_view scope, std::string_view name, const std::function<Outcome()>& commit,
              const InUse& in_use);

  Names(Names&&) noexcept;
  Names& operator=(Names&&) noexcept;
  ~Names();

 private:
  struct Impl;
  /// Without waiting for the end of the reservation of this version.
  Settled settle(std::string_view scope, const InUse& in_use, const std::string& given_up);
  explicit Names(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Of all ledgers, for administrators: of a PostgreSQL schema (the url of a member of reeve_owner, or a superuser), or of a
/// folder. With a name, who has that one. Throws Error as list_ledgers does.
std::vector<NameEntry> list_names(std::string_view url_or_folder, std::string_view scope = {},
                                  std::string_view name = {});
/// Takes it from whoever has it: of a file that was deleted, say. False when it is free.
bool release_name(std::string_view url_or_folder, std::string_view scope, std::string_view name);

}  // namespace reeve
