#pragma once
// Two journals, event by event.

#include "state/location.h"

#include "journal/journal.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve::testing {

/// Every event, changeset and chain hash of both, and the state hash wherever one is sealed behind an event: then the
/// other must be sealed there too. Behind `sealed_from` each event must be, as LedgerOptions::group_events_max = 1 does.
/// Stops at the first event that differs. Gives the number of events.
inline std::int64_t expect_equal_journals(const state::Location& left, const state::Location& right,
                                          std::int64_t sealed_from) {
  const auto open = [](const state::Location& location) {
    return location.open(engine::OpenMode::read_only, {}, state::Purpose::inspection);
  };
  const auto left_connection = open(left);
  const auto right_connection = open(right);
  const engine::Transaction left_tx(*left_connection, engine::Transaction::Mode::read);
  const engine::Transaction right_tx(*right_connection, engine::Transaction::Mode::read);
  journal::EntryReader left_entries(*left_connection, 0);
  journal::EntryReader right_entries(*right_connection, 0);
  journal::Entry one;
  journal::Entry other;
  std::int64_t events = 0;
  for (;;) {
    const bool more = left_entries.next(one);
    EXPECT_EQ(more, right_entries.next(other)) << "one journal ends at event " << events;
    if (!more || ::testing::Test::HasFailure()) return events;
    events = one.event.sequence;
    std::string one_bytes;
    std::string other_bytes;
    journal::append_event_bytes(one.event, one_bytes);
    journal::append_event_bytes(other.event, other_bytes);
    EXPECT_EQ(one_bytes, other_bytes) << "event " << events;
    EXPECT_EQ(one.changeset, other.changeset) << "event " << events << " " << one.event.payload;
    EXPECT_EQ(to_hex(one.chain_hash), to_hex(other.chain_hash)) << "event " << events;
    EXPECT_EQ(one.seals, other.seals) << "event " << events;
    EXPECT_TRUE(one.seals || events <= sealed_from) << "event " << events;
    EXPECT_EQ(to_hex(one.state_hash), to_hex(other.state_hash))
        << "event " << events << " " << one.event.type;
    if (::testing::Test::HasFailure()) return events;
  }
}

}  // namespace reeve::testing
