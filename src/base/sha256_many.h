#pragma once
// SHA-256 (FIPS 180-4) of many short messages of one length, eight at a time.

#include "base/hash.h"
#include "base/processor.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace reeve {

/// digests[i] := SHA-256 of the ith message; the messages, each of `message_bytes`, stand one after the other.
/// `processor` is one of processors().
void sha256_many(std::span<const std::uint8_t> messages, std::size_t message_bytes, std::span<Digest> digests,
                 Processor processor = best_processor());

}  // namespace reeve
