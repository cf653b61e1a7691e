#include "vectors/graph.h"

#include <fmt/format.h>

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

// This file is compiled with -ffp-contract=off, as similarity.cpp is.

namespace reeve::vectors {

namespace {

constexpr std::uint32_t base_links = 2 * Graph::links;
constexpr int level_max = 8;
static_assert(std::has_single_bit(Graph::links));

/// Of `links` rows, one is on the next level too: leading zeros of a hash of the id (splitmix64), so that no logarithm's
/// rounding and no generator's state decides.
int level_of(std::int64_t id) {
  auto bits = static_cast<std::uint64_t>(id) + 0x9e3779b97f4a7c15ULL;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  bits ^= bits >> 31;
  return std::min(level_max, std::countl_zero(bits) / std::countr_zero(Graph::links));
}

std::uint64_t key_from(Score score, std::uint32_t node) {
  const std::uint64_t ordered = static_cast<std::uint32_t>(score) ^ 0x80000000U;
  return (ordered << 32) | (0xffffffffU - node);
}
std::uint32_t node_from(std::uint64_t key) { return 0xffffffffU - static_cast<std::uint32_t>(key); }
Score score_from(std::uint64_t key) {
  return static_cast<Score>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000U);
}

void prefetch(const std::int8_t* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size; at += 64) __builtin_prefetch(bytes + at);
}

}  // namespace

struct Graph::Target {
  std::span<const std::int8_t> components;
  double factor = 0;
  double offset = 0;
  std::int32_t sum = 0;
};

/// What a walk needs, kept for the next.
struct Graph::Scratch {
  std::vector<std::uint32_t> visits;
  std::uint32_t visit = 0;
  std::vector<Key> frontier;
  std::vector<Number> next;

  void begin(std::size_t nodes) {
    if (visits.size() < nodes) visits.resize(nodes + nodes / 4, 0);
    if (++visit == 0) {
      std::fill(visits.begin(), visits.end(), 0);
      visit = 1;
    }
    frontier.clear();
  }
  bool is_first(Number node) { return std::exchange(visits[node], visit) != visit; }
};

