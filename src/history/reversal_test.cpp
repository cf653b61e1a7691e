// Events taken back, alone and all behind one: live, replayed, exported, and against a model of all rows.

#include <support/postgres_server.h>
#include "history/past_test.h"
#include "state/promote.h"
#include "state/replay.h"
#include "state/transfer.h"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <deque>

namespace reeve::history {
namespace {

using testing::reason_of;

state::ImportOptions in_small_groups() {
  state::ImportOptions options;
  options.group_events_max = 7;
  return options;
}

state::PromoteOptions a_copy() {
  state::PromoteOptions options;
  options.fence = false;
  return options;
}

class reversal : public PastTest {
 protected:
  std::string hash(Ledger& ledger) { return ledger.head().state_hash.to_string(); }

  /// Verified, replayed both ways, exported and imported: everything comes out equal.
  void expect_equal_everywhere() const {
    testing::expect_equal(file);
    const state::Replay executed = state::replay_scratch(file);
    const state::Replay written =
        state::replay_scratch(file, {.by = state::ReplayBy::changeset, .progress = {}, .each = {}});
    EXPECT_EQ(executed.state_hash, written.state_hash);
    EXPECT_EQ(executed.chain_hash, written.chain_hash);
    std::deque<std::string> lines;
    state::export_journal(file, [&](std::string_view line) { lines.emplace_back(line); });
    const std::string copy = workshop.path("copy.db");
    const state::Import imported = state::import_journal(
        [&](std::string& line) {
          if (lines.empty()) return false;
          line = std::move(lines.front());
          lines.pop_front();
          return true;
        },
        state::Location(copy), in_small_groups());
    EXPECT_EQ(imported.state_hash, executed.state_hash);
    EXPECT_EQ(imported.chain_hash, executed.chain_hash);
    testing::expect_equal(copy);
    std::filesystem::remove(copy);
  }
};

TEST_F(reversal, at_random_among_random_events_leaves_what_a_model_says_and_replays_equal) {
  random_engine.seed(testing::test_seed("reversal"));
  Ledger ledger = create();
  std::map<std::int64_t, std::string> hashes;
  const auto note_all = [&] {
    note(ledger);
    hashes[ledger.head().sequence.value] = hash(ledger);
  };
  note_all();
  const std::int64_t beginning = ledger.head().sequence.value;
  int undone = 0;
  int rewound = 0;
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    const std::int64_t head = ledger.head().sequence.value;
    const std::size_t kind = head > beginning + 5 ? roll(10) : 9;
    if (kind == 0) {
      auto to = states.begin();
      std::advance(to, roll(states.size()));
      const Outcome outcome = ledger.rewind({to->first});
      if (to->first == head) {
        EXPECT_FALSE(outcome);
        continue;
      }
      ASSERT_EQ(reason_of(outcome), "") << "to " << to->first;
      ++rewound;
      EXPECT_EQ(hash(ledger), hashes[to->first]);
      EXPECT_EQ(read_state(), to->second);
      note_all();
    } else if (kind < 4) {
      const auto sequence =
          beginning + 1 + static_cast<std::int64_t>(roll(static_cast<std::size_t>(head - beginning)));
      const ModelState before = read_state();
      const std::string hash_before = hash(ledger);
      const Outcome outcome = ledger.undo({sequence});
      if (!outcome) {
        ++refused;
        EXPECT_EQ(ledger.head().sequence.value, head);
        EXPECT_EQ(read_state(), before);
        continue;
      }
      ++undone;
      note_all();
      if (roll(2) == 0) {
        ASSERT_EQ(reason_of(ledger.undo({head + 1})), "");
        EXPECT_EQ(hash(ledger), hash_before);
        EXPECT_EQ(read_state(), before);
        note_all();
      }
    } else {
      play_one(ledger);
      note_all();
    }
  }
  EXPECT_GT(undone, 5);
  EXPECT_GT(rewound, 5);
  EXPECT_GT(refused, 5);
  expect_equal_everywhere();
}

TEST_F(reversal, of_a_rewind_brings_back_what_came_after) {
  Ledger ledger = create();
  furnish(ledger);
  const std::string rich = hash(ledger);
  const std::int64_t head = ledger.head().sequence.value;
  const Outcome rewound = ledger.rewind({head - 3}, {.actor = "keeper"});
  ASSERT_EQ(reason_of(rewound), "");
  EXPECT_EQ(rewound.receipt().first.value, head + 1);
  EXPECT_NE(hash(ledger), rich);
  ASSERT_EQ(reason_of(ledger.undo(rewound.receipt().first)), "");
  EXPECT_EQ(hash(ledger), rich);
  EXPECT_EQ(balance(ledger, "a"), 100);
  EXPECT_EQ(text("SELECT payload FROM reeve_events ORDER BY sequence DESC LIMIT 1"),
            R"({"first":)" + std::to_string(head + 1) + R"(,"last":)" + std::to_string(head + 1) + "}");
  expect_equal_everywhere();
}

TEST_F(reversal, of_an_event_that_a_later_one_builds_on_is_refused_and_names_it) {
  Ledger ledger = create();
  furnish(ledger);
  const std::int64_t credited = ledger.head().sequence.value;
  ASSERT_EQ(reason_of(ledger.command("withdraw", R"({"account_id":"a","amount":30})")), "");
  const std::string before = hash(ledger);
  const Outcome refused = ledger.undo({credited});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.rejection().reason.find("event " + std::to_string(credited + 1) + " changed it"),
            std::string::npos)
      << refused.rejection().reason;
  EXPECT_NE(refused.rejection().reason.find("balance"), std::string::npos);
  EXPECT_EQ(hash(ledger), before);
  // Both at once.
  ASSERT_EQ(reason_of(ledger.undo({credited}, {credited + 1})), "");
  EXPECT_EQ(balance(ledger, "a"), 0);
  // A row that others point to does not go, and takes nothing with it.
  const Outcome parent =
      ledger.undo({number("SELECT sequence FROM reeve_events WHERE type = 'owner.joined' LIMIT 1")});
  ASSERT_FALSE(parent);
  EXPECT_NE(parent.rejection().reason.find("accounts"), std::string::npos) << parent.rejection().reason;
  EXPECT_EQ(number("SELECT count(*) FROM accounts"), 2);
  expect_equal_everywhere();
}

