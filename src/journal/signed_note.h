#pragma once
// Signed notes and keys as C2SP's signed-note and golang.org/x/mod/sumdb/note write them: a text, an empty line,
// and lines `— NAME BASE64(four bytes of the key's id, Ed25519 signature)`.

#include "base/signature.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::journal {

/// A public key with the name of who signs. Its text is `NAME+ID+BASE64(0x01 key)`.
struct Verifier {
  std::string name;  ///< without spaces and plus signs
  PublicKey key{};
  std::array<std::uint8_t, 4> id() const;  ///< the first bytes of SHA-256(NAME "\n" 0x01 key)
  std::string text() const;
  /// Throws Error invalid_input.
  static Verifier parse(std::string_view text);
};

/// A secret key with the name of who signs. Its text is `PRIVATE+KEY+NAME+ID+BASE64(0x01 secret)`.
class Signer {
 public:
  /// Throws Error invalid_input for a name with a space or a plus sign.
  Signer(std::string_view name, const Digest& secret);
  /// Throws Error invalid_input; the message never holds the text.
  static Signer parse(std::string_view text);

  Verifier verifier() const { return {name_, key_.public_key()}; }
  std::string text() const;  ///< secret
  /// The note. `text` ends with a newline and has no empty line at its end.
  std::string sign(std::string_view text) const;

 private:
  std::string name_;
  SigningKey key_;
};

/// The text of a note that this key has signed; other signatures beside it are left out of account.
/// Throws Error invalid_input when it is no note, denied when it has no signature of that key, or a false one.
std::string open_note(std::string_view note, const Verifier& verifier);
/// The text of a note, whoever signed it. Throws Error invalid_input when it is no note.
std::string text_of_note(std::string_view note);

}  // namespace reeve::journal
