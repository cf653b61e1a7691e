#include "journal/signed_note.h"

#include "base/base64.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace reeve::journal {

namespace {

constexpr char algorithm_ed25519 = 1;
constexpr std::string_view signature_start = "\xE2\x80\x94 ";  // an em dash
constexpr std::string_view private_start = "PRIVATE+KEY+";
constexpr std::size_t note_bytes_max = 1024 * 1024;

using KeyId = std::array<std::uint8_t, 4>;

[[noreturn]] void refuse(std::string message, std::string remedy) {
  throw Error(ErrorCode::invalid_input, std::move(message), std::move(remedy));
}

std::string_view bytes_of(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '+' || c == '\x7f';
  });
}

KeyId id_of(std::string_view name, const PublicKey& key) {
  std::string text(name);
  text += '\n';
  text += algorithm_ed25519;
  text += bytes_of(key);
  const Digest digest = sha256(text);
  KeyId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

/// NAME+ID+BASE64: the name, and 32 bytes behind the algorithm's. The id is compared by the caller.
struct KeyText {
  std::string_view name;
  std::string_view id;
  Digest bytes{};
};

std::optional<KeyText> read_key(std::string_view text) {
  KeyText key;
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  key.name = text.substr(0, first);
  key.id = text.substr(first + 1, second - first - 1);
  const auto bytes = from_base64(text.substr(second + 1));
  if (!is_name(key.name) || !bytes || bytes->size() != 1 + key.bytes.size() ||
      bytes->front() != algorithm_ed25519) {
    return std::nullopt;
  }
  std::memcpy(key.bytes.data(), bytes->data() + 1, key.bytes.size());
  return key;
}

std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// The text with its last newline, and the lines of signatures.
std::pair<std::string_view, std::string_view> split(std::string_view note) {
  const std::size_t place = note.rfind("\n\n");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; };
  if (note.size() > note_bytes_max || place == std::string_view::npos || !note.ends_with('\n') ||
      place + 2 == note.size() || std::ranges::any_of(note, is_control)) {
    refuse("this is no signed note", "give the file that `reeve sign` wrote, unchanged");
  }
  return {note.substr(0, place + 1), note.substr(place + 2)};
}

}  // namespace

std::array<std::uint8_t, 4> Verifier::id() const { return id_of(name, key); }

std::string Verifier::text() const {
  return fmt::format("{}+{}+{}", name, to_hex(id()),
                     to_base64(std::string(1, algorithm_ed25519) + std::string(bytes_of(key))));
}

Verifier Verifier::parse(std::string_view text) {
  const auto read = read_key(without_newline(text));
  if (!read || to_hex(id_of(read->name, read->bytes)) != read->id) {
    refuse("this is no public key", "give the line that `reeve keygen` printed: NAME+ID+BASE64");
  }
  return {std::string(read->name), read->bytes};
}

Signer::Signer(std::string_view name, const Digest& secret) : name_(name), key_(secret) {
  if (!is_name(name)) {
    refuse("the name of a key has neither spaces nor plus signs", "choose another name");
  }
}

Signer Signer::parse(std::string_view text) {
  text = without_newline(text);
  auto read = text.starts_with(private_start) ? read_key(text.substr(private_start.size())) : std::nullopt;
  if (!read) {
    refuse("this is no secret key", "give the file that `reeve keygen` wrote");
  }
  Signer signer(read->name, read->bytes);
  sodium_memzero(read->bytes.data(), read->bytes.size());
  if (to_hex(signer.verifier().id()) != read->id) {
    refuse("the secret key was changed", "give the file that `reeve keygen` wrote");
  }
  return signer;
}

std::string Signer::text() const {
  return fmt::format("{}{}+{}+{}", private_start, name_, to_hex(verifier().id()),
                     to_base64(std::string(1, algorithm_ed25519) + std::string(bytes_of(key_.secret()))));
}

std::string Signer::sign(std::string_view text) const {
  ensure(text.ends_with('\n') && !text.ends_with("\n\n"), "a note's text ends with one newline");
  const KeyId id = verifier().id();
  return fmt::format("{}\n{}{} {}\n", text, signature_start, name_,
                     to_base64(std::string(bytes_of(id)) + std::string(bytes_of(key_.sign(text)))));
}

std::string text_of_note(std::string_view note) { return std::string(split(note).first); }

std::string open_note(std::string_view note, const Verifier& verifier) {
  const auto [text, signatures] = split(note);
  const KeyId id = verifier.id();
  for (std::size_t place = 0; place < signatures.size();) {
    const std::size_t end = signatures.find('\n', place);
    std::string_view line = signatures.substr(place, end - place);
    place = end + 1;
    const std::size_t space = line.rfind(' ');
    if (!line.starts_with(signature_start) || space < signature_start.size()) {
      refuse("a line of signatures in the note is none", "give the file that `reeve sign` wrote, unchanged");
    }
    const auto bytes = from_base64(line.substr(space + 1));
    if (line.substr(signature_start.size(), space - signature_start.size()) != verifier.name || !bytes ||
        bytes->size() < id.size() || std::string_view(*bytes).substr(0, id.size()) != bytes_of(id)) {
      continue;  // of another key
    }
    Signature signature{};
    if (bytes->size() != id.size() + signature.size()) {
      break;
    }
    std::memcpy(signature.data(), bytes->data() + id.size(), signature.size());
    if (!is_signed_by(verifier.key, text, signature)) {
      break;
    }
    return std::string(text);
  }
  throw Error(ErrorCode::denied, fmt::format("it is not signed by the key of {}", verifier.name),
              "ask who gave it to you; trust nothing in it");
}

}  // namespace reeve::journal
