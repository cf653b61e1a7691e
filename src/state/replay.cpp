#include "state/replay.h"

#include "search/keeper.h"
#include "state/recorder.h"
#include "state/replayer.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

/// Runs a whole journal on a scratch database and compares as it goes.
Replay run(engine::Connection& source, engine::Connection& scratch, const ReplayOptions& options) {
  const std::int64_t total = journal::read_head(source).sequence;
  Replayer replayer(source, scratch, options.by);
  journal::EntryReader entries(source, 0);
  journal::Entry entry;
  while (entries.next(entry)) {
    replayer.take(entry);
    if (options.each) {
      options.each(entry.event.sequence, replayer.chain_hash(), replayer.executor().state_hash());
    }
    options.progress.step(entry.event.sequence, total);
  }
  const Replay result{replayer.sequence(), replayer.chain_hash(), replayer.executor().state_hash()};
  replayer.executor().finish();
  return result;
}

std::unique_ptr<engine::Connection> scratch_for(ReplayBy by) {
  return engine::Connection::open_scratch({.foreign_keys = by == ReplayBy::execution});
}

}  // namespace

Replay replay_scratch(const Location& location, const ReplayOptions& options) {
  const auto source = location.open(engine::OpenMode::read_only);
  engine::Transaction tx(*source, engine::Transaction::Mode::read);
  const auto scratch = scratch_for(options.by);
  return run(*source, *scratch, options);
}

Replay replay(const Location& location, const ReplayOptions& options) {
  if (!location.is_file()) {
    throw Error(ErrorCode::invalid_input,
                "the tables of a schema that ledgers share are not dropped and made anew for one of them",
                "`reeve replay --scratch` replays it beside; `reeve verify` compares the rows");
  }
  const auto live =
      location.open(engine::OpenMode::read_write, {.foreign_keys = false}, Purpose::administration);
  engine::Transaction tx(*live, engine::Transaction::Mode::write);
  const auto scratch = scratch_for(options.by);
  const Replay result = run(*live, *scratch, options);
  const auto epoch = load_last_epoch(*live);
  replace_state(*scratch, *live, epoch->layout);
  StateSums sums(epoch->layout);
  sum_rows(*live, sums);
  if (sums.state_hash() != result.state_hash || result.state_hash != journal::read_head(*live).state_hash) {
    replay_differs(result.events, "the rebuilt tables have another state hash");
  }
  store_sums(*live, sums, result.events);
  search::bring_up(*live, epoch->blueprint.get(), epoch->layout, journal::read_head(*live), true);
  tx.commit();
  return result;
}

}  // namespace reeve::state
