#pragma once
// What libraries show each other.

#include <reeve/ledger.h>

#include <cstddef>
#include <filesystem>
#include <span>

namespace sp404 {

/// The kits of these libraries that their owners made public, as files of the reference tables in a folder, which `reeve reference
/// publish` takes; how many they are. A kit that is in two libraries, as in one and its fork, is taken from the first. Throws Error
/// unavailable when the folder can't be written.
std::size_t write_public_kits(std::span<reeve::Ledger* const> libraries, const std::filesystem::path& out);

}  // namespace sp404
