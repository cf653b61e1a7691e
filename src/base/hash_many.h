#pragma once
// BLAKE2b-256 of many texts, four at a time: the same digests as one by one (hash.h), cheaper.

#include "base/hash.h"
#include "base/processor.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace reeve {

/// digests[i] := BLAKE2b-256(messages[i]). Both have the same length. Fastest when messages of about the same
/// size stand together. `processor` is one of processors().
void hash_many(std::span<const std::string_view> messages, std::span<Digest> digests,
               Processor processor = best_processor());

}  // namespace reeve