/// A scratch of the graph's, for as long as it is in scope.
class Graph::Lease {
 public:
  explicit Lease(const Graph& graph) : graph_(graph) {
    const std::lock_guard lock(*graph_.scratch_mutex_);
    if (graph_.scratches_.empty()) {
      scratch_ = std::make_unique<Scratch>();
    } else {
      scratch_ = std::move(graph_.scratches_.back());
      graph_.scratches_.pop_back();
    }
  }
  ~Lease() {
    const std::lock_guard lock(*graph_.scratch_mutex_);
    graph_.scratches_.push_back(std::move(scratch_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Scratch& operator*() { return *scratch_; }

 private:
  const Graph& graph_;
  std::unique_ptr<Scratch> scratch_;
};

Graph::Graph(const GraphOptions& options, const Kernels& kernels)
    : options_(options), kernels_(&kernels), scratch_mutex_(std::make_unique<std::mutex>()) {
  if (options.dimensions < 1 || options.dimensions > dimensions_max || options.build_candidates < links ||
      options.build_candidates > 10'000) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("a graph of {} dimensions that looks at {} candidates", options.dimensions,
                            options.build_candidates),
                fmt::format("1 to {} dimensions, {} to 10000 candidates", dimensions_max, links));
  }
  stride_ = (options.dimensions + code_lanes - 1) / code_lanes * code_lanes;
}
Graph::~Graph() = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;

namespace {
constexpr std::size_t cache_line = 64;
constexpr std::size_t large_page = 2 * 1024 * 1024;
std::size_t alignment_of(std::size_t bytes) { return bytes >= 2 * large_page ? large_page : cache_line; }
}  // namespace

void* Graph::allocate_aligned(std::size_t bytes) {
  void* const data = ::operator new(bytes, std::align_val_t{alignment_of(bytes)});
  // A wish; whoever does not know it is slower.
  if (alignment_of(bytes) == large_page) madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

void Graph::free_aligned(void* data, std::size_t bytes) {
  ::operator delete(data, std::align_val_t{alignment_of(bytes)});
}

std::size_t Graph::memory_bytes() const {
  std::size_t bytes = codes_.capacity() + base_links_.capacity() * sizeof(Number) + ids_.capacity() * 8 +
                      (scales_.capacity() + squares_.capacity() + sums_.capacity()) * 4 +
                      (factors_.capacity() + offsets_.capacity()) * 8 + levels_.capacity() +
                      is_dead_.capacity();
  for (const std::vector<Number>& upper : upper_links_) {
    bytes += sizeof(std::vector<Number>) + upper.capacity() * sizeof(Number);
  }
  // An entry of the map is a node of its own with a pointer to it.
  return bytes + node_of_.size() * 40;
}

Graph::Target Graph::target_of(std::span<const std::int8_t> components, float scale, std::uint32_t square,
                               std::int32_t sum) const {
  const double wide_scale = scale;
  const double wide_square = square;
  switch (options_.metric) {
    case Metric::cosine: return {components, square > 0 ? 1 / std::sqrt(wide_square) : 0, 0, sum};
    case Metric::inner_product: return {components, wide_scale, 0, sum};
    case Metric::l2: return {components, 2 * wide_scale, wide_scale * wide_scale * wide_square, sum};
  }
  return {components, 0, 0, sum};
}

Graph::Target Graph::target_of(Number node) const {
  return target_of({code(node), stride_}, scales_[node], squares_[node], sums_[node]);
}

Graph::Key Graph::key_of(const Target& target, Number node) const {
  const std::int32_t dot = kernels_->code_dot(code(node), target.components.data(), target.sum, stride_);
  const double similarity =
      target.factor * factors_[node] * static_cast<double>(dot) - (target.offset + offsets_[node]);
  return key_from(score_of(similarity), node);
}

std::span<Graph::Number> Graph::links_of(Number node, int level) {
  if (level == 0) {
    return {base_links_.data() + static_cast<std::size_t>(node) * (base_links + 1), base_links + 1};
  }
  return std::span(upper_links_[node]).subspan(static_cast<std::size_t>(level - 1) * (links + 1), links + 1);
}

std::span<const Graph::Number> Graph::links_of(Number node, int level) const {
  return const_cast<Graph*>(this)->links_of(node, level);
}

Graph::Number Graph::climb_down(const Target& target, int from, int to) const {
  Key best = key_of(target, entry_);
  for (int level = from; level > to; --level) {
    for (bool moved = true; moved;) {
      moved = false;
      const std::span<const Number> near = links_of(node_from(best), level);
      for (const Number node : near.subspan(1, near[0])) {
        const Key key = key_of(target, node);
        if (key > best) {
          best = key;
          moved = true;
        }
      }
    }
  }
  return node_from(best);
}

template <typename Accepts>
std::vector<Graph::Key> Graph::reach(const Target& target, Number entry, std::size_t count, int level,
                                     const Accepts& accepts, Scratch& scratch) const {
  scratch.begin(ids_.size());
  // The farthest of the results at the front, the nearest of the frontier.
  std::vector<Key> results;
  results.reserve(count + 1);
  std::vector<Key>& frontier = scratch.frontier;
  const auto take = [&](Number node) {
    const Key key = key_of(target, node);
    if (results.size() >= count && key < results.front()) return;
    frontier.push_back(key);
    std::push_heap(frontier.begin(), frontier.end());
    if (!accepts(node)) return;
    results.push_back(key);
    std::push_heap(results.begin(), results.end(), std::greater());
    if (results.size() > count) {
      std::pop_heap(results.begin(), results.end(), std::greater());
      results.pop_back();
    }
  };
  scratch.is_first(entry);
  take(entry);
  while (!frontier.empty()) {
    const Key nearest = frontier.front();
    if (results.size() >= count && nearest < results.front()) break;
    std::pop_heap(frontier.begin(), frontier.end());
    frontier.pop_back();
    const std::span<const Number> near = links_of(node_from(nearest), level);
    scratch.next.clear();
    for (const Number node : near.subspan(1, near[0])) {
      if (scratch.is_first(node)) scratch.next.push_back(node);
    }
    const std::vector<Number>& next = scratch.next;
    if (!next.empty()) prefetch(code(next[0]), stride_);
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (i + 1 < next.size()) prefetch(code(next[i + 1]), stride_);
      take(next[i]);
    }
  }
  std::sort(results.begin(), results.end(), std::greater());
  return results;
}

std::vector<Graph::Number> Graph::select(const std::vector<Key>& near, std::size_t count) const {
  std::vector<Number> chosen;
  for (const Key key : near) {
    if (chosen.size() == count) break;
    const Number node = node_from(key);
    // Who is nearer to one that was chosen is reached through it.
    const Target target = target_of(node);
    const bool is_reached = std::any_of(chosen.begin(), chosen.end(), [&](Number other) {
      return score_from(key_of(target, other)) > score_from(key);
    });
    if (!is_reached) chosen.push_back(node);
  }
  return chosen;
}

void Graph::add_link(Number from, Number to, int level) {
  const std::span<Number> near = links_of(from, level);
  const std::uint32_t count_max = level == 0 ? base_links : links;
  if (near[0] < count_max) {
    near[++near[0]] = to;
    return;
  }
  const Target target = target_of(from);
  std::vector<Key> keys = {key_of(target, to)};
  for (const Number node : near.subspan(1, near[0])) keys.push_back(key_of(target, node));
  std::sort(keys.begin(), keys.end(), std::greater());
  const std::vector<Number> chosen = select(keys, count_max);
  near[0] = static_cast<Number>(chosen.size());
  std::copy(chosen.begin(), chosen.end(), near.begin() + 1);
}

void Graph::connect(Number node, int level, const std::vector<Number>& neighbours) {
  const std::span<Number> near = links_of(node, level);
  near[0] = static_cast<Number>(neighbours.size());
  std::copy(neighbours.begin(), neighbours.end(), near.begin() + 1);
  for (const Number neighbour : neighbours) add_link(neighbour, node, level);
}

Graph::Number Graph::append(std::int64_t id, const Code& code) {
  if (ids_.size() >= nodes_max) {
    throw Error(ErrorCode::limit_exceeded, fmt::format("a graph of {} nodes", ids_.size()),
                "keep the rows in several indexes");
  }
  const auto node = static_cast<Number>(ids_.size());
  const int level = level_of(id);
  codes_.resize(codes_.size() + stride_);
  std::copy(code.components.begin(), code.components.end(),
            codes_.end() - static_cast<std::ptrdiff_t>(stride_));
  base_links_.resize(base_links_.size() + base_links + 1);
  upper_links_.emplace_back(static_cast<std::size_t>(level) * (links + 1));
  ids_.push_back(id);
  levels_.push_back(static_cast<std::uint8_t>(level));
  is_dead_.push_back(0);
  scales_.push_back(code.scale);
  squares_.push_back(code.square);
  sums_.push_back(code_sum(code.components));
  set_weights(node);
  return node;
}

void Graph::set_weights(Number node) {
  factors_.resize(std::max<std::size_t>(factors_.size(), node + 1));
  offsets_.resize(factors_.size());
  const Target target = target_of(node);
  // The constant of the metric is in the target's factor alone.
  factors_[node] = options_.metric == Metric::l2 ? static_cast<double>(scales_[node]) : target.factor;
  offsets_[node] = target.offset;
}

void Graph::move_to(std::uint64_t sequence) {
  if (sequence < sequence_) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("an event {} behind {}, up to which the graph is true", sequence, sequence_),
                "give a graph its events in their order");
  }
  sequence_ = sequence;
}

