#pragma once
// Plays a text test of a blueprint on a ledger of its own.

#include "test_file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::blueprint_tests {

/// A promise that is broken: where it is written, and what is instead.
struct Broken {
  int line = 0;
  std::string message;
};

/// Where a new ledger is made, and how an application opens it: for a file the same path.
struct Stage {
  Stage(std::string file) : administrator(std::move(file)), application(administrator) {}
  Stage(std::string administrator_url, std::string application_url)
      : administrator(std::move(administrator_url)), application(std::move(application_url)) {}

  std::string administrator;
  std::string application;
};

/// Makes a new ledger from the blueprint's folder and plays the records on it, up to the first that is
/// broken. `name` is the test file's without its folder: the ledger's seed follows from it.
std::optional<Broken> play(const std::filesystem::path& blueprint, std::string_view name,
                           const std::vector<Record>& records, const Stage& stage);

}  // namespace reeve::blueprint_tests
