#pragma once
// One event for people: what happened, what it changed, and its hashes.

#include "journal/journal.h"

#include <string>
#include <string_view>

namespace reeve::cli {

/// `changes` is the changeset as JSON (journal::changeset_json).
std::string event_text(const journal::Entry& entry, std::string_view changes);
/// JSON with indentation, each line after the first with `indent` before it.
std::string pretty_json(std::string_view text, std::string_view indent);
/// A line for each table and key, and below it the columns: `column: before -> after`.
std::string changes_text(std::string_view changes);

}  // namespace reeve::cli
