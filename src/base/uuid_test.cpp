#include "base/uuid.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace reeve {
namespace {

class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::uint8_t> bytes) override { std::fill(bytes.begin(), bytes.end(), byte_); }

 private:
  std::uint8_t byte_;
};

// The time of the example in RFC 9562, appendix A.6.
constexpr Microseconds example_time = 1'645'557'742'000'000;

TEST(uuid, version_7_carries_the_time_the_version_and_the_variant) {
  ConstantRandom zeros(0);
  ConstantRandom ones(0xFF);
  EXPECT_EQ(uuid_v7(example_time, zeros), "017f22e2-79b0-7000-8000-000000000000");
  EXPECT_EQ(uuid_v7(example_time, ones), "017f22e2-79b0-7000-bfff-ffffffffffff");
  EXPECT_EQ(uuid_v7(example_time + 999, zeros), "017f22e2-79b0-7ffb-8000-000000000000");
  EXPECT_EQ(uuid_v7(0, zeros), "00000000-0000-7000-8000-000000000000");
}

TEST(uuid, version_7_sorts_by_microsecond) {
  ConstantRandom zeros(0);
  ConstantRandom ones(0xFF);
  for (Microseconds time = example_time; time < example_time + 3000; ++time) {
    ASSERT_LT(uuid_v7(time, ones), uuid_v7(time + 1, zeros)) << time;
  }
}

TEST(uuid, version_7_refuses_a_time_before_1970) {
  ConstantRandom zeros(0);
  EXPECT_THROW(uuid_v7(-1, zeros), Error);
}

TEST(uuid, version_7_differs_each_time) {
  EXPECT_NE(uuid_v7(example_time, system_random()), uuid_v7(example_time, system_random()));
}

TEST(uuid, version_8_is_the_digest_with_version_and_variant) {
  Digest digest;
  digest.fill(0xFF);
  EXPECT_EQ(uuid_v8(digest), "ffffffff-ffff-8fff-bfff-ffffffffffff");
  digest.fill(0);
  EXPECT_EQ(uuid_v8(digest), "00000000-0000-8000-8000-000000000000");
  for (std::size_t i = 0; i < 16; ++i) digest[i] = static_cast<std::uint8_t>(0x10 * i + i);
  EXPECT_EQ(uuid_v8(digest), "00112233-4455-8677-8899-aabbccddeeff");
}

TEST(uuid, only_the_canonical_text_is_one) {
  EXPECT_TRUE(is_uuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
  for (const std::string_view text :
       {"", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
        "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace reeve
