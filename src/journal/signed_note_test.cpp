#include "journal/signed_note.h"

#include "journal/signed_checkpoint.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

namespace reeve::journal {
namespace {

// From the documentation of golang.org/x/mod/sumdb/note: what this reads, other programs write, and the other way.
constexpr const char* go_secret =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n";
constexpr const char* go_public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string go_text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string go_note =
    go_text +
    "\n\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

ErrorCode code_of(const std::string& note, const Verifier& verifier) {
  try {
    open_note(note, verifier);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(signed_note, reads_and_writes_what_gos_package_does) {
  const Signer signer = Signer::parse(go_secret);
  EXPECT_EQ(signer.text() + "\n", go_secret);
  EXPECT_EQ(signer.verifier().text(), go_public);
  EXPECT_EQ(signer.sign(go_text), go_note);
  EXPECT_EQ(open_note(go_note, Verifier::parse(go_public)), go_text);
}

TEST(signed_note, with_any_changed_byte_is_refused) {
  const Verifier verifier = Verifier::parse(go_public);
  for (std::size_t at = 0; at < go_note.size(); ++at) {
    std::string changed = go_note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const ErrorCode code = code_of(changed, verifier);
    EXPECT_TRUE(code == ErrorCode::denied || code == ErrorCode::invalid_input) << "byte " << at;
  }
  for (std::size_t size = 0; size < go_note.size(); ++size) {
    EXPECT_NE(code_of(go_note.substr(0, size), verifier), ErrorCode::internal) << size << " bytes";
  }
}

TEST(signed_note, of_several_signers_is_held_to_the_one_that_is_trusted) {
  Digest secret{};
  secret[0] = 9;
  const Signer other("witness.example", secret);
  const std::string others = other.sign(go_text).substr(go_text.size() + 1);
  EXPECT_EQ(
      open_note(go_text + "\n" + others + go_note.substr(go_text.size() + 1), Verifier::parse(go_public)),
      go_text);
  EXPECT_EQ(code_of(go_text + "\n" + others, Verifier::parse(go_public)), ErrorCode::denied);
  const Signer impostor("PeterNeumann", secret);
  EXPECT_EQ(code_of(impostor.sign(go_text), Verifier::parse(go_public)), ErrorCode::denied);
}

TEST(signed_note, an_error_about_a_secret_key_does_not_show_it) {
  std::string text = go_secret;
  text[text.size() - 3] = text[text.size() - 3] == 'A' ? 'B' : 'A';
  try {
    Signer::parse(text);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("AYEKFAL"), std::string::npos);
  }
}

TEST(signed_checkpoint, reads_what_it_writes_and_nothing_else) {
  SignedCheckpoint checkpoint{.origin = "reeve/018f0000-0000-7000-8000-000000000001",
                              .size = 1'000'000,
                              .root = {1, 2, 3},
                              .chain_hash = {4},
                              .state_hash = {5}};
  const std::string text = checkpoint.text();
  EXPECT_EQ(SignedCheckpoint::parse(text), checkpoint);
  EXPECT_EQ(SignedCheckpoint::parse(text + "witnessed by somebody\n"), checkpoint);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_THROW(SignedCheckpoint::parse(text.substr(0, size)), Error) << size;
  }
  std::string padded = text;
  padded.insert(padded.find("1000000"), "0");
  EXPECT_THROW(SignedCheckpoint::parse(padded), Error);
}

}  // namespace
}  // namespace reeve::journal
