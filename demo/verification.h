#pragma once
// The proof: another process, with another clock and another locale, executes every event again.

#include <reeve/types.h>

#include <filesystem>
#include <string>

namespace demo {

/// What the second process does: sets the locale of its environment, opens the ledger with a clock that stands
/// at `time` (RFC 3339), verifies it and prints what it found. Returns the exit code: 0 equal, 10 not.
int verify_here(const std::filesystem::path& file, const std::string& time);

/// Starts this program again to verify the file, and compares the head's state hash of both. Returns the exit
/// code: 0 equal, 10 not.
int verify_elsewhere(const std::filesystem::path& file, const reeve::Head& head);

}  // namespace demo
