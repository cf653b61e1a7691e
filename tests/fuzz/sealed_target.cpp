// Input: the text of what claims to be a sealed value.
//   What is unsealed is what was sealed: nobody makes another value of it, nor another subject.
//   Any text is sealed and unsealed again, under its subject and key alone.

#include "base/clock.h"
#include "base/json.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "journal/sealed_value.h"

#include <algorithm>

namespace reeve::fuzz {
namespace {

/// Makes the same sealed values every time, so that a corpus may hold them.
class Counting : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    std::generate(bytes.begin(), bytes.end(), [this] { return next_++; });
  }

 private:
  std::uint8_t next_ = 1;
};

constexpr std::string_view subject = "ada";
constexpr std::string_view plain = R"({"mail":"ada@example.org"})";

journal::SubjectKey key_of(std::uint8_t first) {
  journal::SubjectKey key{};
  std::generate(key.begin(), key.end(), [first]() mutable { return first++; });
  return key;
}

}  // namespace

std::vector<std::string> sealed_seeds() {
  Counting random;
  return {journal::seal_value(subject, key_of(7), plain, random)};
}

void sealed(std::string_view input) {
  static const journal::SubjectKey key = key_of(7);
  static const journal::SubjectKey other = key_of(8);
  const auto whose = journal::subject_of(input);
  const auto opened = unless_refused([&] { return journal::unseal_value(input, key); });
  if (opened) {
    require(*opened == plain, "what is unsealed is what was sealed", *opened);
    require(whose == subject, "a sealed value is its subject's");
  }
  Counting random;
  const auto made = journal::seal_value(input, key, input, random);
  // Subjects and values are text of JSON; what is none is sealed all the same and then not read.
  const auto read = unless_refused([&] { return json::canonical(made); });
  if (!read) return;
  require(*read == made, "a sealed value is canonical JSON");
  require(journal::subject_of(made) == input, "a sealed value names its subject");
  require(journal::unseal_value(made, key) == input, "unsealing gives what was sealed");
  require(!unless_refused([&] { return journal::unseal_value(made, other); }), "another key unseals nothing");
}

}  // namespace reeve::fuzz
