#include "state/forked.h"

#include "state/own_payload.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

std::string text_member(const journal::Event& event, const nlohmann::json& payload, const char* name) {
  const auto member = payload.find(name);
  if (member == payload.end() || !member->is_string()) {
    corrupt(event, fmt::format("has no text {}", name));
  }
  return member->get<std::string>();
}

}  // namespace

std::string forked_payload(const Forked& forked) {
  return fmt::format(
      R"({{"chain_hash":"{}","ledger_id":"{}","parent_id":"{}","seed_commitment":"{}","sequence":{},"state_hash":"{}"}})",
      to_hex(forked.chain_hash), forked.ledger_id, forked.parent_id, to_hex(forked.seed_commitment),
      forked.sequence, to_hex(forked.state_hash));
}

Forked forked_of(const journal::Event& event) {
  const nlohmann::json payload = payload_of(event);
  return {text_member(event, payload, "ledger_id"),   text_member(event, payload, "parent_id"),
          integer_member(event, payload, "sequence"), hash_member(event, payload, "chain_hash"),
          hash_member(event, payload, "state_hash"),  hash_member(event, payload, "seed_commitment")};
}

void Identity::take(const journal::Event& event) {
  if (event.type == journal::type_ledger_created) {
    const nlohmann::json payload = payload_of(event);
    *this = {text_member(event, payload, "ledger_id"), text_member(event, payload, "seed_commitment"),
             event.sequence};
  } else if (event.type == type_ledger_forked) {
    const Forked forked = forked_of(event);
    *this = {forked.ledger_id, to_hex(forked.seed_commitment), event.sequence};
  }
}

}  // namespace reeve::state
