// Checkpoints: the same answers with them and without, and never a wrong one whatever became of the file.

#include "history/checkpoints.h"
#include "history/past_state.h"
#include "history/past_test.h"
#include "state/promote.h"

#include <support/postgres_server.h>

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace reeve::history {
namespace {

using ::testing::HasSubstr;

class checkpoints : public PastStateTest {
 protected:
  std::string beside() const { return file + "-checkpoints"; }

  CheckpointRun make(std::int64_t every = 10) const { return make_checkpoints(file, {.every = every}); }

  static std::string read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  std::int64_t any_noted() {
    auto one = known.begin();
    std::advance(one, roll(known.size()));
    return one->first;
  }

  /// Asks at some noted events; the notes that were given on the way.
  std::set<std::string> ask_at_random(int times) {
    std::set<std::string> notes;
    for (int i = 0; i < times; ++i) {
      const std::int64_t at = any_noted();
      History history = History::open(file);
      expect_as_it_was(history, at);
      notes.insert(history.note());
    }
    return notes;
  }
};

TEST_F(checkpoints, before_and_behind_an_event_give_the_hash_and_the_answers_that_it_had_then) {
  random_engine.seed(testing::test_seed("checkpoints"));
  play_all();
  const CheckpointRun run = make();
  EXPECT_GE(run.made.size(), known.size() / 12);
  EXPECT_EQ(run.kept, 0U);
  for (const Head& head : run.made) {
    const auto then = known.find(head.sequence.value);
    if (then != known.end()) {
      EXPECT_EQ(head.state_hash.to_string(), then->second.state_hash);
    }
  }
  const auto ledger = engine::Connection::open(file, engine::OpenMode::read_only);
  engine::Transaction snapshot(*ledger, engine::Transaction::Mode::read);
  Timeline timeline(*ledger);
  const auto stored = Checkpoints::open(beside());
  std::set<bool> directions;
  for (const auto& [sequence, then] : known) {
    PastState past({timeline, stored.get()}, sequence, {});
    EXPECT_EQ(to_hex(past.state_hash()), then.state_hash) << sequence;
    EXPECT_TRUE(past.is_sealed()) << sequence;
    EXPECT_FALSE(past.is_damaged());
    if (past.base() != nullptr && past.base()->sequence != sequence) {
      directions.insert(past.base()->sequence < sequence);
    }
  }
  EXPECT_EQ(directions.size(), 2U) << "some begin from one before, some from one behind";
  EXPECT_EQ(ask_at_random(40), std::set<std::string>{""});
}

TEST_F(checkpoints, are_added_to_and_those_that_are_there_stay) {
  Ledger ledger = create();
  const auto play_some = [&] {
    for (int i = 0; i < 40; ++i) {
      play_one(ledger);
      note_answers(ledger);
    }
  };
  play_some();
  const CheckpointRun first = make(5);
  EXPECT_EQ(make(5).made.size(), 0U);
  EXPECT_EQ(make(5).kept, first.made.size());
  play_some();
  const auto size = std::filesystem::file_size(beside());
  const CheckpointRun second = make(5);
  EXPECT_GT(second.made.size(), 0U);
  EXPECT_EQ(second.kept, first.made.size());
  EXPECT_EQ(static_cast<std::int64_t>(std::filesystem::file_size(beside()) - size), second.bytes);
  EXPECT_EQ(ask_at_random(20), std::set<std::string>{""});
  EXPECT_EQ(make_checkpoints(file, {.every = 7, .anew = true}).kept, 0U);
  EXPECT_EQ(ask_at_random(20), std::set<std::string>{""});
}

TEST_F(checkpoints, with_any_byte_changed_give_no_wrong_answer) {
  random_engine.seed(testing::test_seed("checkpoints_bytes"));
  play_all();
  make(4);
  const std::string whole = read(beside());
  std::set<std::string> notes;
  for (int i = 0; i < 60; ++i) {
    std::string changed = whole;
    for (int flips = 0; flips <= i % 3 * 40; ++flips) {
      changed[roll(changed.size())] ^= static_cast<char>(1U << roll(8));
    }
    write(beside(), changed);
    notes.merge(ask_at_random(2));
  }
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("a checkpoint is damaged and was not used")));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, std::size_t{56}, whole.size() / 2, whole.size() - 1}) {
    write(beside(), whole.substr(0, size));
    notes.merge(ask_at_random(2));
  }
  write(beside(), "this is something else");
  EXPECT_THAT(*ask_at_random(1).begin(), HasSubstr("holds no checkpoints"));
  EXPECT_EQ(testing::error_of([&] { make(); }).code(), ErrorCode::conflict);
  EXPECT_EQ(read(beside()), "this is something else");
}

