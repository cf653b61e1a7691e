#pragma once
// The demonstration: a folder of real sound becomes a library, is listened to, and is used.

#include <filesystem>

namespace demo {

struct TourOptions {
  std::filesystem::path sounds;  ///< the folder that is imported
  std::filesystem::path ledger;  ///< begun anew
  std::filesystem::path blueprint;
  std::filesystem::path command;  ///< build/reeve, which verifies the ledger
};

/// The exit code.
int show_tour(const TourOptions& options);

}  // namespace demo
