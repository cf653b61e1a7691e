#include "vectors/graph.h"

#include "vectors/memory_rows.h"
#include "vectors/search.h"

#include <support/vector_sample.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace reeve::vectors {
namespace {

using testing::VectorSample;

std::set<std::int64_t> ids_of(const std::vector<Hit>& hits) {
  std::set<std::int64_t> ids;
  for (const Hit& hit : hits) ids.insert(hit.id);
  return ids;
}

double recall(const std::vector<Hit>& found, const std::vector<Hit>& truth) {
  const std::set<std::int64_t> ids = ids_of(found);
  return static_cast<double>(std::count_if(truth.begin(), truth.end(),
                                           [&](const Hit& hit) { return ids.contains(hit.id); })) /
         static_cast<double>(truth.size());
}

struct World {
  World(std::size_t dimensions, std::size_t clusters, std::uint64_t seed, std::int64_t count)
      : sample(dimensions, clusters, seed), rows(dimensions) {
    for (std::int64_t id = 1; id <= count; ++id) rows.put(id, sample.next(), static_cast<std::uint64_t>(id));
  }
  VectorSample sample;
  MemoryRows rows;
};

TEST(graph, finds_nearly_all_by_every_metric) {
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    World world(96, 60, 21, 2'000);
    const Graph graph = build_graph(world.rows, {.metric = metric, .dimensions = 96});
    double found = 0;
    constexpr int rounds = 50;
    for (int round = 0; round < rounds; ++round) {
      const Query query(metric, world.sample.next());
      const std::vector<Hit> truth = search(world.rows, query, {.k = 10, .path = Path::scan}).hits;
      const Answer answer = search(world.rows, query, {.k = 10, .path = Path::graph}, &graph);
      EXPECT_FALSE(answer.explanation.is_exact);
      found += recall(answer.hits, truth);
    }
    EXPECT_GE(found / rounds, 0.95) << name_of(metric);
  }
}

TEST(graph, proposes_the_same_in_all_instructions) {
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    World world(96, 60, 20, 400);
    const Graph best = build_graph(world.rows, {.metric = metric, .dimensions = 96});
    for (const Instructions instructions : available_instructions()) {
      const Kernels& kernels = kernels_of(instructions);
      const Graph graph = build_graph(world.rows, best.options(), kernels);
      for (int round = 0; round < 20; ++round) {
        const std::vector<float> vector = world.sample.next();
        EXPECT_EQ(graph.propose(Query(metric, vector, kernels), 40), best.propose(Query(metric, vector), 40))
            << name_of(metric) << " " << name_of(instructions);
      }
    }
  }
}

