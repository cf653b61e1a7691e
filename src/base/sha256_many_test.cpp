#include "base/sha256_many.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace reeve {
namespace {

TEST(sha256_many, gives_libsodiums_digests_at_every_length_around_the_blocks) {
  std::mt19937_64 random(7);
  for (const Processor processor : processors()) {
    for (std::size_t size = 0; size < 200; ++size) {
      const std::size_t count = 1 + size % 19;
      std::vector<std::uint8_t> messages(size * count);
      for (std::uint8_t& byte : messages) byte = static_cast<std::uint8_t>(random());
      std::vector<Digest> digests(count);
      sha256_many(messages, size, digests, processor);
      for (std::size_t i = 0; i < count; ++i) {
        const std::string_view one(reinterpret_cast<const char*>(messages.data()) + i * size, size);
        ASSERT_EQ(digests[i], sha256(one)) << size << " bytes, message " << i << " of " << count;
      }
    }
  }
}

}  // namespace
}  // namespace reeve
