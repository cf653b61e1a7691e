#pragma once
// Compares what is stored of search indexes with the rows, both ways.

#include "journal/journal.h"
#include "search/definition.h"
#include "search/vector_memory.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

struct IndexCheck {
  std::string name;
  std::int64_t rows = 0;
  std::int64_t missing = 0;           ///< rows without an entry
  std::int64_t extra = 0;             ///< entries without a row
  std::int64_t stale = 0;             ///< entries that say something else than their row
  std::vector<std::string> examples;  ///< the first few of them
  std::string fault;                  ///< what is wrong with the index as a whole, or nothing
  std::int64_t vectors = 0;           ///< of the index's dimensions
  std::int64_t unreadable = 0;        ///< rows whose bytes are no vector of the index's dimensions
  std::int64_t in_graph_otherwise =
      0;  ///< vectors that the graph in its file knows otherwise, of the first that differ
  std::int64_t on_server_otherwise =
      0;  ///< vectors that the server's copy lacks, has otherwise or beyond the rows
  bool is_equal() const {
    return missing == 0 && extra == 0 && stale == 0 && unreadable == 0 && in_graph_otherwise == 0 &&
           on_server_otherwise == 0 && fault.empty();
  }
};

/// All, or one of them by its name. In the snapshot of a read transaction. Throws Error not_found for an unknown name.
std::vector<IndexCheck> verify(engine::Connection& connection, const blueprint::Blueprint& blueprint,
                               const journal::Layout& layout, const journal::Head& head,
                               const GraphPlace& graphs, std::string_view only = {});

}  // namespace reeve::search