TEST(graph, for_a_hundred_rows_finds_nearly_all_too) {
  World world(96, 20, 28, 3'000);
  const Graph graph = build_graph(world.rows, {.dimensions = 96});
  double found = 0;
  for (int round = 0; round < 20; ++round) {
    const Query query(Metric::cosine, world.sample.next());
    const std::vector<Hit> truth = search(world.rows, query, {.k = 100, .path = Path::scan}).hits;
    found += recall(search(world.rows, query, {.k = 100, .path = Path::graph}, &graph).hits, truth);
  }
  EXPECT_GE(found / 20, 0.95);
}

TEST(graph, is_asked_by_several_threads_at_once) {
  World world(64, 10, 29, 1'500);
  const Graph graph = build_graph(world.rows, {.dimensions = 64});
  std::vector<Query> queries;
  std::vector<std::vector<Hit>> expected;
  for (int i = 0; i < 30; ++i) {
    queries.emplace_back(Metric::cosine, world.sample.next());
    expected.push_back(graph.propose(queries.back(), 30));
  }
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 10 * queries.size(); ++i) {
        if (graph.propose(queries[i % queries.size()], 30) != expected[i % queries.size()]) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(graph, with_a_filter_proposes_what_it_accepts) {
  World world(64, 20, 23, 3'000);
  const Graph graph = build_graph(world.rows, {.dimensions = 64});
  for (int round = 0; round < 20; ++round) {
    const Query query(Metric::cosine, world.sample.next());
    const auto accepts = [](std::int64_t id) { return id % 10 == 3; };
    Nearest truth(10);
    world.rows.each(Kind::code, [&](std::int64_t id, std::string_view stored) {
      if (accepts(id)) truth.offer({id, query.by_code(stored)});
    });
    const std::vector<Hit> proposed = graph.propose(query, 64, accepts);
    EXPECT_GE(proposed.size(), 60U);
    for (const Hit& hit : proposed) EXPECT_TRUE(accepts(hit.id));
    EXPECT_GE(recall(proposed, truth.take()), 0.9);
  }
  EXPECT_TRUE(
      graph.propose(Query(Metric::cosine, world.sample.next()), 10, [](std::int64_t) { return false; })
          .empty());
}

TEST(graph, among_random_changes_proposes_no_dead_row_and_search_finds_nearly_all) {
  World world(48, 12, 24, 0);
  Graph graph({.dimensions = 48, .build_candidates = 64});
  double found = 0;
  int asked = 0;
  for (std::uint64_t sequence = 1; sequence <= 6'000; ++sequence) {
    const auto id = static_cast<std::int64_t>(world.sample.number() % 1'500) - 700;
    if (world.sample.number() % 4 == 0) {
      world.rows.erase(id, sequence);
      graph.erase(id, sequence);
    } else {
      world.rows.put(id, world.sample.next(), sequence);
      graph.put(id, world.rows.stored(id, Kind::code), sequence);
    }
    if (graph.is_worn()) graph = build_graph(world.rows, graph.options());
    ASSERT_EQ(graph.live(), world.rows.count());
    if (sequence % 50 != 0) continue;
    const Query query(Metric::cosine, world.sample.next());
    for (const Hit& hit : graph.propose(query, 30)) ASSERT_TRUE(world.rows.has(hit.id));
    const std::vector<Hit> truth = search(world.rows, query, {.k = 10, .path = Path::scan}).hits;
    const std::vector<Hit> hits = search(world.rows, query, {.k = 10, .path = Path::graph}, &graph).hits;
    ASSERT_EQ(hits.size(), truth.size());
    for (const Hit& hit : hits) ASSERT_EQ(hit.score, query.exact(world.rows.stored(hit.id, Kind::vector)));
    found += recall(hits, truth);
    ++asked;
  }
  EXPECT_GE(found / asked, 0.95);
}

TEST(graph, that_is_behind_is_searched_with_the_rows_that_it_does_not_know) {
  World world(48, 12, 25, 2'000);
  const Graph graph = build_graph(world.rows, {.dimensions = 48});
  // Rows are inserted, changed and erased; the graph hears nothing of it.
  std::uint64_t sequence = 2'000;
  for (std::int64_t id = 1; id <= 300; ++id) world.rows.erase(id, ++sequence);
  for (std::int64_t id = 301; id <= 400; ++id) world.rows.put(id, world.sample.next(), ++sequence);
  for (std::int64_t id = 5'001; id <= 5'200; ++id) world.rows.put(id, world.sample.next(), ++sequence);
  double found = 0;
  for (int round = 0; round < 30; ++round) {
    const std::vector<float> vector =
        round == 0 ? decode_vector(world.rows.stored(5'007, Kind::vector)) : world.sample.next();
    const Query query(Metric::cosine, vector);
    const std::vector<Hit> truth = search(world.rows, query, {.k = 10, .path = Path::scan}).hits;
    const Answer answer = search(world.rows, query, {.k = 10, .path = Path::graph}, &graph);
    EXPECT_EQ(answer.explanation.tail, 300U);
    EXPECT_EQ(ids_of(answer.hits).size(), 10U);
    for (const Hit& hit : answer.hits) EXPECT_TRUE(world.rows.has(hit.id));
    if (round == 0) {
      EXPECT_EQ(answer.hits[0].id, 5'007);
    }
    found += recall(answer.hits, truth);
  }
  EXPECT_GE(found / 30, 0.95);
}

/// The rows of a filter, of which the graph knows nothing.
class Filtered final : public RowSet {
 public:
  Filtered(MemoryRows& rows, std::int64_t modulus) : rows_(rows), modulus_(modulus) {}
  std::uint64_t count() override {
    std::uint64_t count = 0;
    each(Kind::signature, [&](std::int64_t, std::string_view) { ++count; });
    return count;
  }
  void each(Kind kind, const Visit& visit) override { rows_.each(kind, chosen(visit)); }
  void each_of(std::span<const std::int64_t> ids, const Visit& visit) override {
    rows_.each_of(ids, chosen(visit));
  }
  void each_after(std::uint64_t sequence, const Visit& visit) override {
    rows_.each_after(sequence, chosen(visit));
  }
  std::uint64_t sequence() override { return rows_.sequence(); }
  bool keeps(Kind) override { return true; }

 private:
  Visit chosen(const Visit& visit) const {
    return [&visit, this](std::int64_t id, std::string_view stored) {
      if (id % modulus_ == 0) visit(id, stored);
    };
  }
  MemoryRows& rows_;
  std::int64_t modulus_;
};

TEST(graph, that_is_behind_finds_the_near_rows_of_a_filter_too) {
  World world(48, 12, 29, 4'000);
  const Graph graph = build_graph(world.rows, {.dimensions = 48});
  std::uint64_t sequence = 4'000;
  for (std::int64_t id = 5'001; id <= 5'400; ++id) world.rows.put(id, world.sample.next(), ++sequence);
  Filtered few(world.rows, 4);
  double found = 0;
  for (int round = 0; round < 30; ++round) {
    const Query query(Metric::cosine, world.sample.next());
    const std::vector<Hit> truth = search(few, query, {.k = 10, .path = Path::scan}).hits;
    const Answer answer = search(few, query, {.k = 10, .path = Path::graph}, &graph);
    EXPECT_EQ(answer.explanation.tail, 100U);
    found += recall(answer.hits, truth);
  }
  EXPECT_GE(found / 30, 0.95);
}

TEST(graph, asked_for_rows_of_a_filter_gives_k_whenever_there_are_k) {
  World world(48, 12, 26, 3'000);
  const Graph graph = build_graph(world.rows, {.dimensions = 48});
  for (const std::int64_t modulus : {2, 10, 100, 700, 5'000}) {
    Filtered rows(world.rows, modulus);
    double found = 0;
    for (int round = 0; round < 10; ++round) {
      const Query query(Metric::cosine, world.sample.next());
      const std::vector<Hit> truth = search(rows, query, {.k = 10, .path = Path::scan}).hits;
      const Answer answer = search(rows, query, {.k = 10, .path = Path::graph}, &graph);
      ASSERT_EQ(answer.hits.size(), std::min<std::uint64_t>(10, rows.count()))
          << answer.explanation.to_string();
      found += truth.empty() ? 1 : recall(answer.hits, truth);
    }
    EXPECT_GE(found / 10, 0.95) << modulus;
  }
}

TEST(graph, of_equal_and_zero_vectors_gives_k) {
  MemoryRows rows(16);
  const std::vector<float> same(16, 0.5F);
  for (std::int64_t id = 1; id <= 1'500; ++id) rows.put(id, same, static_cast<std::uint64_t>(id));
  for (std::int64_t id = 1'501; id <= 1'600; ++id)
    rows.put(id, std::vector<float>(16, 0.0F), static_cast<std::uint64_t>(id));
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    const Graph graph = build_graph(rows, {.metric = metric, .dimensions = 16});
    for (const std::size_t k : {1U, 10U, 200U, 1'600U, 2'000U}) {
      const Answer answer = search(rows, Query(metric, same), {.k = k, .path = Path::graph}, &graph);
      EXPECT_EQ(answer.hits.size(), std::min<std::size_t>(k, 1'600))
          << name_of(metric) << " " << answer.explanation.to_string();
    }
  }
}

TEST(graph, that_does_not_suit_the_rows_is_not_asked_and_the_answer_says_why) {
  World world(256, 30, 27, 20'100);
  Graph graph({.dimensions = 256, .build_candidates = 16});
  const Query query(Metric::cosine, world.sample.next());
  const auto reason = [&](const Graph& of) { return search(world.rows, query, {}, &of).explanation; };
  EXPECT_EQ(reason(graph).reason, "more than 8000 rows; the graph is too far behind");
  graph.advance(20'100);
  const Explanation short_of = reason(graph);
  EXPECT_EQ(short_of.reason, "the graph did not reach enough rows");
  EXPECT_EQ(short_of.path, Path::codes);
  graph.advance(20'101);
  EXPECT_EQ(reason(graph).reason, "more than 8000 rows; the graph is ahead of what is shown");
  EXPECT_EQ(reason(Graph({.metric = Metric::l2, .dimensions = 256})).reason,
            "more than 8000 rows; the graph is of another metric or of other dimensions");
  EXPECT_THROW(search(world.rows, query, {.path = Path::graph}, &graph), Error);
  EXPECT_THROW(search(world.rows, query, {.path = Path::graph}), Error);
}

TEST(graph, refuses_what_is_no_code_events_out_of_order_and_odd_options) {
  Graph graph({.dimensions = 4});
  const std::string code = encode_code(std::vector<float>{1, 2, 3, 4});
  graph.put(1, code, 5);
  EXPECT_THROW(graph.put(2, code, 4), Error);
  EXPECT_THROW(graph.erase(1, 4), Error);
  EXPECT_THROW(graph.put(2, code.substr(1), 6), Error);
  std::string changed = code;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_THROW(graph.put(2, changed, 6), Error);
  EXPECT_EQ(graph.sequence(), 5U);
  EXPECT_EQ(graph.live(), 1U);
  EXPECT_EQ(graph.dead(), 0U);
  graph.put(1, code, 7);  // the same vector again is no new node
  EXPECT_EQ(graph.dead(), 0U);
  EXPECT_EQ(graph.sequence(), 7U);
  for (const GraphOptions& options : {GraphOptions{.dimensions = 0}, GraphOptions{.dimensions = 4097},
                                      GraphOptions{.dimensions = 4, .build_candidates = 1}}) {
    EXPECT_THROW(Graph{options}, Error);
  }
}

}  // namespace
}  // namespace reeve::vectors
