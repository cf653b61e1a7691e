#pragma once
// What an import comes to, for people and for programs.

#include "sp404/import.h"

#include <cstdint>
#include <string>

namespace demo {

std::string text_of(const sp404::ImportReport& report);
/// One object on one line.
std::string json_of(const sp404::ImportReport& report);

/// A line for each job that gave up, with its last error; '' if there is none.
std::string dead_letters(const std::string& ledger);

/// `21.6 MB`.
std::string size_of(std::int64_t bytes);

}  // namespace demo
