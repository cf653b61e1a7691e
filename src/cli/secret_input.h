#pragma once
// A secret as people and pipes give it: never an argument, which every process of the machine could read.

#include "cli/session.h"

#include <reeve/secret.h>

#include <string>

namespace reeve::cli {

/// All of standard input without its last newline; from a terminal one line, asked for with `prompt`, that is not shown while it is
/// typed. Throws Error invalid_input when there is nothing, limit_exceeded above 64 KiB, retryable when it was stopped.
Secret read_secret_input(Session& session, const std::string& prompt);

}  // namespace reeve::cli
