#include "journal/event.h"

#include "journal/varint.h"

#include <reeve/error.h>

namespace reeve::journal {

namespace {

constexpr std::string_view chain_domain = "reeve.chain.1";

void append_text(std::string_view text, std::string& out) {
  append_varint(text.size(), out);
  out.append(text);
}

/// A text that may be absent: 0, or its length plus one and the text.
void append_optional(std::string_view text, std::string& out) {
  if (text.empty()) {
    out.push_back('\0');
    return;
  }
  append_varint(text.size() + 1, out);
  out.append(text);
}

}  // namespace

void append_event_bytes(const Event& event, std::string& out) {
  append_varint(static_cast<std::uint64_t>(event.sequence), out);
  append_text(event.id, out);
  append_text(event.type, out);
  append_varint(static_cast<std::uint64_t>(event.version), out);
  append_text(event.time, out);
  if (const auto* integer = std::get_if<std::int64_t>(&event.moment)) {
    out.push_back('\1');
    append_varint(zigzag(*integer), out);
  } else if (const auto* text = std::get_if<std::string>(&event.moment)) {
    out.push_back('\3');
    append_text(*text, out);
  } else {
    ensure(std::holds_alternative<Null>(event.moment), "a moment is an integer, a text or NULL");
    out.push_back('\0');
  }
  append_text(event.actor, out);
  append_optional(event.command, out);
  append_optional(event.key, out);
  append_optional(event.request_hash, out);
  append_varint(static_cast<std::uint64_t>(event.span), out);
  append_text(event.payload, out);
}

Digest chain_hash(const Digest& previous, const Event& event, std::string_view changeset,
                  std::string& scratch) {
  scratch.assign(chain_domain);
  scratch.append(reinterpret_cast<const char*>(previous.data()), previous.size());
  append_event_bytes(event, scratch);
  append_varint(changeset.size(), scratch);
  scratch.append(changeset);
  Digest digest;
  crypto_generichash_blake2b(digest.data(), digest.size(),
                             reinterpret_cast<const unsigned char*>(scratch.data()), scratch.size(), nullptr,
                             0);
  return digest;
}

}  // namespace reeve::journal
