#include "state/replayer.h"

#include <fmt/format.h>

namespace reeve::state {

void replay_differs(std::int64_t sequence, std::string_view what) {
  throw Error(ErrorCode::corrupt, fmt::format("event {}: {}", sequence, what),
              "run `reeve verify` for all that differs");
}

Replayer::Replayer(engine::Connection& journal, engine::Connection& scratch, ReplayBy by)
    : journal_(&journal), by_(by), executor_(scratch, [this](const Digest& hash) {
        return blueprint::Sources{journal::load_sources(*journal_, hash)};
      }) {
  executor_.set_journal(journal);
}

void Replayer::set_journal(engine::Connection& journal) {
  journal_ = &journal;
  executor_.set_journal(journal);
}

void Replayer::take(const journal::Entry& entry) {
  const journal::Event& event = entry.event;
  chain_hash_ = journal::chain_hash(chain_hash_, event, entry.changeset, text_);
  if (chain_hash_ != entry.chain_hash) {
    replay_differs(event.sequence, "the event, its changeset or its chain hash was changed");
  }
  if (by_ == ReplayBy::changeset) {
    executor_.write(event, entry.changeset);
  } else if (executor_.execute(event) != entry.changeset) {
    replay_differs(event.sequence, "executed again it changes other rows than it did");
  }
  if (entry.seals && executor_.state_hash() != entry.state_hash) {
    replay_differs(event.sequence, "the state hash of its seal is another");
  }
  sequence_ = event.sequence;
}

}  // namespace reeve::state