TEST_F(reversal, of_a_cascade_brings_back_every_row_and_of_a_pair_takes_both) {
  Ledger ledger = create();
  furnish(ledger);
  const std::string before = hash(ledger);
  const ModelState rows = read_state();
  const Outcome left = ledger.commit("owner.left", R"({"owner_id":"ann"})");
  ASSERT_EQ(reason_of(left), "");
  EXPECT_EQ(number("SELECT count(*) FROM accounts"), 1);
  ASSERT_EQ(reason_of(ledger.undo(left.receipt().first)), "");
  EXPECT_EQ(hash(ledger), before);
  EXPECT_EQ(read_state(), rows);
  const Outcome pair = ledger.commit("pair.joined", R"({"one":"x","other":"y"})");
  ASSERT_EQ(reason_of(pair), "");
  ASSERT_EQ(reason_of(ledger.undo(pair.receipt().first)), "");
  EXPECT_EQ(hash(ledger), before);
  // Foreign keys are on again for who commits next.
  EXPECT_NE(reason_of(ledger.commit("account.opened", R"({"account_id":"z","owner_id":"nobody"})")), "");
  expect_equal_everywhere();
}

TEST_F(reversal, keeps_the_rules_of_submissions_and_of_epochs) {
  Ledger ledger = create();
  furnish(ledger);
  const std::int64_t head = ledger.head().sequence.value;
  EXPECT_EQ(testing::error_of([&] { ledger.undo({head}, {.expected = Sequence{head - 1}}); }).code(),
            ErrorCode::conflict);
  EXPECT_EQ(testing::error_of([&] { ledger.undo({head + 1}); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { ledger.undo({0}); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { ledger.rewind({head + 1}); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { ledger.rewind({-1}); }).code(), ErrorCode::not_found);
  EXPECT_FALSE(ledger.rewind({head}));
  EXPECT_FALSE(ledger.undo({1}));
  EXPECT_FALSE(ledger.rewind({0}));
  const Outcome first = ledger.undo({head}, {.key = "k"});
  ASSERT_EQ(reason_of(first), "");
  const Outcome again = ledger.undo({head}, {.key = "k"});
  ASSERT_EQ(reason_of(again), "");
  EXPECT_TRUE(again.receipt().repeated);
  EXPECT_EQ(again.receipt().first, first.receipt().first);
  EXPECT_EQ(testing::error_of([&] { ledger.undo({head - 1}, {.key = "k"}); }).code(), ErrorCode::conflict);
  blueprint::Sources sources = testing::vault_sources();
  testing::add_grades(sources);
  state::migrate_up(file, sources);
  const Outcome across = ledger.rewind({head});
  ASSERT_FALSE(across);
  EXPECT_NE(across.rejection().reason.find("reeve migrate"), std::string::npos);
  EXPECT_FALSE(ledger.undo({head - 1}));
  const std::int64_t migrated = ledger.head().sequence.value;
  EXPECT_FALSE(ledger.undo({migrated}));
  ASSERT_EQ(reason_of(ledger.commit("day.ended", "{}")), "");
  ASSERT_EQ(reason_of(ledger.rewind({migrated})), "");
  expect_equal_everywhere();
}

TEST_F(reversal, has_the_changeset_that_the_worked_example_of_the_document_says) {
  journal::TableLayout table;
  table.name = "players";
  table.columns = {
      {"player_id", sql::Type::text}, {"name", sql::Type::text}, {"reputation", sql::Type::bigint}};
  table.key = {0};
  table.rest = {1, 2};
  journal::Layout layout;
  layout.tables.push_back(table);
  const auto row = [](std::int64_t reputation) {
    return std::vector<ValueView>{ValueView::of(std::string_view("curie")), {}, ValueView::of(reputation)};
  };
  const std::vector<ValueView> before = row(5);
  const std::vector<ValueView> after = row(3);
  std::string changeset;
  journal::append_changeset(layout, std::vector<journal::Change>{{0, before.data(), after.data()}},
                            changeset);
  std::string hex;
  for (const char byte : changeset) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  EXPECT_EQ(hex, "010305637572696502010a0106");
  EXPECT_NE(testing::read_text(testing::project_file("docs/journal_format.md"))
                .find("`{\"first\":7,\"last\":7}` has the changeset `01 03056375726965 02 010a 0106`"),
            std::string::npos);
}

TEST_F(reversal, that_is_killed_leaves_the_ledger_before_it_or_after_it) {
  std::int64_t to = 0;
  std::string before;
  {
    Ledger ledger = create();
    furnish(ledger);
    to = ledger.head().sequence.value;
    before = hash(ledger);
    for (int i = 0; i < 300; ++i) {
      ASSERT_EQ(reason_of(ledger.commit("account.opened",
                                        fmt::format(R"({{"account_id":"n{}","owner_id":"bob"}})", i))),
                "");
    }
  }
  for (int round = 0; round < 25; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Ledger ledger = Ledger::open(file);
      for (int i = 0; i < 50; ++i) {
        (void)ledger.rewind({to});
        (void)ledger.undo(ledger.head().sequence);
      }
      _exit(0);
    }
    usleep(2000 + 3000 * static_cast<unsigned>(round));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    Ledger ledger = open();
    EXPECT_TRUE(number("SELECT count(*) FROM accounts") == 302 || hash(ledger) == before);
  }
  testing::expect_equal(file);
}

TEST_F(reversal, of_one_process_and_commits_of_another_each_see_the_other) {
  Ledger one = create();
  furnish(one);
  Ledger other = open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(reason_of(one.commit("account.credited", R"({"account_id":"a","amount":1})")), "");
    const std::int64_t head = one.head().sequence.value;
    ASSERT_EQ(reason_of(other.rewind({head - 1})), "");
    EXPECT_EQ(balance(one, "a"), 100);
    ASSERT_EQ(reason_of(one.commit("account.credited", R"({"account_id":"a","amount":2})")), "");
    ASSERT_EQ(reason_of(other.undo(other.head().sequence)), "");
  }
  expect_equal_everywhere();
}

TEST_F(reversal, on_postgresql_gives_the_hashes_that_it_gives_in_a_file) {
  testing::PostgresServer& server = testing::PostgresServer::shared();
  server.create_database("reversal");
  const auto url = [&](const char* user) {
    return server.url("reversal", user) + (server.url().find('?') == std::string::npos ? "?" : "&") +
           "ledger=vault";
  };
  random_engine.seed(testing::test_seed("reversal_on_postgresql"));
  { Ledger made = create(); }
  state::promote(state::Location(file), state::Location::of(url("test")), a_copy());
  engine::Connection::open_postgres(server.url("reversal"))
      ->execute("CREATE ROLE reversal_app LOGIN IN ROLE reeve_writer");
  Ledger here = open();
  Ledger there = Ledger::open(url("reversal_app"), options);
  int taken_back = 0;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t head = here.head().sequence.value;
    const std::size_t kind = head > 8 ? roll(8) : 7;
    if (kind > 2) {
      given.time = fmt::format("2026-01-01T00:{:02}:{:02}Z", i / 60, i % 60);
      const std::mt19937_64 same = random_engine;
      play_one(here);
      random_engine = same;
      play_one(there);
    } else {
      const auto sequence = 3 + static_cast<std::int64_t>(roll(static_cast<std::size_t>(head - 2)));
      const bool rewinds = kind == 0;
      const Outcome a = rewinds ? here.rewind({sequence}) : here.undo({sequence});
      const Outcome b = rewinds ? there.rewind({sequence}) : there.undo({sequence});
      ASSERT_EQ(a.accepted(), b.accepted()) << reason_of(a) << " / " << reason_of(b);
      taken_back += a.accepted() ? 1 : 0;
    }
    ASSERT_EQ(here.head().state_hash.to_string(), there.head().state_hash.to_string()) << i;
  }
  EXPECT_GT(taken_back, 5);
  const state::Verification verified = state::verify(state::Location::of(url("reversal_app")));
  EXPECT_TRUE(verified.equal()) << testing::describe(verified);
}

}  // namespace
}  // namespace reeve::history
