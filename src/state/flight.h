#pragma once
// Events on their way to PostgreSQL: the statements of many are queued behind each other and answered together.

#include "engine/pipeline.h"
#include "state/apply.h"
#include "state/capture.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

/// An event between its apply statements and its row in the journal.
struct Pending {
  journal::Event event;
  Applier::Type* type = nullptr;         ///< null: one of Reeve's own
  std::vector<journal::Change> changes;  ///< net, sorted
};

/// In a transaction of the pipeline. The statements of most events return the rows that they change. Those of others
/// are captured by triggers and taken out once for several events; which are whose follows from the number of rows that
/// each statement says it wrote, and each row is compared with the table of its statement. An event whose foreign keys
/// change further rows is drained by itself (Captured).
class Flight : private engine::ChangeSink {
 public:
  Flight(engine::Connection& connection, Applier& applier, Capture& capture);

  /// Queues the statements of an event, which stays where it is until it has landed. The payload may go. Throws
  /// Error of the members (invalid_input): nothing was queued then.
  void send(Pending& pending, simdjson::dom::element payload, engine::Pipeline& pipeline);
  /// What else is queued now is received after land(). Further events begin another flight.
  void finish(engine::Pipeline& pipeline);
  /// Waits for all that was sent and fills in the changes; or says why the first that was refused was, and the others
  /// are forgotten with it.
  std::optional<Rejection> land(engine::Pipeline& pipeline);
  /// Forgets what was sent: the transaction was rolled back.
  void clear();
  bool is_empty() const { return sent_.empty(); }
  /// Tables whose rows the events on their way may change.
  const std::set<std::string>& tables() const { return tables_; }

 private:
  /// Events whose rows are captured in the same way and, by triggers, drained together; the last of them is before `end`.
  struct Stretch {
    std::size_t end = 0;
    Captured captured = Captured::returned;
  };

  void on_change(const engine::RowChange& change) noexcept override;
  void finish_events() noexcept;
  void open(Captured captured, engine::Pipeline& pipeline);
  std::optional<Rejection> receive(Pending& pending, Captured captured, engine::Pipeline& pipeline);
  void receive_drain(const Stretch& stretch, engine::Pipeline& pipeline);

  engine::Connection& connection_;
  Applier& applier_;
  Capture& capture_;
  std::vector<Pending*> sent_;
  std::vector<Stretch> stretches_;
  std::set<std::string> tables_;
  bool open_ = false;  ///< the last stretch takes further events

  // While a stretch is drained: whose rows come next.
  struct Count {
    Pending* event = nullptr;
    std::string_view table;
    std::int64_t rows = 0;
  };
  std::vector<Written> written_;
  std::vector<Count> counts_;
  std::size_t next_ = 0;
  bool fits_ = true;
};

}  // namespace reeve::state
