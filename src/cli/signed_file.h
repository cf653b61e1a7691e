#pragma once
// Small files of signatures: keys, checkpoints, proofs.

#include "journal/signed_note.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::cli {

/// Who may read a new file: its owner alone, or whom the umask lets.
enum class FileRights : std::uint8_t { owner, all };

/// The whole file. Throws Error not_found, unavailable, limit_exceeded above 256 MiB.
std::string read_file(const std::string& path);
/// Also Error invalid_input for what is no secret key, denied when anybody but its owner has a right on it.
journal::Signer read_secret_key(const std::string& path);
/// Writes and syncs it, or leaves none. Throws Error conflict when it is there already, unavailable.
void write_new_file(const std::string& path, std::string_view text, FileRights rights);
/// NAME+ID+BASE64, or the path of a file that holds it.
journal::Verifier read_public_key(const std::string& text_or_path);

}  // namespace reeve::cli
