#pragma once
// The rows that a search is over, as the caller gives them: those that its snapshot shows and its filters leave. The
// rows are the truth; what this module keeps only proposes which of them to look at.

#include "vectors/stored_vector.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace reeve::vectors {

/// Called with a row's id and the stored bytes of the kind that was asked for, which are valid during the call.
using Visit = std::function<void(std::int64_t id, std::string_view stored)>;

/// All calls during one search see the same rows. Implementations may throw; it passes through.
class RowSet {
 public:
  virtual ~RowSet() = default;
  /// The number of rows.
  virtual std::uint64_t count() = 0;
  /// Every row once, in any order.
  virtual void each(Kind kind, const Visit& visit) = 0;
  /// The vectors of those of the ids that are among the rows, in any order; others are passed over. No id is named twice.
  virtual void each_of(std::span<const std::int64_t> ids, const Visit& visit) = 0;
  /// The vectors of the rows that were inserted or changed by events after `sequence`, in any order. Asked only with a graph.
  virtual void each_after(std::uint64_t sequence, const Visit& visit) = 0;
  /// Up to which event the rows are shown. Asked only with a graph.
  virtual std::uint64_t sequence() = 0;
  /// Whether codes, or signatures, are kept for every row; vectors always are.
  virtual bool keeps(Kind kind) = 0;
};

}  // namespace reeve::vectors