void Graph::put(std::int64_t id, std::string_view stored, std::uint64_t sequence) {
  const Code read = read_code(stored, options_.dimensions, true);
  move_to(sequence);
  const auto known = node_of_.find(id);
  if (known != node_of_.end()) {
    const Number before = known->second;
    if (scales_[before] == read.scale &&
        std::equal(read.components.begin(), read.components.end(), code(before))) {
      return;
    }
    is_dead_[before] = 1;
  }
  const Number node = append(id, read);
  node_of_[id] = node;
  const int level = levels_[node];
  if (top_ < 0) {
    top_ = level;
    entry_ = node;
    return;
  }
  const Target target = target_of(node);
  Number entry = climb_down(target, top_, level);
  Lease scratch(*this);
  for (int at = std::min(level, top_); at >= 0; --at) {
    // The dead are ways to the living, and are linked as they are.
    const std::vector<Key> near = reach(
        target, entry, options_.build_candidates, at, [](Number) { return true; }, *scratch);
    entry = node_from(near.front());
    connect(node, at, select(near, links));
  }
  if (level > top_) {
    top_ = level;
    entry_ = node;
  }
}

bool Graph::holds(std::int64_t id, std::string_view stored) const {
  const auto known = node_of_.find(id);
  if (known == node_of_.end()) return false;
  const Code read = read_code(stored, options_.dimensions);
  return scales_[known->second] == read.scale &&
         std::equal(read.components.begin(), read.components.end(), code(known->second));
}

