#include "state/replay.h"

#include "state/executor.h"
#include "state/recorder.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

[[noreturn]] void differs(std::int64_t sequence, std::string_view what) {
  throw Error(ErrorCode::corrupt, fmt::format("event {}: {}", sequence, what),
              "run `reeve verify` for all that differs");
}

/// Runs a whole journal on a scratch database and compares as it goes.
Replay run(engine::Connection& source, engine::Connection& scratch, const ReplayOptions& options) {
  const bool by_execution = options.by == ReplayBy::execution;
  const std::int64_t total = journal::read_head(source).sequence;
  Executor executor(
      scratch, [&](const Digest& hash) { return blueprint::Sources{journal::load_sources(source, hash)}; });
  executor.set_journal(source);
  Replay result;
  std::string text;
  journal::EntryReader entries(source, 0);
  journal::Entry entry;
  while (entries.next(entry)) {
    result.chain_hash = journal::chain_hash(result.chain_hash, entry.event, entry.changeset, text);
    if (result.chain_hash != entry.chain_hash) {
      differs(entry.event.sequence, "the event, its changeset or its chain hash was changed");
    }
    if (by_execution && executor.execute(entry.event) != entry.changeset) {
      differs(entry.event.sequence, "executed again it changes other rows than it did");
    }
    if (!by_execution) {
      executor.write(entry.event, entry.changeset);
    }
    if (entry.seals && executor.state_hash() != entry.state_hash) {
      differs(entry.event.sequence, "the state hash of its seal is another");
    }
    result.events = entry.event.sequence;
    if (options.each) {
      options.each(entry.event.sequence, result.chain_hash, executor.state_hash());
    }
    options.progress.step(result.events, total);
  }
  result.state_hash = executor.state_hash();
  executor.finish();
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
    differs(result.events, "the rebuilt tables have another state hash");
  }
  store_sums(*live, sums, result.events);
  tx.commit();
  return result;
}

}  // namespace reeve::state
