#include "vectors/search.h"

#include "vectors/memory_rows.h"

#include <support/vector_sample.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

namespace reeve::vectors {
namespace {

using testing::VectorSample;

MemoryRows make_rows(VectorSample& sample, std::size_t dimensions, std::int64_t count) {
  MemoryRows rows(dimensions);
  for (std::int64_t id = 1; id <= count; ++id) rows.put(id, sample.next(), static_cast<std::uint64_t>(id));
  return rows;
}

/// The similarity as a textbook writes it, in long double.
long double similarity(Metric metric, const std::vector<float>& left, const std::vector<float>& right) {
  long double dot = 0;
  long double squares[2] = {};
  long double distance = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const long double one = left[i];
    const long double two = right[i];
    dot += one * two;
    squares[0] += one * one;
    squares[1] += two * two;
    distance += (one - two) * (one - two);
  }
  if (metric == Metric::inner_product) return dot;
  if (metric == Metric::l2) return -distance;
  return squares[0] > 0 && squares[1] > 0 ? dot / std::sqrt(squares[0] * squares[1]) : 0;
}

/// All rows, sorted by what `similarity` says and the score makes of it.
std::vector<Hit> brute_force(MemoryRows& rows, Metric metric, const std::vector<float>& query,
                             std::size_t k) {
  std::vector<Hit> all;
  rows.each(Kind::vector, [&](std::int64_t id, std::string_view stored) {
    all.push_back({id, score_of(static_cast<double>(similarity(metric, query, decode_vector(stored))))});
  });
  std::sort(all.begin(), all.end(), is_nearer);
  all.resize(std::min(all.size(), k));
  return all;
}

double recall(const std::vector<Hit>& found, const std::vector<Hit>& truth) {
  std::set<std::int64_t> ids;
  for (const Hit& hit : truth) ids.insert(hit.id);
  return static_cast<double>(std::count_if(found.begin(), found.end(),
                                           [&](const Hit& hit) { return ids.contains(hit.id); })) /
         static_cast<double>(truth.size());
}

TEST(search, by_scan_is_brute_force_for_every_metric_and_all_instructions) {
  VectorSample sample(100, 8, 1);
  MemoryRows rows = make_rows(sample, 100, 700);
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    for (int round = 0; round < 5; ++round) {
      const std::vector<float> query = sample.next();
      const std::vector<Hit> truth = brute_force(rows, metric, query, 10);
      for (const Instructions instructions : available_instructions()) {
        const Answer answer = search(rows, Query(metric, query, kernels_of(instructions)), {.k = 10});
        EXPECT_EQ(answer.hits, truth) << name_of(metric) << " " << name_of(instructions);
        EXPECT_TRUE(answer.explanation.is_exact);
        EXPECT_EQ(answer.explanation.path, Path::scan);
      }
    }
  }
}

TEST(search, by_candidates_finds_nearly_all_and_the_same_in_all_instructions) {
  constexpr std::size_t dimensions = 256;
  VectorSample sample(dimensions, 40, 2);
  MemoryRows rows = make_rows(sample, dimensions, 9'000);
  const std::pair<Path, Metric> cases[] = {{Path::sieve, Metric::cosine},
                                           {Path::codes, Metric::cosine},
                                           {Path::codes, Metric::inner_product},
                                           {Path::codes, Metric::l2}};
  for (const auto& [path, metric] : cases) {
    double found = 0;
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<float> vector = sample.next();
      const Query query(metric, vector);
      const Answer truth = search(rows, query, {.k = 10, .path = Path::scan});
      const Answer answer = search(rows, query, {.k = 10, .path = path});
      EXPECT_FALSE(answer.explanation.is_exact);
      EXPECT_EQ(answer.hits.size(), 10U);
      found += recall(answer.hits, truth.hits);
      for (const Instructions instructions : available_instructions()) {
        EXPECT_EQ(search(rows, Query(metric, vector, kernels_of(instructions)), {.k = 10, .path = path}).hits,
                  answer.hits);
      }
    }
    EXPECT_GE(found / rounds, 0.95) << name_of(path) << " " << name_of(metric);
  }
}

