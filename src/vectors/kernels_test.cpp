#include "vectors/kernels.h"

#include "vectors/similarity.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

namespace reeve::vectors {
namespace {

const std::size_t sizes[] = {1,  2,   7,   8,   15,  16,  17,  31,  32,  33,   48,   63,  64,
                             65, 100, 127, 128, 129, 300, 384, 512, 768, 1000, 1536, 4096};

std::vector<float> floats(std::size_t size, std::mt19937_64& random, int exponent_max) {
  std::vector<float> all(size);
  for (float& value : all) {
    const auto mantissa = static_cast<float>(static_cast<std::int64_t>(random() % 2000001) - 1000000);
    value = std::ldexp(
        mantissa, static_cast<int>(random() % (2U * static_cast<unsigned>(exponent_max) + 1)) - exponent_max);
  }
  return all;
}

std::vector<double> wide(const std::vector<float>& vector) {
  std::vector<double> all((vector.size() + float_lanes - 1) / float_lanes * float_lanes, 0.0);
  std::copy(vector.begin(), vector.end(), all.begin());
  return all;
}

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(kernels, give_the_same_bits_in_all_instructions_at_every_size_and_address) {
  ASSERT_GE(available_instructions().size(), 1U);
  std::mt19937_64 random(11);
  const Kernels& plain = kernels_of(Instructions::plain);
  for (const std::size_t size : sizes) {
    for (const int exponent_max : {0, 20, 100}) {
      const std::vector<float> left = floats(size, random, exponent_max);
      const std::vector<double> query = wide(left);
      // A row that begins at an odd address, as a database hands it out, with what must not be read behind it.
      std::string bytes(size * sizeof(float) + 1 + 64, '\xff');
      const std::vector<float> right = floats(size, random, exponent_max);
      std::memcpy(bytes.data() + 1, right.data(), size * sizeof(float));
      const auto* const row = reinterpret_cast<const float*>(bytes.data() + 1);
      const DotAndSquare expected = plain.dot_and_square(query.data(), row, size);
      EXPECT_EQ(bits(expected.dot), bits(plain.dot(query.data(), row, size)));
      for (const Instructions instructions : available_instructions()) {
        const Kernels& kernels = kernels_of(instructions);
        const DotAndSquare sums = kernels.dot_and_square(query.data(), row, size);
        ASSERT_EQ(bits(sums.dot), bits(expected.dot)) << name_of(instructions) << " of " << size;
        ASSERT_EQ(bits(sums.square), bits(expected.square)) << name_of(instructions) << " of " << size;
        ASSERT_EQ(bits(kernels.dot(query.data(), row, size)), bits(expected.dot)) << name_of(instructions);
        ASSERT_EQ(bits(kernels.squared_distance(query.data(), row, size)),
                  bits(plain.squared_distance(query.data(), row, size)))
            << name_of(instructions) << " of " << size;
      }
    }
  }
}

TEST(kernels, of_codes_and_signatures_are_exact_in_all_instructions) {
  std::mt19937_64 random(12);
  for (const std::size_t size : sizes) {
    for (int round = 0; round < 4; ++round) {
      std::vector<std::int8_t> left(size);
      std::vector<std::int8_t> right(size);
      std::int64_t dot = 0;
      std::uint32_t differing = 0;
      for (std::size_t i = 0; i < size; ++i) {
        // The last round is the largest that there can be.
        left[i] = static_cast<std::int8_t>(round == 3 ? 127 : static_cast<int>(random() % 255) - 127);
        right[i] = static_cast<std::int8_t>(round == 3 ? -127 : static_cast<int>(random() % 255) - 127);
        dot += left[i] * right[i];
        differing += static_cast<std::uint32_t>(std::popcount(static_cast<std::uint8_t>(left[i] ^ right[i])));
      }
      for (const Instructions instructions : available_instructions()) {
        const Kernels& kernels = kernels_of(instructions);
        ASSERT_EQ(kernels.code_dot(left.data(), right.data(), code_sum(right), size), dot)
            << name_of(instructions) << " of " << size;
        ASSERT_EQ(kernels.hamming(reinterpret_cast<const std::uint8_t*>(left.data()),
                                  reinterpret_cast<const std::uint8_t*>(right.data()), size),
                  differing)
            << name_of(instructions) << " of " << size;
      }
    }
  }
}

TEST(kernels, sum_floats_as_they_are_defined) {
  // Against sums in long double: what the order of summing costs is far below what a score can tell apart.
  std::mt19937_64 random(13);
  const std::vector<float> left = floats(768, random, 3);
  const std::vector<float> right = floats(768, random, 3);
  long double dot = 0;
  long double distance = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    dot += static_cast<long double>(left[i]) * static_cast<long double>(right[i]);
    const long double difference = static_cast<long double>(left[i]) - static_cast<long double>(right[i]);
    distance += difference * difference;
  }
  const Kernels& kernels = best_kernels();
  EXPECT_NEAR(static_cast<double>(dot), kernels.dot(wide(left).data(), right.data(), 768),
              1e-9 * static_cast<double>(distance));
  EXPECT_NEAR(static_cast<double>(distance), kernels.squared_distance(wide(left).data(), right.data(), 768),
              1e-9 * static_cast<double>(distance));
}

TEST(score, orders_as_the_similarity_does_and_gives_it_back) {
  const double similarities[] = {-1e300, -3e38, -2,  -1, -0.5, -1e-30, 0,    1e-45,
                                 1e-30,  0.25,  0.5, 1,  2,    3e38,   1e300};
  for (std::size_t i = 1; i < std::size(similarities); ++i) {
    EXPECT_LT(score_of(similarities[i - 1]), score_of(similarities[i])) << similarities[i];
  }
  EXPECT_EQ(score_of(-0.0), score_of(0.0));
  for (const float similarity : {-1.0F, -0.125F, 0.0F, 0.3F, 1.0F, 123456.0F}) {
    EXPECT_EQ(similarity_of(score_of(similarity)), similarity);
  }
}

TEST(nearest, keeps_the_best_by_score_and_then_by_id_in_whatever_order_they_come) {
  std::mt19937_64 random(14);
  std::vector<Hit> all;
  for (std::int64_t id = 0; id < 500; ++id) all.push_back({id, static_cast<Score>(random() % 20)});
  std::vector<Hit> sorted = all;
  std::sort(sorted.begin(), sorted.end(), is_nearer);
  for (const std::size_t size : {0U, 1U, 7U, 499U, 500U, 1000U}) {
    std::shuffle(all.begin(), all.end(), random);
    Nearest nearest(size);
    for (const Hit& hit : all) nearest.offer(hit);
    EXPECT_EQ(nearest.take(),
              std::vector<Hit>(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(
                                                                    std::min<std::size_t>(size, 500))));
  }
}

}  // namespace
}  // namespace reeve::vectors
