#pragma once
// Plays a text test of a blueprint on a ledger of its own.

#include "test_file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::blueprint_tests {

/// A promise that is broken: where it is written, and what is instead.
struct Broken {
  int line = 0;
  std::string message;
};

/// Makes a new ledger `file` from the blueprint's folder and plays the records on it, up to the first that is
/// broken. `name` is the test file's without its folder: the ledger's seed follows from it.
std::optional<Broken> play(const std::filesystem::path& blueprint, std::string_view name,
                           const std::vector<Record>& records, const std::filesystem::path& file);

}  // namespace reeve::blueprint_tests