TEST(search, for_a_hundred_rows_finds_nearly_all_too) {
  VectorSample sample(256, 40, 7);
  MemoryRows rows = make_rows(sample, 256, 9'000);
  for (const Path path : {Path::sieve, Path::codes}) {
    double found = 0;
    for (int round = 0; round < 10; ++round) {
      const Query query(Metric::cosine, sample.next());
      const Answer truth = search(rows, query, {.k = 100, .path = Path::scan});
      found += recall(search(rows, query, {.k = 100, .path = path}).hits, truth.hits);
    }
    EXPECT_GE(found / 10, 0.95) << name_of(path);
  }
}

TEST(search, takes_the_path_that_suits_the_rows_and_says_why) {
  VectorSample sample(256, 4, 3);
  MemoryRows rows = make_rows(sample, 256, 8'000);
  const std::vector<float> vector = sample.next();
  EXPECT_EQ(search(rows, Query(Metric::cosine, vector), {}).explanation.to_string(),
            "exact, scan: 8000 candidates of 8000 rows; up to 8000 rows every vector is looked at");
  rows.put(8'001, sample.next(), 8'001);
  EXPECT_EQ(search(rows, Query(Metric::cosine, vector), {}).explanation.to_string(),
            "approximate, sieve: 400 candidates of 8001 rows; more than 8000 rows");
  EXPECT_EQ(search(rows, Query(Metric::l2, vector), {}).explanation.path, Path::codes);
}

TEST(search, gives_k_rows_whenever_there_are_k_and_all_when_there_are_fewer) {
  VectorSample sample(64, 3, 4);
  MemoryRows rows = make_rows(sample, 64, 50);
  const Query query(Metric::cosine, sample.next());
  for (const Path path : {Path::scan, Path::sieve, Path::codes}) {
    for (const std::size_t k : {1U, 49U, 50U, 51U, 10'000U}) {
      const Answer answer = search(rows, query, {.k = k, .path = path, .candidates = 1});
      EXPECT_EQ(answer.hits.size(), std::min<std::size_t>(k, 50)) << name_of(path);
    }
  }
  MemoryRows none(64);
  EXPECT_TRUE(search(none, query, {}).hits.empty());
}

TEST(search, orders_duplicates_by_id_and_gives_zero_vectors_the_similarity_zero) {
  MemoryRows rows(3);
  const std::vector<float> same = {1, 2, 3};
  for (const std::int64_t id : {9, 3, 7, -4, 5}) rows.put(id, same, 1);
  rows.put(100, std::vector<float>{0, 0, 0}, 2);
  rows.put(101, std::vector<float>{-1, -2, -3}, 2);
  for (const Path path : {Path::scan, Path::sieve, Path::codes}) {
    const std::vector<Hit> hits = search(rows, Query(Metric::cosine, same), {.k = 7, .path = path}).hits;
    std::vector<std::int64_t> ids;
    for (const Hit& hit : hits) ids.push_back(hit.id);
    EXPECT_THAT(ids, ::testing::ElementsAre(-4, 3, 5, 7, 9, 100, 101)) << name_of(path);
    EXPECT_EQ(similarity_of(hits[0].score), 1.0F);
    EXPECT_EQ(similarity_of(hits[5].score), 0.0F);
    EXPECT_EQ(similarity_of(hits[6].score), -1.0F);
  }
  // A zero vector is near to nothing: everything has the same score, and the ids decide.
  const std::vector<Hit> hits =
      search(rows, Query(Metric::cosine, std::vector<float>{0, 0, 0}), {.k = 2}).hits;
  EXPECT_THAT(hits, ::testing::ElementsAre(Hit{-4, 0}, Hit{3, 0}));
}

TEST(search, of_the_largest_and_smallest_numbers_is_no_fault) {
  const float largest = std::numeric_limits<float>::max();
  const float smallest = std::numeric_limits<float>::denorm_min();
  MemoryRows rows(2);
  rows.put(1, std::vector<float>{largest, largest}, 1);
  rows.put(2, std::vector<float>{-largest, largest}, 1);
  rows.put(3, std::vector<float>{smallest, 0}, 1);
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    for (const std::vector<float>& vector :
         {std::vector<float>{largest, largest}, std::vector<float>{smallest, smallest}}) {
      EXPECT_EQ(search(rows, Query(metric, vector), {.k = 3}).hits.size(), 3U);
      EXPECT_EQ(search(rows, Query(metric, vector), {.k = 3, .path = Path::codes}).hits.size(), 3U);
    }
  }
  EXPECT_EQ(search(rows, Query(Metric::cosine, std::vector<float>{smallest, 0}), {.k = 1}).hits[0].id, 3);
}

TEST(search, refuses_what_it_can_not_do) {
  VectorSample sample(16, 2, 5);
  MemoryRows rows = make_rows(sample, 16, 20);
  const Query query(Metric::cosine, sample.next());
  const auto code_of = [](const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  EXPECT_EQ(code_of([&] { search(rows, query, {.k = 0}); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { search(rows, query, {.k = k_max + 1}); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { search(rows, Query(Metric::l2, sample.next()), {.path = Path::sieve}); }),
            ErrorCode::invalid_input);
  // Rows of other dimensions than the query's: a model was changed and the rows are stale.
  EXPECT_EQ(code_of([&] { search(rows, Query(Metric::cosine, std::vector<float>(17, 1.0F)), {}); }),
            ErrorCode::corrupt);
  EXPECT_EQ(code_of([&] {
              Query(Metric::cosine, std::vector<float>{1, std::numeric_limits<float>::quiet_NaN()});
            }),
            ErrorCode::invalid_input);
}

TEST(search, finds_a_vector_that_is_not_finite_wherever_it_lies) {
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    for (const Instructions instructions : available_instructions()) {
      for (std::size_t at = 0; at < 70; ++at) {
        for (const float bad :
             {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
          std::vector<float> asked(70, 0.0F);
          asked[69] = 1;
          std::string bytes = encode_vector(std::vector<float>(70, 1.0F));
          std::memcpy(bytes.data() + header_bytes + at * sizeof(float), &bad, sizeof bad);
          EXPECT_THROW(Query(metric, asked, kernels_of(instructions)).exact(bytes), Error)
              << name_of(metric) << " " << at;
        }
      }
    }
  }
}

TEST(memory_rows, show_what_was_put_and_not_what_was_erased) {
  VectorSample sample(8, 2, 6);
  MemoryRows rows(8);
  std::map<std::int64_t, std::vector<float>> model;
  for (std::uint64_t sequence = 1; sequence <= 3'000; ++sequence) {
    const auto id = static_cast<std::int64_t>(sample.number() % 200);
    if (sample.number() % 3 == 0) {
      rows.erase(id, sequence);
      model.erase(id);
    } else {
      model[id] = sample.next();
      rows.put(id, model[id], sequence);
    }
  }
  ASSERT_EQ(rows.count(), model.size());
  std::map<std::int64_t, std::vector<float>> seen;
  rows.each(Kind::vector,
            [&](std::int64_t id, std::string_view stored) { seen[id] = decode_vector(stored); });
  EXPECT_EQ(seen, model);
  EXPECT_THROW(rows.put(1, std::vector<float>(9, 1.0F), 3'001), Error);
}

}  // namespace
}  // namespace reeve::vectors
