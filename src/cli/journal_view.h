#pragma once
// One snapshot of a ledger's journal, to be shown.

#include "engine/connection.h"
#include "journal/journal.h"
#include "state/location.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::cli {

/// Which events are wanted.
struct LogFilter {
  std::optional<std::int64_t> after;  ///< only events behind this sequence
  std::int64_t limit = 20;            ///< the first so many behind `after`; without it the last so many
  std::string type;                   ///< '' is any; `order.*` is every type that begins with `order.`
  std::string actor;                  ///< '' is any
  bool fits(const journal::Event& event) const;
};

class JournalView {
 public:
  /// Opens it to read. Throws as Location::open.
  explicit JournalView(const state::Location& location);

  std::int64_t head();
  /// In order of sequence. Memory is bounded by `limit` events.
  void each(const LogFilter& filter, const std::function<void(const journal::Entry&)>& show);
  /// `which` is a sequence or an id. Throws Error not_found.
  std::int64_t find(std::string_view which);
  /// One event with its hashes; the changeset in it is not valid any more.
  journal::Entry read(std::int64_t sequence);
  /// The event's changeset as JSON.
  std::string changes(std::int64_t sequence);

 private:
  void each_last(const LogFilter& filter, const std::function<void(const journal::Entry&)>& show);

  std::unique_ptr<engine::Connection> connection_;
  engine::Transaction snapshot_;
};

}  // namespace reeve::cli
