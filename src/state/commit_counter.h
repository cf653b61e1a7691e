#pragma once
// That somebody in this process has committed to a ledger, known without asking its database.

#include "engine/connection.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace reeve::state {

/// Of a connection to a ledger, outside of a transaction.
std::string ledger_id_of(engine::Connection& connection);

using CommitCounter = std::shared_ptr<std::atomic<std::uint64_t>>;

/// One for each ledger, by its id, for whoever in this process has it open. A Ledger adds to it after each batch, before any
/// of its submitters hears a verdict. The connection is of a ledger. Thread-safe.
CommitCounter commit_counter(engine::Connection& connection);

}  // namespace reeve::state
