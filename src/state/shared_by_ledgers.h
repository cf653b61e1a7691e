#pragma once
// What ledgers of one pool have in common.

#include "state/connection_budget.h"
#include "state/epochs.h"

#include <memory>

namespace reeve::state {

struct SharedByLedgers {
  std::shared_ptr<ConnectionBudget> budget;
  std::shared_ptr<EpochLibrary> epochs;  ///< null: each loads its own
};

}  // namespace reeve::state
