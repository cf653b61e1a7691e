#include "base/base64.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(base64, reads_what_it_writes_and_no_other_text_for_the_same_bytes) {
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    const std::string text = to_base64(bytes);
    EXPECT_EQ(from_base64(text), bytes);
    for (std::size_t place = 0; place < text.size(); ++place) {
      std::string other = text;
      // One that libsodium takes for a letter is among those beyond ASCII.
      for (int letter = 0; letter < 256; ++letter) {
        other[place] = static_cast<char>(letter);
        const auto read = from_base64(other);
        ASSERT_TRUE(other == text || read != bytes) << "letter " << letter << " in " << text;
        ASSERT_TRUE(!read || to_base64(*read) == other) << "letter " << letter << " in " << text;
      }
    }
    bytes += static_cast<char>(length * 7);
    if (length > 20) length += 40;
  }
  for (const char* none :
       {"A", "AA", "AAA", "AB==", "AAB=", "AAAA=", "AAAA====", " AAAA", "AAAA\n", "AA-_", "===="})
    EXPECT_FALSE(from_base64(none)) << none;
}

}  // namespace
}  // namespace reeve
