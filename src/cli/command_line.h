#pragma once
// The command line as a function: arguments in, exit code out.

#include "cli/session.h"

namespace reeve::cli {

/// Reads the arguments, does the work and reports what went wrong. Throws nothing.
int run(int count, const char* const* arguments, Session& session);

}  // namespace reeve::cli