void Graph::erase(std::int64_t id, std::uint64_t sequence) {
  move_to(sequence);
  const auto known = node_of_.find(id);
  if (known == node_of_.end()) return;
  is_dead_[known->second] = 1;
  node_of_.erase(known);
}

void Graph::reserve(std::size_t nodes) {
  codes_.reserve(nodes * stride_);
  base_links_.reserve(nodes * (base_links + 1));
  upper_links_.reserve(nodes);
  ids_.reserve(nodes);
  scales_.reserve(nodes);
  squares_.reserve(nodes);
  sums_.reserve(nodes);
  factors_.reserve(nodes);
  offsets_.reserve(nodes);
  levels_.reserve(nodes);
  is_dead_.reserve(nodes);
  node_of_.reserve(nodes);
}

void Graph::advance(std::uint64_t sequence) { move_to(sequence); }

std::vector<Hit> Graph::propose(const Query& query, std::size_t count,
                                const std::function<bool(std::int64_t id)>& accepts) const {
  ensure(query.metric() == options_.metric && query.dimensions() == options_.dimensions,
         "a graph is asked by its own metric and dimensions");
  std::vector<Hit> hits;
  if (top_ < 0 || count == 0) return hits;
  const Code asked = read_code(query.code(), options_.dimensions);
  std::vector<std::int8_t, Aligned<std::int8_t>> padded(stride_);
  std::copy(asked.components.begin(), asked.components.end(), padded.begin());
  const Target target =
      target_of({padded.data(), stride_}, asked.scale, asked.square, code_sum(asked.components));
  const Number entry = climb_down(target, top_, 0);
  Lease scratch(*this);
  const std::vector<Key> keys =
      accepts ? reach(
                    target, entry, count, 0,
                    [&](Number node) { return is_dead_[node] == 0 && accepts(ids_[node]); }, *scratch)
              : reach(
                    target, entry, count, 0, [&](Number node) { return is_dead_[node] == 0; }, *scratch);
  hits.reserve(keys.size());
  for (const Key key : keys) hits.push_back({ids_[node_from(key)], score_from(key)});
  return hits;
}

Graph build_graph(RowSet& rows, const GraphOptions& options, const Kernels& kernels) {
  if (!rows.keeps(Kind::code)) {
    throw Error(ErrorCode::invalid_input, "a graph of rows that keep no codes",
                "keep codes beside the vectors");
  }
  Graph graph(options, kernels);
  std::vector<std::pair<std::int64_t, std::string>> codes;
  codes.reserve(rows.count());
  rows.each(Kind::code, [&](std::int64_t id, std::string_view stored) { codes.emplace_back(id, stored); });
  std::sort(codes.begin(), codes.end());
  graph.reserve(codes.size());
  for (const auto& [id, stored] : codes) graph.put(id, stored, 0);
  graph.advance(rows.sequence());
  return graph;
}

}  // namespace reeve::vectors
