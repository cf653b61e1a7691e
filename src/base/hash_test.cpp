#include "base/hash.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

namespace reeve {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Both digests were computed by Python's hashlib over the bytes that hash.h describes.
TEST(hasher, digests_never_change) {
  Digest counting;
  std::iota(counting.begin(), counting.end(), std::uint8_t{0});
  Hasher hasher("event");
  hasher.number(0x0102030405060708U).text("J\xC3\xBCrgen").digest(counting).raw("xyz", 3);
  EXPECT_EQ(to_hex(hasher.finish()), "85977c31959bb1e252ce9d68c2ec82e9187c045cc4db762c1c2e57b61b77c9c2");
  EXPECT_EQ(to_hex(Hasher("").finish()), "81e47a19e6b29b0a65b9591762ce5143ed30d0261e5d24a3201752506b20f15c");
}

TEST(hasher, parts_that_join_alike_hash_differently) {
  EXPECT_NE(Hasher("d").text("ab").text("c").finish(), Hasher("d").text("a").text("bc").finish());
  EXPECT_NE(Hasher("d").text("").finish(), Hasher("d").finish());
}

TEST(hasher, a_digest_of_one_domain_is_none_of_another) {
  EXPECT_NE(Hasher("row").text("x").finish(), Hasher("event").text("x").finish());
}

TEST(hasher, pieces_hash_like_the_whole) {
  const std::string text(100'000, 'x');
  Hasher pieces("d");
  for (std::size_t at = 0; at < text.size(); at += 777) {
    pieces.raw(text.data() + at, std::min<std::size_t>(777, text.size() - at));
  }
  EXPECT_EQ(pieces.finish(), Hasher("d").raw(text.data(), text.size()).finish());
}

TEST(hasher, finishes_once) {
  Hasher hasher("d");
  hasher.finish();
  EXPECT_THROW(hasher.finish(), Error);
}

TEST(hex, round_trips_a_digest) {
  const Digest digest = Hasher("d").finish();
  EXPECT_EQ(digest_from_hex(to_hex(digest)), digest);
  EXPECT_EQ(to_hex(bytes_of("\x01\xAB")), "01ab");
  EXPECT_EQ(to_hex({}), "");
}

TEST(hex, refuses_all_but_64_lower_case_digits) {
  const std::string good(64, 'a');
  EXPECT_TRUE(digest_from_hex(good));
  EXPECT_FALSE(digest_from_hex(""));
  EXPECT_FALSE(digest_from_hex(good.substr(1)));
  EXPECT_FALSE(digest_from_hex(good + "aa"));
  for (const char bad : {'A', 'g', ' ', '/', ':', '`', '\0', 'x'}) {
    for (const std::size_t at : {0U, 31U, 63U}) {
      std::string text = good;
      text[at] = bad;
      EXPECT_FALSE(digest_from_hex(text)) << bad << at;
    }
  }
}

// RFC 4231, test cases 1, 2 and 6.
TEST(hmac, gives_the_digests_of_rfc_4231) {
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of(std::string(20, '\x0b')), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of(std::string(131, '\xaa')),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(equal_secret, compares_content_and_length) {
  EXPECT_TRUE(equal_secret(bytes_of("secret"), bytes_of("secret")));
  EXPECT_TRUE(equal_secret({}, {}));
  EXPECT_FALSE(equal_secret(bytes_of("secret"), bytes_of("secreT")));
  EXPECT_FALSE(equal_secret(bytes_of("secret"), bytes_of("secret1")));
  EXPECT_FALSE(equal_secret(bytes_of("secret"), {}));
}

}  // namespace
}  // namespace reeve
