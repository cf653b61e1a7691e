// kill -9 while rows and their entries are written: neither is ever there without the other.

#include "notes.h"
#include "support/child_process.h"

#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

constexpr const char* child_argument = "--write-until-killed";

/// The child: commits at random, several at once, and says when it begins.
int write_until_killed(const std::string& url, std::uint64_t seed) {
  Ledger ledger = Ledger::open(url);
  LibraryMaker maker(seed);
  write_line("ready");
  for (;;) {
    std::vector<std::future<Outcome>> verdicts;
    for (std::int64_t i = maker.below(20); i >= 0; --i) {
      const auto [type, payload] = maker.event();
      verdicts.push_back(ledger.submit(type, payload));
    }
    for (std::future<Outcome>& verdict : verdicts) verdict.get();
  }
}

constexpr const char* embedder_argument = "--embed-until-killed";

/// The same of notes, whose vectors are made meanwhile.
int embed_until_killed(const std::string& url, std::uint64_t seed) {
  Ledger ledger = Ledger::open(url);
  NoteMaker maker(static_cast<int>(seed));
  write_line("ready");
  for (;;) {
    std::vector<std::future<Outcome>> verdicts;
    for (std::int64_t i = maker.below(12); i >= 0; --i) {
      const auto [type, payload] = maker.event();
      verdicts.push_back(ledger.submit(type, payload));
    }
    for (std::future<Outcome>& verdict : verdicts) verdict.get();
    ledger.embed("notes", {.rows_max = 1 + maker.below(20), .batch = 4});
    ledger.search("notes", maker.text(), {.by = SearchBy::meaning, .path = "codes"});
  }
}

class killed : public BothEngines {
 protected:
  void run(const std::string& url, const state::Location& location, int rounds) {
    LibraryMaker maker(test_seed("search killed"));
    std::int64_t before = 0;
    int moved = 0;
    for (int round = 0; round < rounds; ++round) {
      ChildProcess child({child_argument, url, std::to_string(maker.below(1'000'000))});
      ASSERT_EQ(child.read_line(), "ready");
      std::this_thread::sleep_for(std::chrono::milliseconds(30 + maker.below(150)));
      child.kill_now();
      child.wait();
      ASSERT_EQ(differences(location), "") << "round " << round;
      const std::int64_t head = Ledger::open(url).head().sequence.value;
      moved += head > before ? 1 : 0;
      before = head;
    }
    EXPECT_GT(moved, rounds / 4);
    Ledger ledger = Ledger::open(url);
    EXPECT_NO_THROW(ledger.search("samples", "kick or dusty"));
  }
};

TEST_F(killed, embedders_leave_no_vector_that_is_not_of_its_row) {
  make(workshop_.blueprint(notes_sources()), "search_embedders_killed");
  sqlite_.reset();
  postgres_.reset();
  NoteMaker maker(number_of("REEVE_SEED", 31));
  for (const std::string& url : {file_, database_->application()}) {
    int moved = 0;
    std::int64_t before = 0;
    const int rounds = number_of("REEVE_SEARCH_KILLS", 12) / 2;
    for (int round = 0; round < rounds; ++round) {
      ChildProcess child({embedder_argument, url, std::to_string(maker.below(1'000'000))});
      ASSERT_EQ(child.read_line(), "ready");
      std::this_thread::sleep_for(std::chrono::milliseconds(50 + maker.below(200)));
      child.kill_now();
      child.wait();
      Ledger ledger = Ledger::open(url);
      const std::int64_t head = ledger.head().sequence.value;
      moved += head > before ? 1 : 0;
      before = head;
      ASSERT_EQ(differences(url), "") << "round " << round;
      const EmbeddingStatus status = ledger.embedding_status("notes");
      EXPECT_EQ(status.fresh + status.missing + status.stale, status.rows);
      for (const char* path : {"codes", "scan"}) {
        const SearchAnswer found =
            ledger.search("notes", maker.text(), {.limit = 500, .by = SearchBy::meaning, .path = path});
        EXPECT_EQ(static_cast<std::int64_t>(found.hits.size()), status.fresh) << path;
      }
    }
    EXPECT_GT(moved, rounds / 2);
    Ledger ledger = Ledger::open(url);
    ledger.embed("notes");
    const EmbeddingStatus status = ledger.embedding_status("notes");
    EXPECT_EQ(status.fresh, status.rows);
  }
}

TEST_F(killed, writers_leave_no_row_without_its_entry) {
  make(workshop_.blueprint(library_sources()), "search_killed");
  sqlite_.reset();
  postgres_.reset();
  const int rounds = number_of("REEVE_SEARCH_KILLS", 12);
  run(file_, file_, rounds);
  run(database_->application(), database_->application(), rounds / 2);
}

}  // namespace
}  // namespace reeve::testing

int main(int count, char** arguments) {
  if (count == 4 && std::string_view(arguments[1]) == reeve::testing::child_argument) {
    return reeve::testing::write_until_killed(arguments[2], std::strtoull(arguments[3], nullptr, 10));
  }
  if (count == 4 && std::string_view(arguments[1]) == reeve::testing::embedder_argument) {
    return reeve::testing::embed_until_killed(arguments[2], std::strtoull(arguments[3], nullptr, 10));
  }
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
