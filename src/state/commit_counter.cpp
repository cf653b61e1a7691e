#include "state/commit_counter.h"

#include "journal/journal.h"

#include <map>
#include <mutex>
#include <string>

namespace reeve::state {

std::string ledger_id_of(engine::Connection& connection) {
  // On PostgreSQL the connection is bound to it.
  return connection.ledger().empty() ? journal::read_meta(connection, "ledger_id").value_or("")
                                     : connection.ledger();
}

CommitCounter commit_counter(engine::Connection& connection) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<std::atomic<std::uint64_t>>> counters;
  const std::string id = ledger_id_of(connection);
  const std::lock_guard lock(mutex);
  std::erase_if(counters, [](const auto& counter) { return counter.second.expired(); });
  CommitCounter counter = counters[id].lock();
  if (!counter) {
    counter = std::make_shared<std::atomic<std::uint64_t>>(0);
    counters[id] = counter;
  }
  return counter;
}

}  // namespace reeve::state
