#include "shared/hnswlib_index.h"

#include <hnswlib/hnswlib.h>

namespace bench {

struct HnswlibIndex::Impl {
  Impl(std::size_t dimensions, std::size_t rows_max, std::size_t links, std::size_t build_candidates)
      : space(dimensions), graph(&space, rows_max, links, build_candidates) {}
  hnswlib::InnerProductSpace space;
  hnswlib::HierarchicalNSW<float> graph;
};

HnswlibIndex::HnswlibIndex(std::size_t dimensions, std::size_t rows_max, std::size_t links,
                           std::size_t build_candidates)
    : impl_(std::make_unique<Impl>(dimensions, rows_max, links, build_candidates)) {}
HnswlibIndex::~HnswlibIndex() = default;

void HnswlibIndex::add(const float* vector, std::size_t id) { impl_->graph.addPoint(vector, id); }
void HnswlibIndex::set_candidates(std::size_t count) { impl_->graph.setEf(count); }

std::vector<std::size_t> HnswlibIndex::search(const float* vector, std::size_t k) const {
  auto found = impl_->graph.searchKnn(vector, k);
  std::vector<std::size_t> ids;
  for (; !found.empty(); found.pop()) ids.push_back(found.top().second);
  return ids;
}

std::size_t HnswlibIndex::memory_bytes() const {
  return impl_->graph.max_elements_ * impl_->graph.size_data_per_element_;
}

}  // namespace bench
