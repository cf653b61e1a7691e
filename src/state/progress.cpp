#include "state/progress.h"

#include <reeve/error.h>

namespace reeve::state {

void Progress::step(std::int64_t done, std::int64_t total) const {
  if (done % 512 != 0 && done != total) {
    return;
  }
  if (stop != nullptr && stop->load(std::memory_order_relaxed)) {
    throw Error(ErrorCode::retryable, "interrupted; nothing was left half done", "run it again");
  }
  if (report) {
    report(done, total);
  }
}

}  // namespace reeve::state
