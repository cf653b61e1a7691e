#pragma once
// Vector search of others, beside bench/vectors.cpp: sqlite-vec in this process, pgvector in node; npm fetches both once into
// the build folder.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bench {

using VectorList = std::vector<std::vector<float>>;
/// For each query, the ids of the nearest rows.
using Truth = std::vector<std::vector<std::int64_t>>;

class VectorPeers {
 public:
  /// False: they are left out, and `why` says it.
  bool prepare(std::string& why);

  /// Queries per second of CPU, exact, k = 10, cosine. Row i has id i. Throws when the answers are not the truth.
  double sqlite_vec(const VectorList& rows, const VectorList& queries, const Truth& truth) const;

  struct Pgvector {
    double build_seconds = 0;
    double queries_per_second = 0;
    double recall = 0;
    std::size_t candidates = 0;
    double filtered_per_second = 0;  ///< a filter of 1 %
    double filtered_recall = 0;
  };
  Pgvector pgvector(const VectorList& rows, const VectorList& queries, const Truth& all,
                    const Truth& filtered) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace bench
