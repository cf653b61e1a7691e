#pragma once
// What Reeve's own events say, read strictly: each function throws Error corrupt that names the event.

#include "base/hash.h"
#include "journal/event.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace reeve::state {

/// `what` goes on behind the event's number and type.
[[noreturn]] void corrupt(const journal::Event& event, std::string_view what);

/// Its payload, an object.
nlohmann::json payload_of(const journal::Event& event);
Digest hash_member(const journal::Event& event, const nlohmann::json& payload, const char* name);
std::int64_t integer_member(const journal::Event& event, const nlohmann::json& payload, const char* name);

}  // namespace reeve::state
