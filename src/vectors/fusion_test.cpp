#include "vectors/fusion.h"

#include <gmock/gmock.h>

#include <limits>

namespace reeve::vectors {
namespace {

using ::testing::ElementsAre;

std::vector<std::int64_t> ids_of(const std::vector<Fused>& all) {
  std::vector<std::int64_t> ids;
  for (const Fused& fused : all) ids.push_back(fused.id);
  return ids;
}

const std::vector<Ranked> words = {{1, 9.5}, {2, 9.0}, {3, 1.0}};
const std::vector<Ranked> vectors = {{3, 0.9}, {4, 0.8}, {1, 0.1}};

TEST(fusion, by_rank_is_what_the_paper_says) {
  const std::vector<Fused> fused =
      fuse(words, vectors, Fusion::reciprocal_rank, {.words = 1000, .vectors = 1000});
  // 1/61 + 1/63, 1/61 + 1/63 again, 1/62 and 1/62: equal scores go by id.
  EXPECT_THAT(ids_of(fused), ElementsAre(1, 3, 2, 4));
  EXPECT_EQ(fused[0], (Fused{1, std::int64_t{1000} * (1'000'000'000 / 61 + 1'000'000'000 / 63), 1, 3}));
  EXPECT_EQ(fused[0].score, fused[1].score);
  EXPECT_EQ(fused[3], (Fused{4, std::int64_t{1000} * (1'000'000'000 / 62), 0, 2}));
}

TEST(fusion, with_a_small_weight_of_vectors_keeps_the_order_of_words_and_breaks_its_ties) {
  const std::vector<Fused> fused = fuse(words, vectors, Fusion::reciprocal_rank, FusionWeights{});
  EXPECT_THAT(ids_of(fused), ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(ids_of(fuse(words, vectors, Fusion::reciprocal_rank, {.words = 1000, .vectors = 0})),
              ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ids_of(fuse(words, {}, Fusion::reciprocal_rank, {})), ElementsAre(1, 2, 3));
  EXPECT_TRUE(fuse({}, {}, Fusion::reciprocal_rank, {}).empty());
}

TEST(fusion, by_scores_stretches_each_list) {
  const std::vector<Fused> fused =
      fuse(words, vectors, Fusion::weighted_scores, {.words = 1000, .vectors = 1000});
  EXPECT_THAT(ids_of(fused), ElementsAre(1, 3, 2, 4));
  EXPECT_EQ(fused[0].score, 1'000'000'000);  // best and worst
  EXPECT_EQ(fused[2].score, 941'176'000);    // 8 of 8.5
  EXPECT_EQ(fused[3].score, 875'000'000);    // 0.7 of 0.8
  const std::vector<Ranked> equal = {{8, 3.0}, {7, 3.0}};
  EXPECT_THAT(ids_of(fuse(equal, {}, Fusion::weighted_scores, {})), ElementsAre(7, 8));
  const double most = std::numeric_limits<double>::max();
  const std::vector<Ranked> wide = {{1, most}, {2, 0}, {3, -most}};
  EXPECT_THAT(ids_of(fuse(wide, {}, Fusion::weighted_scores, {})), ElementsAre(1, 2, 3));
}

TEST(fusion, counts_an_id_that_a_list_has_twice_once) {
  const std::vector<Ranked> twice = {{1, 3}, {2, 2}, {1, 1}};
  const std::vector<Fused> fused = fuse(twice, {}, Fusion::reciprocal_rank, {});
  EXPECT_EQ(fused.size(), 2U);
  EXPECT_EQ(fused[0], (Fused{1, std::int64_t{1000} * (1'000'000'000 / 61), 1, 0}));
}

TEST(fusion, refuses_odd_weights_and_scores) {
  EXPECT_THROW(fuse(words, vectors, Fusion::reciprocal_rank, {.words = -1}), Error);
  EXPECT_THROW(fuse(words, vectors, Fusion::reciprocal_rank, {.vectors = 1'000'001}), Error);
  const std::vector<Ranked> odd = {{1, std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_THROW(fuse(odd, {}, Fusion::weighted_scores, {}), Error);
}

TEST(fusion, weighs_weak_vectors_little) {
  EXPECT_EQ(weights_for({.name = "lexical", .version = "1", .dimensions = 512, .is_semantic = false}).vectors,
            200);
  EXPECT_EQ(
      weights_for({.name = "use-lite-en", .version = "1", .dimensions = 512, .is_semantic = true}).vectors,
      200);
  EXPECT_EQ(weights_for({.name = "large", .version = "1", .dimensions = 512, .is_semantic = true}).vectors,
            1000);
}

}  // namespace
}  // namespace reeve::vectors
