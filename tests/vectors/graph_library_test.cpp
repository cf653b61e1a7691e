// The graph beside the library that most others use. It is not built with sanitizers: the library reads beyond its arrays.

#include "vectors/graph.h"
#include "vectors/memory_rows.h"
#include "vectors/search.h"

#include <support/vector_sample.h>

#include <gtest/gtest.h>
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>

namespace reeve::vectors {
namespace {

std::size_t found_of(const std::vector<Hit>& truth, std::int64_t id) {
  return static_cast<std::size_t>(
      std::count_if(truth.begin(), truth.end(), [&](const Hit& hit) { return hit.id == id; }));
}

TEST(graph, finds_what_the_library_finds_with_as_many_candidates) {
  constexpr std::size_t dimensions = 96;
  testing::VectorSample sample(dimensions, 60, 22);
  MemoryRows rows(dimensions);
  for (std::int64_t id = 1; id <= 4'000; ++id) rows.put(id, sample.next(), static_cast<std::uint64_t>(id));
  Graph graph({.dimensions = dimensions});
  rows.each(Kind::code, [&](std::int64_t id, std::string_view stored) {
    graph.put(id, stored, static_cast<std::uint64_t>(id));
  });
  hnswlib::InnerProductSpace space(dimensions);
  hnswlib::HierarchicalNSW<float> library(&space, 4'000, Graph::links, 128);
  const auto unit = [](std::vector<float> vector) {
    double square = 0;
    for (const float value : vector) square += static_cast<double>(value) * static_cast<double>(value);
    for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / std::sqrt(square));
    return vector;
  };
  rows.each(Kind::vector, [&](std::int64_t id, std::string_view stored) {
    library.addPoint(unit(decode_vector(stored)).data(), static_cast<std::size_t>(id));
  });
  library.setEf(30);
  std::size_t ours = 0;
  std::size_t theirs = 0;
  for (int round = 0; round < 100; ++round) {
    const std::vector<float> vector = sample.next();
    const Query query(Metric::cosine, vector);
    const std::vector<Hit> truth = search(rows, query, {.k = 10, .path = Path::scan}).hits;
    for (const Hit& hit : search(rows, query, {.path = Path::graph, .candidates = 30}, &graph).hits) {
      ours += found_of(truth, hit.id);
    }
    for (auto found = library.searchKnn(unit(vector).data(), 10); !found.empty(); found.pop()) {
      theirs += found_of(truth, static_cast<std::int64_t>(found.top().second));
    }
  }
  EXPECT_GE(ours + 20, theirs);  // of 1,000
  EXPECT_GE(ours, 950U);
}

}  // namespace
}  // namespace reeve::vectors
