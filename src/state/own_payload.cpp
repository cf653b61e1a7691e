#include "state/own_payload.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <optional>

namespace reeve::state {

void corrupt(const journal::Event& event, std::string_view what) {
  throw Error(ErrorCode::corrupt, fmt::format("event {} ({}) {}", event.sequence, event.type, what),
              "restore from a backup");
}

nlohmann::json payload_of(const journal::Event& event) {
  nlohmann::json payload = nlohmann::json::parse(event.payload, nullptr, false);
  if (!payload.is_object()) {
    corrupt(event, "has a payload that is no JSON object");
  }
  return payload;
}

Digest hash_member(const journal::Event& event, const nlohmann::json& payload, const char* name) {
  const auto member = payload.find(name);
  const auto digest = member != payload.end() && member->is_string()
                          ? digest_from_hex(member->get_ref<const std::string&>())
                          : std::nullopt;
  if (!digest) {
    corrupt(event, fmt::format("has no hash {}", name));
  }
  return *digest;
}

std::int64_t integer_member(const journal::Event& event, const nlohmann::json& payload, const char* name) {
  const auto member = payload.find(name);
  if (member == payload.end() || !member->is_number_integer()) {
    corrupt(event, fmt::format("has no integer {}", name));
  }
  return member->get<std::int64_t>();
}

}  // namespace reeve::state
