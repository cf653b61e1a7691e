#pragma once
// A journal executed again on a scratch database, event by event, and compared as it goes.

#include "state/executor.h"
#include "state/replay.h"

#include <string>

namespace reeve::state {

/// Not thread-safe.
class Replayer {
 public:
  /// Both must outlive it; the journal's connection is in a transaction while entries are taken.
  Replayer(engine::Connection& journal, engine::Connection& scratch, ReplayBy by);

  /// From here on the journal is read through another connection.
  void set_journal(engine::Connection& journal);
  /// The next entry. Throws Error corrupt, naming the event, when its execution does not give what the journal says.
  void take(const journal::Entry& entry);

  Executor& executor() { return executor_; }
  std::int64_t sequence() const { return sequence_; }
  const Digest& chain_hash() const { return chain_hash_; }

 private:
  engine::Connection* journal_;
  ReplayBy by_;
  Executor executor_;
  std::int64_t sequence_ = 0;
  Digest chain_hash_ = journal::chain_start;
  std::string text_;
};

/// Throws Error corrupt: the replay of a journal does not give what it says.
[[noreturn]] void replay_differs(std::int64_t sequence, std::string_view what);

}  // namespace reeve::state
