// The index arrives wherever a ledger goes: migrations, forks, exports, replays, other engines, other ledgers' schemas.

#include "library.h"

#include "history/fork.h"
#include "state/migrate.h"
#include "state/rebuild.h"
#include "state/replay.h"
#include "state/transfer.h"
#include "state/verify.h"

#include <sstream>

namespace reeve::testing {
namespace {

class moves : public BothEngines {
 protected:
  void fill(int events = 240) {
    LibraryMaker maker(test_seed("search moves"));
    for (int i = 0; i < events; ++i) {
      const auto [type, payload] = maker.event();
      const CommitOptions options{.id = fmt::format("00000000-0000-4000-8000-{:012}", i + 1),
                                  .time = "2026-01-01T00:00:00Z"};
      sqlite_->commit(type, payload, options);
      postgres_->commit(type, payload, options);
    }
    expect_equal_heads(events);
  }
  std::string answers(Ledger& ledger) {
    std::string out;
    for (const char* words : {"kick", "dusty or tape", "lo-fi", "ru*", "\"kick snare\" or hiss -vinyl"}) {
      const SearchAnswer answer = ledger.search("samples", words, {.snippets = true});
      for (const SearchHit& hit : answer.hits)
        out += fmt::format("{} {} {}\n", hit.key, hit.score, hit.snippet);
    }
    return out;
  }
  void expect_kept(const state::Location& location, const std::string& expected) {
    EXPECT_EQ(differences(location), "") << location.name();
    Ledger ledger = Ledger::open(location.is_file() ? location.file().string() : database_->application());
    EXPECT_EQ(answers(ledger), expected) << location.name();
  }
};

TEST_F(moves, of_the_blueprint_build_change_and_drop_indexes) {
  blueprint::Sources sources = library_sources();
  const std::string samples = sources.files.at("search/samples.toml");
  sources.files.erase("search/samples.toml");
  sources.files.erase("search/plain.toml");
  make(workshop_.blueprint(sources), "search_blueprint");
  fill();
  EXPECT_THROW(sqlite_->search("samples", "kick"), Error);
  const auto migrate = [&](const std::function<void(blueprint::Sources&)>& change) {
    change(sources);
    state::migrate_up(file_, sources, {}, {});
    state::migrate_up(database_->administrator(), sources, {}, {});
    EXPECT_EQ(differences(file_), "");
    EXPECT_EQ(differences(database_->application()), "");
    EXPECT_EQ(answers(*sqlite_), answers(*postgres_));
  };
  // Gained: by ledgers that are open.
  migrate([&](blueprint::Sources& next) { next.files["search/samples.toml"] = samples; });
  EXPECT_FALSE(answers(*sqlite_).empty());
  EXPECT_EQ(reason_of(sqlite_->commit("sample.added", R"({"sample_id":9001,"title":"gained","path":"p"})")),
            "");
  EXPECT_EQ(reason_of(postgres_->commit("sample.added", R"({"sample_id":9001,"title":"gained","path":"p"})")),
            "");
  EXPECT_EQ(sqlite_->search("samples", "gained").hits.size(), 1U);
  EXPECT_EQ(postgres_->search("samples", "gained").hits.size(), 1U);
  // Changed: another language, another column.
  migrate([](blueprint::Sources& next) {
    next.files["search/samples.toml"] =
        "format = 1\ntable = \"samples\"\nlanguage = \"german\"\n\n[text]\npath = 5\n";
  });
  EXPECT_EQ(sqlite_->search("samples", "gained").hits.size(), 0U);
  // With a migration that makes the table anew, and fills rows.
  migrate([&](blueprint::Sources& next) {
    next.files["search/samples.toml"] = samples;
    next.files["migrations/0002_loud.up.sql"] =
        "-- breaking: loud is always known now\n"
        "UPDATE samples SET title = title || ' migrated', loud = COALESCE(loud, false);\n"
        "ALTER TABLE samples ADD COLUMN heard integer NOT NULL DEFAULT 0;\n";
    next.files["migrations/0002_loud.down.sql"] = "ALTER TABLE samples DROP COLUMN heard;\n";
  });
  EXPECT_GT(sqlite_->search("samples", "migrated").matches, 20);
  // Lost.
  sources.files.erase("search/samples.toml");
  state::migrate_up(file_, sources, {}, {});
  state::migrate_up(database_->administrator(), sources, {}, {});
  EXPECT_EQ(std::get<std::int64_t>(
                *engine::Connection::open(file_, engine::OpenMode::read_only)
                     ->value("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'reeve_search_terms*'")),
            0);
  EXPECT_EQ(std::get<std::int64_t>(*database_->value("SELECT count(*) FROM reeve.reeve_search_postings")), 0);
  EXPECT_TRUE(state::verify(file_).equal());
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(moves, of_a_ledger_bring_its_index_along) {
  make(workshop_.blueprint(library_sources()), "search_moves");
  fill();
  const std::string expected = answers(*sqlite_);
  EXPECT_EQ(answers(*postgres_), expected);
  expect_kept(file_, expected);
  expect_kept(database_->application(), expected);
  // Exported and imported.
  std::string exported;
  state::export_journal(file_, [&](std::string_view line) { exported += std::string(line) + "\n"; });
  std::istringstream lines(exported);
  const std::string imported = workshop_.path("imported.db");
  state::import_journal([&](std::string& line) { return static_cast<bool>(std::getline(lines, line)); },
                        imported);
  expect_kept(state::Location(imported), expected);
  // Forked at an earlier event, where other rows were.
  const std::string fork = workshop_.path("fork.db");
  history::fork_file(file_, fork, {.at = Sequence{60}});
  EXPECT_EQ(differences(state::Location(fork)), "");
  Ledger forked = Ledger::open(fork);
  EXPECT_NE(answers(forked), expected);
  EXPECT_EQ(reason_of(forked.commit("sample.added", R"({"sample_id":9001,"title":"forked","path":"p"})")),
            "");
  EXPECT_EQ(differences(state::Location(fork)), "");
  // Replayed, and healed after somebody changed rows behind it.
  state::replay(file_, {});
  expect_kept(file_, expected);
  engine::Connection::open(file_, engine::OpenMode::read_write)
      ->execute("UPDATE samples SET title = 'meddled'");
  EXPECT_NE(differences(file_), "");
  state::rebuild(file_);
  expect_kept(file_, expected);
  // And back from the other engine.
  const std::string back = workshop_.path("back.db");
  EXPECT_TRUE(state::promote(database_->administrator(), back, {.progress = {}, .fence = false}).equal());
  expect_kept(state::Location(back), expected);
}

TEST_F(moves, of_another_writer_are_brought_up_by_the_keys_that_changed) {
  make(workshop_.blueprint(library_sources()), "search_keys");
  fill();
  // As a writer that knows of no search would leave it: the index is that of an earlier event.
  const auto place = [&](const std::string& sql) {
    const auto connection = engine::Connection::open(file_, engine::OpenMode::read_only);
    return std::get<std::string>(connection->value(sql).value());
  };
  const std::string hash = place("SELECT chain_hash FROM reeve_search LIMIT 1");
  const std::int64_t sequence = sqlite_->head().sequence.value;
  EXPECT_EQ(reason_of(sqlite_->commit("sample.added", R"({"sample_id":9001,"title":"late","path":"p"})")),
            "");
  engine::Connection::open(file_, engine::OpenMode::read_write)
      ->execute(fmt::format("UPDATE reeve_search SET sequence = {}, chain_hash = '{}';"
                            "UPDATE reeve_search_terms_2 SET c3 = 'old' WHERE rowid ="
                            " (SELECT entry FROM reeve_search_documents WHERE number = 2 AND key = '[9001]')",
                            sequence, hash));
  EXPECT_THROW(sqlite_->search("samples", "late"), Error);
  EXPECT_NE(differences(file_).find("stale"), std::string::npos);
  sqlite_.emplace(Ledger::open(file_));
  EXPECT_EQ(reason_of(sqlite_->commit("user.joined", R"({"user_id":"late"})")), "");
  EXPECT_EQ(sqlite_->search("samples", "late").hits.size(), 1U);
  EXPECT_EQ(differences(file_), "");
}

TEST_F(moves, of_a_neighbour_are_seen_by_nobody_else) {
  make(workshop_.blueprint(library_sources()), "search_tenants");
  create_ledger(database_->administrator("other"), workshop_.blueprint(library_sources()));
  Ledger other = Ledger::open(database_->application("other"));
  postgres_.emplace(Ledger::open(database_->application("library")));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(reason_of(other.commit(
                  "sample.added", fmt::format(R"({{"sample_id":{},"title":"secret kick","path":"p"}})", i))),
              "");
  }
  commit("sample.added", R"({"sample_id":500,"title":"own kick","path":"p"})");
  const SearchAnswer answer = postgres_->search("samples", "kick or secret");
  ASSERT_EQ(answer.hits.size(), 1U);
  EXPECT_EQ(answer.hits[0].key, R"({"sample_id":500})");
  EXPECT_EQ(answer.units.at(1).rows, 0);  // nor counted
  EXPECT_EQ(shown(answer), shown(sqlite_->search("samples", "kick or secret")));
  EXPECT_EQ(other.search("samples", "own").matches, 0);
  EXPECT_EQ(other.search("samples", "secret").matches, 20);
}

}  // namespace
}  // namespace reeve::testing
