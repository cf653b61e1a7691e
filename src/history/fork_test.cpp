// Forks: the parent's past, an own future.

#include "history/checkpoints.h"
#include "history/past_test.h"
#include "state/promote.h"
#include "state/replay.h"
#include "state/transfer.h"

#include <support/postgres_server.h>

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace reeve::history {
namespace {

using ::testing::HasSubstr;

class forks : public PastStateTest {
 protected:
  static ForkOptions options_of_fork(std::optional<std::int64_t> at = {}) {
    ForkOptions of_fork;
    if (at) of_fork.at = Sequence{*at};
    return of_fork;
  }
  std::string fork_name() { return workshop.path("fork" + std::to_string(++made_) + ".db"); }

  static std::string read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static std::set<std::string> ids_of(const std::string& path) {
    std::set<std::string> ids;
    const auto connection = engine::Connection::open(path, engine::OpenMode::read_only);
    engine::Statement row = connection->prepare("SELECT id FROM reeve_events");
    while (row.step()) ids.emplace(row.text(0));
    return ids;
  }

  /// All that is promised of a fork at an event.
  void expect_is_fork(const std::string& fork, std::int64_t at) {
    const state::Verification verified = state::verify(fork);
    EXPECT_TRUE(verified.equal()) << testing::describe(verified);
    EXPECT_EQ(verified.events, at + 1);
    EXPECT_EQ(to_hex(verified.state_hash), known.at(at).state_hash) << at;
    for (const state::ReplayBy by : {state::ReplayBy::execution, state::ReplayBy::changeset}) {
      const state::Replay replayed = state::replay_scratch(fork, {.by = by, .progress = {}, .each = {}});
      EXPECT_EQ(replayed.chain_hash, verified.chain_hash);
    }
    Ledger opened = Ledger::open(fork, options);
    for (const auto& [query, answer] : known.at(at).answers) {
      if (query != "events") {
        EXPECT_EQ(ask(opened, query), answer) << query;
      }
    }
    const std::string bytes = read(fork);
    const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
    engine::Statement later = connection->prepare("SELECT id FROM reeve_events WHERE sequence > ?1");
    later.bind_integer(1, at);
    while (later.step()) {
      ASSERT_EQ(bytes.find(later.text(0)), std::string::npos) << "a byte of what came later";
    }
  }

  int made_ = 0;
};

TEST_F(forks, at_any_event_verify_and_replay_equal_and_leave_the_parent_as_it_was) {
  random_engine.seed(testing::test_seed("forks"));
  play_all();
  const std::string before = read(file);
  int refused = 0;
  for (int i = 0; i < 24; ++i) {
    auto one = known.begin();
    std::advance(one, roll(known.size()));
    if (i == 12) make_checkpoints(file, {.every = 20});
    const std::string name = fork_name();
    const Fork fork = fork_ledger(file, name, {.at = Sequence{one->first}, .share_blocks = i % 2 == 0});
    EXPECT_EQ(fork.parent.value, one->first);
    EXPECT_EQ(fork.head.state_hash.to_string(), one->second.state_hash);
    expect_is_fork(name, one->first);
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(read(file), before);
}

TEST_F(forks, begin_at_a_checkpoint_of_an_earlier_schema) {
  random_engine.seed(testing::test_seed("forks at checkpoints"));
  play_all();
  const CheckpointRun made = make_checkpoints(file, {.every = 3});
  int begun = 0;
  for (const auto& one : made.made) {
    const auto then = known.find(one.sequence.value);
    if (then == known.end()) continue;
    const std::string name = fork_name();
    EXPECT_EQ(fork_ledger(file, name, {.at = one.sequence}).head.state_hash.to_string(),
              then->second.state_hash);
    expect_is_fork(name, one.sequence.value);
    ++begun;
  }
  EXPECT_GT(begun, 5);
}

TEST_F(forks, take_and_remove_nothing_that_lies_under_their_name) {
  {
    Ledger parent = create();
    furnish(parent);
  }
  const std::string name = fork_name();
  std::ofstream(name + "-wal") << "another's log";
  EXPECT_EQ(testing::error_of([&] { fork_ledger(file, name); }).code(), ErrorCode::conflict);
  EXPECT_EQ(read(name + "-wal"), "another's log");
  EXPECT_FALSE(std::filesystem::exists(name));
  const std::string short_name = fork_name();
  fork_ledger(file, short_name + "-making");
  EXPECT_EQ(testing::error_of([&] { fork_ledger(short_name + "-making", short_name); }).code(),
            ErrorCode::conflict);
  EXPECT_TRUE(state::verify(short_name + "-making").equal());
}

TEST_F(forks, and_checkpoints_are_for_those_alone_who_may_read_the_ledger) {
  {
    Ledger parent = create();
    furnish(parent);
  }
  const auto only_me = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(file, only_me);
  const std::string name = fork_name();
  fork_ledger(file, name);
  make_checkpoints(file, {.every = 2});
  EXPECT_EQ(std::filesystem::status(name).permissions(), only_me);
  EXPECT_EQ(std::filesystem::status(file + "-checkpoints").permissions(), only_me);
}

TEST_F(forks, and_checkpoints_touch_no_file_that_has_a_name_like_their_scratch) {
  Ledger parent = create();
  furnish(parent);
  for (const char* name : {"checkpoint-wal", "checkpoint-journal"}) std::ofstream(name) << "another's";
  make_checkpoints(file, {.every = 2});
  fork_ledger(file, fork_name(), {.at = Sequence{parent.head().sequence.value - 1}});
  for (const char* name : {"checkpoint-wal", "checkpoint-journal"}) {
    EXPECT_EQ(read(name), "another's") << name;
    std::filesystem::remove(name);
  }
}

TEST_F(forks, leave_the_locks_of_a_parent_that_is_open_here) {
  Ledger parent = create();
  furnish(parent);
  fork_ledger(file, fork_name());
  // Another process that believes itself the last one would remove the log when it goes.
  ASSERT_EQ(std::system(("sqlite3 '" + file + "' 'SELECT count(*) FROM reeve_events' > /dev/null").c_str()),
            0);
  EXPECT_TRUE(std::filesystem::exists(file + "-wal"));
  play_one(parent);
  const std::string seen = workshop.path("seen");
  ASSERT_EQ(
      std::system(("sqlite3 '" + file + "' 'SELECT count(*) FROM reeve_events' > '" + seen + "'").c_str()),
      0);
  EXPECT_EQ(read(seen), std::to_string(parent.head().sequence.value) + "\n");
}

TEST_F(forks, go_their_own_way_and_collide_in_nothing) {
  Ledger parent = create();
  furnish(parent);
  const auto credit = [](Ledger& ledger, const char* key, int amount) {
    return ledger.commit("account.credited", R"({"account_id":"a","amount":)" + std::to_string(amount) + "}",
                         {.key = key});
  };
  ASSERT_EQ(testing::reason_of(credit(parent, "before", 1)), "");
  const Head head = parent.head();
  const std::string name = fork_name();
  const Fork made = fork_ledger(file, name);
  EXPECT_EQ(made.parent.value, head.sequence.value);
  EXPECT_EQ(made.head.state_hash.to_string(), head.state_hash.to_string());
  testing::SeededRandom other_random{99};
  LedgerOptions other = options;
  other.random = &other_random;
  Ledger fork = Ledger::open(name, other);
  EXPECT_NE(made.ledger_id, text("SELECT value FROM reeve_meta WHERE name = 'ledger_id'"));
  // What was known before is known to both; what comes after is each one's own.
  EXPECT_TRUE(credit(fork, "before", 1).receipt().repeated);
  EXPECT_FALSE(credit(parent, "after", 5).receipt().repeated);
  EXPECT_FALSE(credit(fork, "after", 7).receipt().repeated);
  EXPECT_EQ(balance(parent, "a"), 106);
  EXPECT_EQ(balance(fork, "a"), 108);
  const std::set<std::string> ids = ids_of(file);
  std::size_t shared = 0;
  for (const std::string& id : ids_of(name)) shared += ids.contains(id) ? 1 : 0;
  EXPECT_EQ(static_cast<std::int64_t>(shared), head.sequence.value);
  EXPECT_TRUE(state::verify(name).equal());
  EXPECT_TRUE(state::verify(file).equal());
  // A fork of a fork, its export and its promotion.
  const std::string again = fork_name();
  const Fork child = fork_ledger(name, again, {.at = made.head.sequence});
  const state::Verification verified = state::verify(again);
  EXPECT_TRUE(verified.equal()) << testing::describe(verified);
  EXPECT_NE(child.ledger_id, made.ledger_id);
  std::vector<std::string> lines;
  state::export_journal(again, [&](std::string_view line) { lines.emplace_back(line); },
                        {.progress = {}, .seed = true});
  const std::string imported = workshop.path("imported.db");
  std::size_t next = 0;
  const auto give = [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  };
  state::import_journal(give, imported);
  EXPECT_TRUE(state::verify(imported).equal());
  const std::string promoted = workshop.path("promoted.db");
  state::promote(state::Location(again), state::Location(promoted), {});
  EXPECT_TRUE(state::verify(promoted).equal());
}

TEST_F(forks, roll_dice_of_their_own) {
  Ledger parent = create();
  furnish(parent);
  const std::string name = fork_name();
  fork_ledger(file, name);
  const auto seed_of = [](const std::string& path) {
    return std::get<std::string>(engine::Connection::open(path, engine::OpenMode::read_only)
                                     ->value("SELECT value FROM reeve_meta WHERE name = 'seed'")
                                     .value());
  };
  EXPECT_NE(seed_of(name), seed_of(file));
  EXPECT_EQ(read(name).find(seed_of(file)), std::string::npos)
      << "the parent's seed would foretell its rolls";
  // Meddled with, it is found.
  engine::Connection::open(name, engine::OpenMode::read_write)
      ->execute("UPDATE reeve_meta SET value = '" + seed_of(file) + "' WHERE name = 'seed'");
  const state::Verification verified = state::verify(name);
  ASSERT_EQ(verified.differences.size(), 1U);
  EXPECT_THAT(verified.differences[0].message,
              HasSubstr("not the one that the event that forked it commits to"));
}

TEST_F(forks, are_refused_where_they_can_t_be) {
  Ledger ledger = create();
  furnish(ledger);
  ASSERT_EQ(testing::reason_of(ledger.command("pay_all", R"({"amount":3})")), "");
  const std::int64_t last = ledger.head().sequence.value;
  const auto code_at = [&](std::int64_t at) {
    return testing::error_of([&] { fork_ledger(file, fork_name(), {.at = Sequence{at}}); }).code();
  };
  EXPECT_EQ(code_at(last - 1), ErrorCode::invalid_input) << "in the middle of a command";
  EXPECT_EQ(code_at(last + 1), ErrorCode::not_found);
  EXPECT_EQ(code_at(0), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { fork_ledger(file, file); }).code(), ErrorCode::conflict);
  EXPECT_EQ(testing::error_of([&] { fork_ledger(file, "postgresql:///x"); }).code(), ErrorCode::invalid_input)
      << "without a name";
  EXPECT_EQ(testing::error_of([&] { fork_ledger(workshop.path("nothing.db"), fork_name()); }).code(),
            ErrorCode::not_found);
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  meddle("DELETE FROM reeve_sums");
  EXPECT_EQ(testing::error_of([&] { fork_ledger(file, fork_name()); }).code(), ErrorCode::corrupt);
  for (const auto& entry : std::filesystem::directory_iterator(workshop.path(""))) {
    EXPECT_EQ(entry.path().filename().string().find("fork"), std::string::npos) << entry.path();
  }
}

/// The vault, played, also as the ledger `vault` of a PostgreSQL database.
class forks_on_postgresql : public forks {
 protected:
  forks_on_postgresql() {
    testing::PostgresServer& server = testing::PostgresServer::shared();
    database_ = "forks" + std::to_string(++databases);
    server.create_database(database_);
    play_all();
    state::promote(state::Location(file), state::Location::of(url("vault")),
                   {.progress = {}, .fence = false});
    administrator()->execute("CREATE ROLE " + database_ + "_app LOGIN IN ROLE reeve_writer");
  }

  static constexpr std::int64_t before_migration = 10;

  /// As an administrator, who forks.
  std::string url(const std::string& ledger) const { return url_of("test", ledger); }
  /// As an application, who reads and commits.
  std::string app(const std::string& ledger) const { return url_of(database_ + "_app", ledger); }
  std::unique_ptr<engine::Connection> administrator() const {
    return engine::Connection::open_postgres(testing::PostgresServer::shared().url(database_));
  }

  void expect_is_fork_there(const std::string& ledger, std::int64_t at) {
    const state::Verification verified = state::verify(state::Location::of(app(ledger)));
    EXPECT_TRUE(verified.equal()) << testing::describe(verified);
    EXPECT_EQ(verified.events, at + 1);
    EXPECT_EQ(to_hex(verified.state_hash), known.at(at).state_hash) << at;
    Ledger opened = Ledger::open(app(ledger), options);
    for (const auto& [query, answer] : known.at(at).answers) {
      if (query != "events") {
        EXPECT_EQ(ask(opened, query), answer) << query;
      }
    }
  }

 private:
  std::string url_of(const std::string& user, const std::string& ledger) const {
    return testing::PostgresServer::shared().url(database_, user) + "&ledger=" + ledger;
  }

  static inline int databases = 0;
  std::string database_;
};

TEST_F(forks_on_postgresql, begin_in_the_schema_or_in_files_as_the_parent_was) {
  const std::int64_t head = known.rbegin()->first;
  const Fork whole = fork_ledger(url("vault"), url("whole"), options_of_fork());
  EXPECT_EQ(whole.parent.value, head);
  expect_is_fork_there("whole", head);
  const std::int64_t near = std::prev(known.end(), 7)->first;
  const Fork earlier = fork_ledger(url("vault"), url("earlier"), options_of_fork(near));
  expect_is_fork_there("earlier", near);
  EXPECT_EQ(earlier.head.chain_hash.to_string(),
            Ledger::open(app("earlier"), options).head().chain_hash.to_string());
  for (const std::int64_t at : {head, before_migration}) {
    const std::string name = fork_name();
    fork_ledger(url("vault"), name, options_of_fork(at));
    expect_is_fork(name, at);
  }
  fork_ledger(file, url("from_a_file"), options_of_fork(near));
  expect_is_fork_there("from_a_file", near);
  const state::Verification parent = state::verify(state::Location::of(app("vault")));
  EXPECT_TRUE(parent.equal()) << testing::describe(parent);
  EXPECT_EQ(parent.events, head);
}

TEST_F(forks_on_postgresql, go_their_own_way_beside_their_parent) {
  fork_ledger(url("vault"), url("other"), options_of_fork());
  Ledger parent = Ledger::open(app("vault"), options);
  Ledger fork = Ledger::open(app("other"), options);
  const CommitOptions once{.actor = "ann", .key = "once"};
  const std::string day = "{}";
  const Outcome here = parent.commit("day.ended", day, once);
  const Outcome there = fork.commit("day.ended", day, once);
  ASSERT_EQ(testing::reason_of(here), "");
  ASSERT_EQ(testing::reason_of(there), "");
  EXPECT_NE(here.receipt().first.value, there.receipt().first.value);
  EXPECT_EQ(parent.head().state_hash.to_string(), fork.head().state_hash.to_string());
  ASSERT_EQ(testing::reason_of(fork.commit("day.ended", day)), "");
  EXPECT_NE(parent.head().state_hash.to_string(), fork.head().state_hash.to_string());
  for (const char* ledger : {"vault", "other"}) {
    const state::Verification verified = state::verify(state::Location::of(app(ledger)));
    EXPECT_TRUE(verified.equal()) << testing::describe(verified);
  }
}

TEST_F(forks_on_postgresql, are_refused_where_they_can_t_be_and_leave_nothing) {
  const auto refusal = [&](const std::string& from, const std::string& to,
                           std::optional<std::int64_t> at = {}) {
    return testing::error_of([&] { fork_ledger(from, to, options_of_fork(at)); });
  };
  EXPECT_EQ(refusal(url("vault"), url("vault")).code(), ErrorCode::conflict) << "the name is taken";
  EXPECT_EQ(refusal(url("nobody"), url("other")).code(), ErrorCode::not_found);
  const Error other_schema = refusal(url("vault"), url("other"), before_migration);
  EXPECT_EQ(other_schema.code(), ErrorCode::conflict) << "the schema is at another migration";
  EXPECT_FALSE(other_schema.remedy().empty());
  administrator()->execute(
      "SET search_path TO reeve; SELECT set_config('reeve.capture', pg_current_xact_id()::text, true);"
      "UPDATE owners SET name = 'Eve' WHERE owner_id = (SELECT min(owner_id) FROM owners)");
  const Error damaged = refusal(url("vault"), url("other"));
  EXPECT_EQ(damaged.code(), ErrorCode::corrupt);
  EXPECT_THAT(damaged.message(), HasSubstr("table owners"));
  EXPECT_EQ(administrator()->value("SELECT count(*) FROM reeve.reeve_ledgers"), Value(std::int64_t{1}));
}

TEST_F(forks, are_made_beside_a_writer) {
  Ledger ledger = create();
  furnish(ledger);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      (void)ledger.commit("account.credited", R"({"account_id":"a","amount":1})");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int i = 0; i < 12; ++i) {
    const std::string name = fork_name();
    fork_ledger(file, name, {.share_blocks = i % 2 == 0});
    const state::Verification verified = state::verify(name);
    EXPECT_TRUE(verified.equal()) << testing::describe(verified);
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace reeve::history
