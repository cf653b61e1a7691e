#pragma once
// MD5 (RFC 1321), for PostgreSQL's md5(text): a fingerprint of old, never a protection.

#include <string>
#include <string_view>

namespace reeve::sql {

/// 16 bytes.
std::string md5(std::string_view text);

}  // namespace reeve::sql
