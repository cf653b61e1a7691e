#pragma once
// What a ledger's blueprint offers by name: for `reeve query FILE`, `command FILE` and `event FILE`.

#include "cli/session.h"

#include <string>

namespace reeve::cli {

enum class Offer : std::uint8_t { queries, commands, events };

/// From the sources stored in the file that are in force now.
void list_offers(Session& session, const std::string& file, Offer offer);

}  // namespace reeve::cli
