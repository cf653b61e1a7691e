#pragma once
// Many submitters of a ledger, each waiting for its commit before the next.

#include <reeve/ledger.h>

#include <cstdint>

namespace bench {

/// Seconds for `each` commits of each submitter; a thread for each. The ledger has the mix's opening.
double commit_seconds(reeve::Ledger& ledger, int submitters, std::int64_t each);

}  // namespace bench
