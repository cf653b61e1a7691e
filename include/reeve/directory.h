#pragma once
// The directory of the ledgers in a PostgreSQL schema, or in a folder of files: for administrators.

#include <reeve/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

struct DirectoryEntry {
  std::string name;
  /// arriving, active, suspended, moved, erasing, erased; of a file arriving, active or moved.
  std::string state;
  Sequence events;      ///< where its journal ends
  std::string created;  ///< RFC 3339, UTC; '' when it is not known any more
  std::string ledger_id;
};

struct EraseOptions {
  /// Has to be the ledger's name: who erases says what he erases.
  std::string confirm = {};
  /// The name may be given again at once. Otherwise it stays taken for good.
  bool free_name = false;
  int batch_rows = 1000;  ///< taken away in one transaction
  /// Called after each batch with the rows taken away so far.
  std::function<void(std::int64_t rows)> progress = {};
  /// When it becomes true, the run ends with Error retryable after its batch; another run goes on.
  const std::atomic<bool>* stop = nullptr;
};

struct Erasure {
  std::int64_t rows = 0;  ///< taken away by this run
  bool resumed = false;   ///< another run had begun
};

/// What stays of an erased ledger: how many events of a type an actor caused in a month, under pseudonyms.
struct TrailEntry {
  std::string trail;  ///< a uuid, one for each erased ledger
  std::string actor;  ///< a uuid, the same within a trail; '' for nobody in particular
  std::string type;
  std::string month;  ///< its first day
  std::int64_t events = 0;
};

/// All ledgers of a schema (the url of an administrator, a member of reeve_owner or a superuser), or all files in a
/// folder that are ledgers, by name. Files that are none are passed over. Throws Error not_found, denied, unavailable.
std::vector<DirectoryEntry> list_ledgers(std::string_view url_or_folder);

/// The ledger that the url names takes no more commits and answers no more queries (denied), also for who has it open
/// already; it can still be verified and exported. Whoever writes at the moment is waited for. PostgreSQL alone.
/// Throws Error conflict when it is not active, not_found, retryable.
void suspend_ledger(std::string_view url);
/// Opens it again. Throws Error conflict when it is not suspended.
void resume_ledger(std::string_view url);

/// Takes away a ledger's rows, journal, seed, and the sources that no other ledger has, in bounded transactions. From
/// the first one on nobody reads or writes it; a run that was interrupted is gone on with by the next. What stays:
/// read_trails(). Of a ledger that never arrived completely nothing stays, and its name is free. With free_name the
/// name of an erased one is freed too. PostgreSQL alone. Throws Error invalid_input when `confirm` is another name,
/// not_found, retryable.
Erasure erase_ledger(std::string_view url, const EraseOptions& options);
/// Of all erased ledgers of the schema. What is under which pseudonym nobody knows any more.
std::vector<TrailEntry> read_trails(std::string_view url);

}  // namespace reeve