TEST_F(checkpoints, that_are_damaged_are_made_anew_by_the_next_run) {
  play_all();
  make(4);
  const std::string whole = read(beside());
  for (int i = 0; i < 40; ++i) {
    std::string changed = whole;
    const std::size_t from = roll(changed.size() - 8192);
    for (std::size_t place = from; place < from + 8192; ++place) changed[place] ^= 0x55;
    write(beside(), changed);
    if (changed.substr(0, 8) != whole.substr(0, 8)) continue;  // it says no more what it is
    make(4);
    const auto stored = Checkpoints::open(beside());
    ASSERT_FALSE(stored->states().empty());
    const auto database = stored->load(stored->states().front());
    EXPECT_EQ(database->open()->value("PRAGMA integrity_check"), Value(std::string("ok")));
    ask_at_random(1);
  }
}

TEST_F(checkpoints, of_another_ledger_or_of_a_history_that_went_another_way_are_not_used) {
  Ledger ledger = create();
  const auto play_some = [&](Ledger& one, int count) {
    for (int i = 0; i < count; ++i) {
      play_one(one);
      note_answers(one);
    }
  };
  play_some(ledger, 40);
  // An older copy, beside which lie the checkpoints of what came later.
  const std::string copy = workshop.path("copy.db");
  engine::Connection::open(file, engine::OpenMode::read_only)->execute("VACUUM INTO '" + copy + "'");
  const auto known_of_copy = known;
  play_some(ledger, 60);
  make(10);
  const std::string stored = read(beside());
  const std::string longer = file;
  file = copy;
  known = known_of_copy;
  write(beside(), stored);
  EXPECT_THAT(*ask_at_random(1).begin(), HasSubstr("of a longer history than this one"));
  {
    random_engine.seed(99);
    Ledger other = open();
    play_some(other, 100);
  }
  const auto notes = ask_at_random(20);
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("is not of this journal")));
  const CheckpointRun run = make(10);
  EXPECT_THAT(run.note, HasSubstr("are not of this journal and are forgotten"));
  EXPECT_GT(run.kept, 0U) << "what both have in common";
  EXPECT_EQ(ask_at_random(20), std::set<std::string>{""});

  file = workshop.path("another.db");
  known.clear();
  Ledger another = create();
  play_some(another, 100);
  write(beside(), stored);
  EXPECT_THAT(ask_at_random(10), ::testing::Each(HasSubstr("is not")));
  EXPECT_EQ(make(10).kept, 0U);
  EXPECT_EQ(ask_at_random(10), std::set<std::string>{""});
}

TEST_F(checkpoints, are_made_beside_a_writer_and_by_one_at_a_time) {
  Ledger ledger = create();
  furnish(ledger);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      play_one(ledger);
      note_answers(ledger);
    }
  });
  std::size_t made = 0;
  for (int i = 0; i < 2000 && made < 6; ++i) {
    made += make(6).made.size();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto held = engine::PageStore::open_to_add(beside());
  EXPECT_EQ(testing::error_of([&] { make(6); }).code(), ErrorCode::retryable);
  stop = true;
  writer.join();
  EXPECT_GE(made, 6U);
  EXPECT_EQ(ask_at_random(30), std::set<std::string>{""});
}

TEST_F(checkpoints, that_the_journal_does_not_give_are_not_stored) {
  Ledger ledger = create();
  furnish(ledger);
  while (ledger.head().sequence.value < 40) play_one(ledger);
  meddle(
      "UPDATE reeve_groups SET state_hash = replace(hex(zeroblob(32)), '0', 'a') WHERE last_sequence > 20");
  EXPECT_EQ(testing::error_of([&] { make(10); }).code(), ErrorCode::corrupt);
  const auto stored = Checkpoints::open(beside());
  ASSERT_NE(stored, nullptr);
  for (const StoredState& state : stored->states()) EXPECT_LE(state.sequence, 20);
}

TEST_F(checkpoints, of_a_ledger_on_postgresql_lie_in_a_file_that_is_named) {
  testing::PostgresServer& server = testing::PostgresServer::shared();
  server.create_database("checkpoints");
  const auto url = [&](const char* user) {
    const std::string base = server.url("checkpoints", user);
    return base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=vault";
  };
  play_all();
  state::PromoteOptions options_of_copy;
  options_of_copy.fence = false;
  state::promote(state::Location(file), state::Location::of(url("test")), options_of_copy);
  engine::Connection::open_postgres(server.url("checkpoints"))
      ->execute("CREATE ROLE checkpoints_app LOGIN IN ROLE reeve_writer");
  EXPECT_EQ(testing::error_of([&] { make_checkpoints(url("checkpoints_app")); }).code(),
            ErrorCode::invalid_input);
  const std::string stored = workshop.path("stored");
  EXPECT_GT(make_checkpoints(url("checkpoints_app"), {.every = 10, .checkpoints = stored}).made.size(), 4U);
  History history = History::open(url("checkpoints_app"), {.checkpoints = stored});
  for (int i = 0; i < 8; ++i) {
    expect_as_it_was(history, any_noted());
    EXPECT_EQ(history.note(), "");
  }
}

}  // namespace
}  // namespace reeve::history
