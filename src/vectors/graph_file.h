#pragma once
// A graph in a file beside the database (docs/vectors.md). It may be thrown away at any time: what is not whole, of another
// index, of another format or of a history that was not, is not read but built anew by the caller.

#include "base/hash.h"
#include "vectors/graph.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace reeve::vectors {

/// Of what the graph is, as the caller says it.
struct GraphLabel {
  Digest
      of{};  ///< the index: ledger, table, model and its version, or whatever else would make its vectors others
  Digest at{};  ///< the journal at the graph's sequence: its chain hash there
};

/// Writes the graph into `file` in place of what is there: a temporary file beside it is synced, renamed, and the folder
/// synced. Whenever this ends or is killed, the file is the one from before or the new one. False when another process is
/// writing it. Throws Error unavailable when it can't be written.
bool write_graph(const Graph& graph, const GraphLabel& label, const std::filesystem::path& file);

struct ReadGraph {
  std::optional<Graph> graph;
  /// Why there is none, a sentence for a log: `it is of another index`.
  std::string reason;
};

/// The graph in the file, if it is whole, of `of` and of `options`, and `holds(sequence, at)` says that the caller's journal
/// had this chain hash there. Throws Error unavailable when the file is there and can't be read; no bytes in it make it throw.
ReadGraph read_graph(const std::filesystem::path& file, const GraphOptions& options, const Digest& of,
                     const std::function<bool(std::uint64_t sequence, const Digest& at)>& holds,
                     const Kernels& kernels = best_kernels());

}  // namespace reeve::vectors
