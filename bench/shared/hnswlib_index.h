#pragma once
// The bare library: hnswlib of Debian, in one translation unit, with all the instructions of this machine.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace bench {

class HnswlibIndex {
 public:
  /// For unit vectors; similarity is the inner product.
  HnswlibIndex(std::size_t dimensions, std::size_t rows_max, std::size_t links, std::size_t build_candidates);
  ~HnswlibIndex();
  HnswlibIndex(const HnswlibIndex&) = delete;
  HnswlibIndex& operator=(const HnswlibIndex&) = delete;

  void add(const float* vector, std::size_t id);
  void set_candidates(std::size_t count);
  std::vector<std::size_t> search(const float* vector, std::size_t k) const;
  std::size_t memory_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bench
