#pragma once
// The sealed value (docs/sealed_value.md): what stands in a payload or a row in place of a personal one.

#include "base/clock.h"
#include "base/hash.h"

#include <optional>
#include <string>
#include <string_view>

namespace reeve::journal {

/// A subject's key: 32 random bytes.
using SubjectKey = Digest;

/// Seals the canonical JSON text of a value. The result is canonical JSON.
std::string seal_value(std::string_view subject, const SubjectKey& key, std::string_view plain,
                       Random& random);

/// The canonical JSON text of the value. Throws Error corrupt when it is no sealed value of this form, when the
/// key is not the one it was sealed with, or when the commitment is not that of the value.
std::string unseal_value(std::string_view sealed, const SubjectKey& key);

/// Whose it is. Nothing when the text is no sealed value.
std::optional<std::string> subject_of(std::string_view sealed);

}  // namespace reeve::journal
