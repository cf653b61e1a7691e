#pragma once
// Rows in memory: for programs that keep their vectors there, for tests and measurements.

#include "vectors/row_set.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace reeve::vectors {

/// Not thread-safe while it is changed; then it may be read by several threads.
class MemoryRows final : public RowSet {
 public:
  explicit MemoryRows(std::size_t dimensions) : dimensions_(dimensions) {}

  /// Inserts the row, or changes its vector, by an event; sequences only grow. Throws Error invalid_input for a vector of
  /// other dimensions.
  void put(std::int64_t id, std::span<const float> vector, std::uint64_t sequence);
  /// Precondition of nothing: an id that is not there is passed over.
  void erase(std::int64_t id, std::uint64_t sequence);
  bool has(std::int64_t id) const { return place_of_.contains(id); }
  std::string_view stored(std::int64_t id, Kind kind) const;

  std::uint64_t count() override { return ids_.size(); }
  void each(Kind kind, const Visit& visit) override;
  void each_of(std::span<const std::int64_t> ids, const Visit& visit) override;
  void each_after(std::uint64_t sequence, const Visit& visit) override;
  std::uint64_t sequence() override { return sequence_; }
  bool keeps(Kind) override { return true; }

 private:
  std::string& bytes_of(Kind kind) { return bytes_[static_cast<std::size_t>(kind) - 1]; }
  std::string_view at(Kind kind, std::size_t place) const;

  std::size_t dimensions_;
  std::uint64_t sequence_ = 0;
  std::vector<std::int64_t> ids_;
  std::vector<std::uint64_t> sequences_;
  std::string bytes_[3];  // of each kind, the rows one behind the other
  std::unordered_map<std::int64_t, std::size_t> place_of_;
};

}  // namespace reeve::vectors
