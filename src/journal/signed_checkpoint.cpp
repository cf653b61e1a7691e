#include "journal/signed_checkpoint.h"

#include "base/base64.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace reeve::journal {

namespace {

constexpr std::string_view chain_word = "chain_hash ";
constexpr std::string_view state_word = "state_hash ";

[[noreturn]] void refuse() {
  throw Error(ErrorCode::invalid_input, "this is no checkpoint of a ledger",
              "give the file that `reeve sign` wrote");
}

/// The next line without its newline.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) refuse();
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Digest take_hash(std::string_view& text, std::string_view word) {
  const std::string_view line = take_line(text);
  const auto digest =
      line.starts_with(word) ? digest_from_hex(line.substr(word.size())) : std::optional<Digest>();
  if (!digest) refuse();
  return *digest;
}

}  // namespace

std::string origin_of(std::string_view ledger_id) { return fmt::format("reeve/{}", ledger_id); }

std::string SignedCheckpoint::text() const {
  return fmt::format("{}\n{}\n{}\n{}{}\n{}{}\n", origin, size, to_base64(root), chain_word,
                     to_hex(chain_hash), state_word, to_hex(state_hash));
}

SignedCheckpoint SignedCheckpoint::parse(std::string_view text) {
  SignedCheckpoint checkpoint;
  checkpoint.origin = take_line(text);
  const std::string_view size = take_line(text);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  if (error != std::errc() || end != size.data() + size.size() || checkpoint.size < 0 ||
      fmt::format("{}", checkpoint.size) != size) {
    refuse();
  }
  const auto root = from_base64(take_line(text));
  if (!root || root->size() != checkpoint.root.size()) refuse();
  std::memcpy(checkpoint.root.data(), root->data(), root->size());
  checkpoint.chain_hash = take_hash(text, chain_word);
  checkpoint.state_hash = take_hash(text, state_word);
  return checkpoint;
}

}  // namespace reeve::journal
