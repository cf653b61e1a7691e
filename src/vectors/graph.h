#pragma once
// A graph of near neighbours: HNSW (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
// Hierarchical Navigable Small World graphs", 2016, algorithms 1, 2, 4 and 5) over 8-bit codes. It proposes candidates;
// their rows say whether they exist and how near they are.

#include "vectors/row_set.h"
#include "vectors/similarity.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reeve::vectors {

/// How a graph is made; part of what its file says.
struct GraphOptions {
  Metric metric = Metric::cosine;
  std::size_t dimensions = 0;            ///< 1 to dimensions_max
  std::uint32_t build_candidates = 128;  ///< how widely an insertion looks for neighbours; 16 to 10,000
  bool operator==(const GraphOptions&) const = default;
};

/// The same calls of put and erase in the same order make the same graph, on every machine: levels come from a hash of the
/// id, and distances are computed as docs/vectors.md says. Searches may run beside each other, but not beside a change.
class Graph {
 public:
  /// Links of a node on its upper levels; twice as many on the lowest.
  static constexpr std::uint32_t links = 16;
  static constexpr std::uint32_t nodes_max = 0x7fffffff;

  /// Throws Error invalid_input for options out of their bounds.
  explicit Graph(const GraphOptions& options, const Kernels& kernels = best_kernels());
  ~Graph();
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;

  const GraphOptions& options() const { return options_; }
  /// Up to which event the graph is true.
  std::uint64_t sequence() const { return sequence_; }
  /// Rows that it proposes, and nodes that are only a way to others: of erased rows and of vectors of before.
  std::size_t live() const { return node_of_.size(); }
  std::size_t dead() const { return ids_.size() - node_of_.size(); }
  /// Whether so many nodes are dead that it should be built anew.
  bool is_worn() const { return dead() > 1000 && dead() > live() / 2; }
  std::size_t memory_bytes() const;

  /// Inserts a row, or gives it another vector, by an event. `code` is the stored bytes of a code. Throws Error corrupt when
  /// it is none, invalid_input when the sequence is smaller than the graph's, limit_exceeded at nodes_max.
  void put(std::int64_t id, std::string_view code, std::uint64_t sequence);
  /// An id that is not there is passed over.
  void erase(std::int64_t id, std::uint64_t sequence);
  /// Makes room for so many nodes at once.
  void reserve(std::size_t nodes);
  /// Nothing that concerns the graph happened up to this event.
  void advance(std::uint64_t sequence);
  bool has(std::int64_t id) const { return node_of_.contains(id); }
  /// Whether it has the row with the vector of these stored bytes of a code.
  bool holds(std::int64_t id, std::string_view code) const;

  /// Rows near to the query, the nearest first, by their codes: at most `count`. `accepts`, when there is one, says which
  /// rows are wanted; the others are only passed through. Fewer come back when fewer are wanted, or reachable.
  /// Precondition: the query's metric and dimensions are the graph's.
  std::vector<Hit> propose(const Query& query, std::size_t count,
                           const std::function<bool(std::int64_t id)>& accepts = {}) const;

 private:
  friend class GraphWriter;
  friend class GraphReader;
  struct Scratch;
  class Lease;
  using Number = std::uint32_t;
  /// Score and node in one integer: greater is nearer, and of equal scores the smaller node.
  using Key = std::uint64_t;
  struct Target;

  Target target_of(std::span<const std::int8_t> components, float scale, std::uint32_t square,
                   std::int32_t sum) const;
  Target target_of(Number node) const;
  Key key_of(const Target& target, Number node) const;
  const std::int8_t* code(Number node) const {
    return codes_.data() + static_cast<std::size_t>(node) * stride_;
  }
  std::span<Number> links_of(Number node, int level);
  std::span<const Number> links_of(Number node, int level) const;
  Number climb_down(const Target& target, int from, int to) const;
  /// The `count` nearest that are reached from `entry` on a level, the nearest first.
  template <typename Accepts>
  std::vector<Key> reach(const Target& target, Number entry, std::size_t count, int level,
                         const Accepts& accepts, Scratch& scratch) const;
  std::vector<Number> select(const std::vector<Key>& near, std::size_t count) const;
  void connect(Number node, int level, const std::vector<Number>& neighbours);
  void add_link(Number from, Number to, int level);
  Number append(std::int64_t id, const Code& code);
  /// From scale and square, what similarities are computed of.
  void set_weights(Number node);
  void move_to(std::uint64_t sequence);

  /// On a cache line; large ones on large pages where the system has them: walks jump about in them.
  static void* allocate_aligned(std::size_t bytes);
  static void free_aligned(void* data, std::size_t bytes);
  template <typename T>
  struct Aligned {
    using value_type = T;
    Aligned() = default;
    template <typename U>
    Aligned(const Aligned<U>&) {}
    T* allocate(std::size_t count) { return static_cast<T*>(allocate_aligned(count * sizeof(T))); }
    void deallocate(T* data, std::size_t count) { free_aligned(data, count * sizeof(T)); }
    bool operator==(const Aligned&) const { return true; }
  };

  GraphOptions options_;
  const Kernels* kernels_;
  std::size_t stride_ = 0;  // bytes of a code, up to a multiple of code_lanes
  std::uint64_t sequence_ = 0;
  Number entry_ = 0;
  int top_ = -1;  // the entry's level

  // By node.
  std::vector<std::int64_t> ids_;
  std::vector<float> scales_;
  std::vector<std::uint32_t> squares_;
  std::vector<std::int32_t> sums_;  // of the code
  std::vector<double> factors_;     // from scale and square, by the metric
  std::vector<double> offsets_;
  std::vector<std::uint8_t> levels_;
  std::vector<std::uint8_t> is_dead_;
  std::vector<std::int8_t, Aligned<std::int8_t>> codes_;
  std::vector<Number, Aligned<Number>> base_links_;  // a count and 2 x links numbers each
  std::vector<std::vector<Number>>
      upper_links_;  // a count and `links` numbers for each level above the lowest
  std::unordered_map<std::int64_t, Number> node_of_;

  mutable std::unique_ptr<std::mutex> scratch_mutex_;
  mutable std::vector<std::unique_ptr<Scratch>> scratches_;
};

/// A graph of all rows as they are shown, in the order of their ids, true up to their sequence. Throws Error invalid_input
/// when they keep no codes.
Graph build_graph(RowSet& rows, const GraphOptions& options, const Kernels& kernels = best_kernels());

}  // namespace reeve::vectors
