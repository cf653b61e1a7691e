#include "base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve {
namespace {

TEST(sha256, of_parts_is_that_of_the_whole) {
  const std::string text(100'000, 'x');
  for (const std::size_t part : {1UL, 63UL, 64UL, 65UL, 99'999UL, 100'000UL}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += part) {
      const std::string piece = text.substr(at, part);
      hash.update(piece.data(), piece.size());
    }
    EXPECT_EQ(to_hex(hash.finish()), to_hex(sha256(text))) << part;
  }
}

TEST(sha256, of_nothing_is_what_the_standard_says) {
  EXPECT_EQ(to_hex(Sha256().finish()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace reeve
