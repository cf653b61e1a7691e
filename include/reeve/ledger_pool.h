#pragma once
// Many ledgers in one process, of which a bounded number is open.

#include <reeve/ledger.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace reeve {

struct LedgerPoolOptions {
  LedgerOptions ledger = {};  ///< of each; its connections_max is not looked at
  int open_max = 64;          ///< ledgers open at once
  /// Connections open at once, of all ledgers, each one's writer with them: more than open_max. A PostgreSQL server
  /// has to grant as many.
  int connections_max = 128;
  int wait_ms_max = 5000;  ///< for a ledger or a connection to become free; then it is `retryable`
};

/// Opens ledgers by their names and keeps them open until another one needs the room: then the one that nobody holds
/// and that was used the longest time ago is closed. Ledgers of the same blueprint share what it was translated to.
/// Thread-safe. Handles may outlive the pool.
class LedgerPool {
 public:
  /// A folder, in which the ledger NAME is the file NAME.db; or `postgresql://...` without a ledger, of an
  /// application. Throws Error not_found when there is no such folder, invalid_input.
  explicit LedgerPool(std::string_view folder_or_url, const LedgerPoolOptions& options = {});
  ~LedgerPool();
  LedgerPool(const LedgerPool&) = delete;
  LedgerPool& operator=(const LedgerPool&) = delete;

  /// The ledger stays open as long as the handle, or a copy of it, lives. Who asks for the same one while it is being
  /// opened waits for it. Throws Error as Ledger::open; invalid_input for a name that is none (check_ledger_name);
  /// retryable when as many as may be open are held by others.
  std::shared_ptr<Ledger> open(std::string_view name);
  /// Closes those that nobody holds.
  void close_idle();
  std::size_t open_count() const;
  /// Of all ledgers, writers with them.
  int connection_count() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// A name is UTF-8 of 1 to 200 bytes without control characters, `/` and `\`, and does not begin with a dot: it names a
/// file of one folder and leads nowhere else. Names are compared byte by byte. Throws Error invalid_input.
void check_ledger_name(std::string_view name);

}  // namespace reeve
