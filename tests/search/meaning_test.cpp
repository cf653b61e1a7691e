// Searches by meaning, by both and within a lineage, on both engines, against what a look at every row says.

#include "notes.h"

#include "search/finder.h"
#include "vectors/lexical_embedder.h"
#include "vectors/similarity.h"

#include <algorithm>
#include <set>

namespace reeve::testing {
namespace {

class meaning : public Notes {};

TEST_F(meaning, finds_the_rows_whose_vectors_are_nearest_the_same_on_both_engines) {
  make(workshop_.blueprint(notes_sources()), "meaning_nearest");
  const Heap heap = grow(150, 1);
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const EmbedReport report = ledger->embed("notes");
    EXPECT_EQ(report.stored, 150);
    EXPECT_EQ(report.left, 0) << report.failure;
    const EmbeddingStatus status = ledger->embedding_status("notes");
    EXPECT_EQ(status.fresh, 150);
    EXPECT_EQ(status.model, "lexical/1");
    EXPECT_FALSE(status.is_semantic);
  }
  NoteMaker maker(2);
  for (int i = 0; i < 60; ++i) {
    const std::string words = maker.text();
    SearchOptions options{.limit = 1 + maker.below(20), .by = SearchBy::meaning};
    std::string kind;
    if (maker.below(2) == 0) {
      kind = maker.kind();
      options.filters = {{"kind", kind}};
    }
    const SearchAnswer answer = ask(words, options);
    EXPECT_EQ(keys_of(answer), heap.nearest(words, kind, options.limit)) << words;
    EXPECT_TRUE(answer.is_exact);
    for (const char* path : {"scan", "codes", "sieve"}) {
      options.path = path;
      const SearchAnswer other = ask(words, options);
      EXPECT_EQ(keys_of(other), keys_of(answer)) << path;
      EXPECT_NE(other.paths.at(0).find(path), std::string::npos) << other.paths.at(0);
    }
  }
}

TEST_F(meaning, of_both_is_one_order_of_words_and_vectors) {
  make(workshop_.blueprint(notes_sources()), "meaning_both");
  grow(80, 3);
  sqlite_->embed("notes");
  postgres_->embed("notes");
  NoteMaker maker(4);
  int with_both = 0;
  for (int i = 0; i < 40; ++i) {
    const SearchAnswer answer = ask(maker.text(), {.limit = 10, .snippets = true, .by = SearchBy::both});
    ASSERT_FALSE(answer.hits.empty());
    for (const SearchHit& hit : answer.hits) {
      EXPECT_GT(hit.words_rank + hit.meaning_rank, 0);
      with_both += hit.words_rank > 0 && hit.meaning_rank > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(with_both, 0);
  const SearchAnswer scores =
      ask("storm at sea", {.by = SearchBy::both, .fusion = SearchFusion::weighted_scores, .words_weight = 0});
  const SearchAnswer vectors = ask("storm at sea", {.by = SearchBy::meaning});
  EXPECT_EQ(keys_of(scores).at(0), keys_of(vectors).at(0));
}

TEST_F(meaning, never_leaves_the_lineage_that_was_asked_for) {
  make(workshop_.blueprint(notes_sources()), "meaning_lineage");
  const Heap heap = grow(120, 5);
  sqlite_->embed("notes");
  postgres_->embed("notes");
  NoteMaker maker(6);
  for (int i = 0; i < 40; ++i) {
    const std::int64_t leaf = maker.below(120);
    const std::set<std::string> line = heap.lineage(leaf);
    for (const SearchBy by : {SearchBy::words, SearchBy::meaning, SearchBy::both}) {
      const SearchAnswer answer =
          ask(maker.text(), {.limit = 500, .by = by, .lineage = std::to_string(leaf)});
      const std::vector<std::string> found = keys_of(answer);
      for (const std::string& key : found) EXPECT_TRUE(line.contains(key)) << key << " of " << leaf;
      EXPECT_TRUE(by == SearchBy::words || found.size() == line.size()) << found.size();
    }
  }
  EXPECT_THROW(ask("sea", {.by = SearchBy::meaning, .lineage = "100000"}), Error);
  EXPECT_THROW(ask("sea", {.by = SearchBy::meaning, .lineage = "no number"}), Error);
}

TEST_F(meaning, shows_what_comes_first_before_all_else) {
  blueprint::Sources sources = notes_sources();
  sources.files["search/notes.toml"].insert(0, "first = { kind = \"canon\" }\n");
  make(workshop_.blueprint(sources), "meaning_first");
  const Heap heap = grow(60, 7);
  sqlite_->embed("notes");
  postgres_->embed("notes");
  NoteMaker maker(8);
  for (int i = 0; i < 20; ++i) {
    const std::string words = maker.text();
    for (const SearchBy by : {SearchBy::words, SearchBy::meaning, SearchBy::both}) {
      const std::vector<std::string> found = keys_of(ask(words, {.limit = 100, .by = by}));
      bool is_behind = false;
      for (const std::string& key : found) {
        const bool is_canon = heap.kind_of(key) == "canon";
        EXPECT_FALSE(is_canon && is_behind) << key;
        is_behind = is_behind || !is_canon;
      }
      EXPECT_TRUE(by != SearchBy::meaning || found.size() == 60U) << found.size();
    }
  }
}

TEST_F(meaning, leaves_out_what_changed_since_until_it_is_renewed) {
  make(workshop_.blueprint(notes_sources()), "meaning_stale");
  grow(20, 9);
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    ledger->embed("notes");
    EXPECT_EQ(ledger->search("notes", "sea", {.limit = 100, .by = SearchBy::meaning}).hits.size(), 20U);
    ASSERT_TRUE(ledger->commit("note.edited", R"({"note_id":3,"text":"another storm"})"));
    ASSERT_TRUE(
        ledger->commit("note.written", R"({"note_id":900,"text":"nobody knows it yet","kind":"lore"})"));
    const EmbeddingStatus status = ledger->embedding_status("notes", 5);
    EXPECT_EQ(status.stale_keys, std::vector<std::string>{R"({"note_id":3})"});
    EXPECT_EQ(status.missing_keys, std::vector<std::string>{R"({"note_id":900})"});
    const SearchAnswer answer =
        ledger->search("notes", "another storm", {.limit = 100, .by = SearchBy::meaning});
    EXPECT_EQ(answer.hits.size(), 19U);
    EXPECT_NE(answer.paths.at(0).find("1 rows left out"), std::string::npos) << answer.paths.at(0);
    const EmbedReport report = ledger->embed("notes");
    EXPECT_EQ(report.stored, 2);
    EXPECT_EQ(keys_of(ledger->search("notes", "another storm", {.limit = 1, .by = SearchBy::meaning})),
              std::vector<std::string>{R"({"note_id":3})"});
    ASSERT_TRUE(ledger->commit("note.removed", R"({"note_id":900})"));
    EXPECT_EQ(ledger->embedding_status("notes").rows, 20);
    EXPECT_EQ(ledger->embed("notes").wanted, 0);
  }
}

TEST_F(meaning, takes_rows_for_like_another_row_and_leaves_that_one_out) {
  make(workshop_.blueprint(notes_sources()), "meaning_like");
  grow(30, 11);
  sqlite_->embed("notes");
  postgres_->embed("notes");
  const SearchAnswer answer = ask("", {.limit = 100, .by = SearchBy::meaning, .like = R"({"note_id":4})"});
  EXPECT_EQ(answer.hits.size(), 29U);
  const std::vector<std::string> found = keys_of(answer);
  EXPECT_EQ(std::count(found.begin(), found.end(), R"({"note_id":4})"), 0);
  EXPECT_EQ(keys_of(ask("", {.limit = 100, .by = SearchBy::meaning, .like = "4"})), found);
  EXPECT_THROW(ask("", {.by = SearchBy::meaning, .like = "444"}), Error);
  EXPECT_THROW(ask("", {.by = SearchBy::words, .like = "4"}), Error);
  EXPECT_THROW(ask("", {.by = SearchBy::meaning, .vector = {1.0F}}), Error);
  EXPECT_THROW(ask("", {.by = SearchBy::meaning}), Error);
  EXPECT_THROW(sqlite_->search("plain", "sea", {.by = SearchBy::meaning}), Error);
  EXPECT_THROW(sqlite_->embed("plain"), Error);
}

TEST_F(meaning, follows_random_changes_undo_and_rewind_with_and_without_what_is_remembered) {
  make(workshop_.blueprint(notes_sources()), "meaning_random");
  NoteMaker maker(number_of("REEVE_SEED", 12));
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    ledger->search_indexes();
  }
  for (int round = 0; round < number_of("REEVE_MEANING_ROUNDS", 120); ++round) {
    const auto [type, payload] = maker.event();
    for (Ledger* ledger : {&*sqlite_, &*postgres_}) ledger->commit(type, payload);
    const std::int64_t head = sqlite_->head().sequence.value;
    if (maker.below(12) == 0 && head > 8) {
      const std::int64_t to = std::max<std::int64_t>(3, head - maker.below(12) - 1);
      for (Ledger* ledger : {&*sqlite_, &*postgres_}) ledger->rewind({to});
    }
    if (maker.below(4) == 0) {
      const std::int64_t rows = 1 + maker.below(6);
      const EmbedReport left = sqlite_->embed("notes", {.rows_max = rows});
      const EmbedReport right = postgres_->embed("notes", {.rows_max = rows});
      EXPECT_EQ(left.stored, right.stored);
    }
    ASSERT_EQ(sqlite_->head().sequence.value, postgres_->head().sequence.value);
    const std::string words = maker.text();
    const SearchAnswer exact = ask(words, {.limit = 50, .by = SearchBy::meaning, .path = "scan"});
    for (const char* path : {"codes", "sieve", ""}) {
      EXPECT_EQ(keys_of(ask(words, {.limit = 50, .by = SearchBy::meaning, .path = path})), keys_of(exact))
          << path << " in round " << round;
    }
  }
  EXPECT_EQ(differences(file_), "");
  EXPECT_EQ(differences(database_->application()), "");
}

}  // namespace
}  // namespace reeve::testing
