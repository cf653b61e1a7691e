#pragma once
// The file beside a ledger with what is derived from its journal for speed (docs/history.md): which events touched a
// row. It says for which ledger and up to which event it is good; what does not fit the journal is thrown away and made
// anew.

#include "history/timeline.h"
#include "state/location.h"
#include "state/progress.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace reeve::history {

/// Not thread-safe. Several processes may use the file at once.
class Sidecar {
 public:
  /// Beside the ledger's file; empty for a ledger that is no file.
  static std::filesystem::path beside(const state::Location& location);
  /// Opens it, or makes it. Throws Error conflict when the file is something else, unavailable when it can't be written.
  static std::unique_ptr<Sidecar> open(const std::filesystem::path& file, int busy_ms_max);
  ~Sidecar();

  /// Brings the index up to the snapshot's end. False when it is ahead of it, as another process with a later snapshot
  /// left it: take another. Who insists makes it anew then, for the journal is not what it was.
  bool catch_up(Timeline& timeline, bool insists, const state::Progress& progress = {});
  /// The events up to `until` that touched a row, in some of the columns, the last one first, until `touch` answers
  /// false. An event may be among them that did not: rows and columns are found by hashes.
  void touches(std::int64_t row, std::int64_t columns, std::int64_t until,
               const std::function<bool(std::int64_t sequence)>& touch);
  /// Forgets the index: it did not fit what the journal says.
  void drop();

  engine::Connection& connection() { return *connection_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  Sidecar(std::filesystem::path file, std::unique_ptr<engine::Connection> connection);
  std::string meta(std::string_view name);
  void set_meta(std::string_view name, std::string_view value);
  void clear();
  /// Up to which event the index is good for this journal; 0 after it was cleared because it is of another.
  std::int64_t position(Timeline& timeline);
  bool is_ahead(Timeline& timeline);
  /// Touches of the next events, in a transaction of their own; false at the snapshot's end.
  bool step(Timeline& timeline, const state::Progress& progress);

  std::filesystem::path file_;
  std::unique_ptr<engine::Connection> connection_;
};

}  // namespace reeve::history
