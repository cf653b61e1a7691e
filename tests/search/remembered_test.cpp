// What a process remembers of vectors, and the graph in its file: they propose, the rows of the snapshot decide.

#include "notes.h"

#include "search/finder.h"
#include "state/epochs.h"
#include "support/http_server.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <future>

namespace reeve::testing {
namespace {

class remembered : public Notes {
 protected:
  void make_file(std::int64_t dimensions = 256) {
    file_ = workshop_.path("ledger.db");
    create_ledger(file_, workshop_.blueprint(notes_sources(dimensions)));
    sqlite_.emplace(Ledger::open(file_));
  }
  /// Many at once.
  void write(std::int64_t first, std::int64_t count, NoteMaker& maker) {
    std::vector<std::future<Outcome>> outcomes;
    for (std::int64_t id = first; id < first + count; ++id) {
      outcomes.push_back(sqlite_->submit(
          "note.written", "{\"note_id\":" + std::to_string(id) + ",\"kind\":\"" + maker.kind() +
                              "\",\"text\":\"" + maker.text() + " " + std::to_string(id) + "\"}"));
    }
    for (auto& outcome : outcomes) ASSERT_TRUE(outcome.get());
  }
  double recall(std::string_view path, NoteMaker& maker, const SearchOptions& given = {}) {
    int found = 0;
    int all = 0;
    for (int i = 0; i < 30; ++i) {
      SearchOptions options = given;
      options.limit = 10;
      options.by = SearchBy::meaning;
      const std::string words = maker.text() + " " + std::to_string(maker.below(20'000));
      options.path = "scan";
      const std::vector<std::string> exact = keys_of(sqlite_->search("notes", words, options));
      options.path = path;
      const SearchAnswer answer = sqlite_->search("notes", words, options);
      explained_ = answer.paths.at(0);
      const std::vector<std::string> near = keys_of(answer);
      EXPECT_EQ(near.size(), exact.size());
      for (const std::string& key : exact) found += std::count(near.begin(), near.end(), key) > 0 ? 1 : 0;
      all += static_cast<int>(exact.size());
    }
    return static_cast<double>(found) / all;
  }
  std::string explained_;
};

TEST_F(remembered, graph_is_kept_in_its_file_caught_up_and_compared) {
  make_file(64);
  NoteMaker maker(21);
  write(0, 21'000, maker);
  EXPECT_EQ(sqlite_->embed("notes", {.batch = 1000}).stored, 21'000);
  const std::string graph = file_ + "-notes.graph";
  ASSERT_TRUE(std::filesystem::exists(graph));
  EXPECT_GE(recall("", maker), 0.95) << explained_;
  EXPECT_NE(explained_.find("graph:"), std::string::npos) << explained_;
  EXPECT_GE(recall("", maker, {.filters = {{"kind", "canon"}}}), 0.999) << explained_;
  // What comes and goes is in the next answer, whatever the graph knows.
  ASSERT_TRUE(sqlite_->commit("note.written", R"({"note_id":50000,"text":"a violin in the lighthouse"})"));
  ASSERT_TRUE(sqlite_->commit("note.removed", R"({"note_id":7})"));
  sqlite_->embed("notes");
  const SearchOptions near{.limit = 1, .by = SearchBy::meaning};
  EXPECT_EQ(keys_of(sqlite_->search("notes", "a violin in the lighthouse", near)).at(0),
            R"({"note_id":50000})");
  // Another process reads the file, with what happened behind it.
  ASSERT_TRUE(sqlite_->commit("note.edited", R"({"note_id":50000,"text":"a mirror in the tower"})"));
  sqlite_.emplace(Ledger::open(file_));
  EXPECT_GE(recall("", maker), 0.95) << explained_;
  EXPECT_NE(explained_.find("graph:"), std::string::npos) << explained_;
  EXPECT_EQ(differences(file_), "");
  // Bytes of a graph that was changed are not believed.
  sqlite_.reset();
  {
    std::fstream file(graph, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(300'000);
    file.write("changed", 7);
  }
  sqlite_.emplace(Ledger::open(file_));
  EXPECT_GE(recall("", maker), 0.999) << explained_;
  EXPECT_EQ(explained_.find("graph:"), std::string::npos) << explained_;
  EXPECT_NE(differences(file_).find("is not asked"), std::string::npos) << differences(file_);
  // A process that runs takes the one that another has made meanwhile.
  state::rebuild_search(file_, "notes");
  ASSERT_TRUE(sqlite_->commit("note.removed", R"({"note_id":8})"));
  EXPECT_GE(recall("", maker), 0.95) << explained_;
  EXPECT_NE(explained_.find("graph:"), std::string::npos) << explained_;
  EXPECT_EQ(differences(file_), "");
  // The graph of another ledger neither.
  const std::string other = workshop_.path("other.db");
  sqlite_.reset();
  std::filesystem::rename(file_, workshop_.path("first.db"));
  create_ledger(other, workshop_.blueprint(notes_sources(64)));
  std::filesystem::rename(graph, other + "-notes.graph");
  file_ = other;
  sqlite_.emplace(Ledger::open(file_));
  write(0, 20'500, maker);
  EXPECT_EQ(sqlite_->embed("notes", {.batch = 1000}).left, 0);
  EXPECT_EQ(differences(file_), "");
}

TEST_F(remembered, is_read_by_snapshots_of_before_and_after) {
  make_file();
  NoteMaker maker(22);
  write(0, 200, maker);
  sqlite_->embed("notes");
  const auto open = [&] { return engine::Connection::open(file_, engine::OpenMode::read_only); };
  const auto before = open();
  const engine::Transaction snapshot(*before, engine::Transaction::Mode::read);
  const journal::Head head = journal::read_head(*before);
  const auto epoch = state::load_last_epoch(*before);
  const auto definition =
      search::Definition::of(*epoch->blueprint, search::declared(*epoch->blueprint, "notes"), epoch->layout);
  search::VectorMemory memory(definition, "lexical/1", {});
  ASSERT_TRUE(memory.read(*before, epoch->layout, head).has_value());
  // The ledger goes on, and a later reader takes the memory along.
  for (int i = 0; i < 60; ++i) {
    const auto [type, payload] = maker.event();
    sqlite_->commit(type, payload);
  }
  sqlite_->embed("notes");
  const auto after = open();
  const engine::Transaction later(*after, engine::Transaction::Mode::read);
  const journal::Head later_head = journal::read_head(*after);
  ASSERT_TRUE(memory.read(*after, epoch->layout, later_head).has_value());
  EXPECT_EQ(memory.sequence(), later_head.sequence);
  vectors::LexicalEmbedder embedder(256);
  for (const auto& [connection, at] : {std::pair(before.get(), head), std::pair(after.get(), later_head)}) {
    const auto reading = memory.read(*connection, epoch->layout, at);
    ASSERT_TRUE(reading.has_value());
    search::VectorTable table(*connection, definition, {}, "lexical/1");
    for (int i = 0; i < 40; ++i) {
      const vectors::Query query(vectors::Metric::cosine, embedder.embed_one(maker.text()).vector);
      search::SnapshotRows all(table, table.count(10'000));
      search::SnapshotRows some(table, memory, at, false);
      const auto exact = vectors::search(all, query, {.k = 20, .path = vectors::Path::scan});
      EXPECT_EQ(vectors::search(some, query, {.k = 20, .path = vectors::Path::codes}).hits, exact.hits);
      EXPECT_EQ(vectors::search(some, query, {.k = 20, .path = vectors::Path::sieve}).hits, exact.hits);
      EXPECT_EQ(some.count(), all.count());
    }
  }
}

TEST_F(remembered, nothing_of_a_row_is_lost_when_the_model_is_out) {
  blueprint::Sources sources = notes_sources(8);
  std::string& index = sources.files.at("search/notes.toml");
  index.replace(index.find("lexical"), 7, "small-model");
  file_ = workshop_.path("ledger.db");
  create_ledger(file_, workshop_.blueprint(sources));
  std::atomic<bool> is_out{true};
  HttpServer server([&](const HttpRequest& request) -> HttpResponse {
    // One connection is answered after the other: none is kept.
    const std::string close = "Connection: close\r\n";
    if (is_out) return {.status = 401, .body = R"({"error":{"message":"no"}})", .headers = close};
    nlohmann::json answer = nlohmann::json::object();
    answer["data"] = nlohmann::json::array();
    int at = 0;
    const nlohmann::json asked = nlohmann::json::parse(request.body);
    for (const auto& text : asked.at("input")) {
      const bool is_refused = text.get<std::string>().find("wolf") != std::string::npos;
      std::vector<double> vector(is_refused ? 7 : 8, 0.5);
      vector[0] = static_cast<double>(text.get<std::string>().size());
      answer["data"].push_back({{"index", at++}, {"embedding", vector}});
    }
    return {.status = 200, .body = answer.dump(), .headers = close};
  });
  LedgerOptions options;
  options.embedding.url = server.url("/v1/embeddings");
  sqlite_.emplace(Ledger::open(file_, options));
  ASSERT_TRUE(sqlite_->commit("note.written", R"({"note_id":1,"text":"the sea"})"));
  ASSERT_TRUE(sqlite_->commit("note.written", R"({"note_id":2,"text":"a wolf"})"));
  const EmbedReport none = sqlite_->embed("notes");
  EXPECT_EQ(none.stored + none.failed, 0);
  EXPECT_EQ(none.left, 2);
  EXPECT_NE(none.failure, "");
  EXPECT_EQ(sqlite_->search("notes", "sea").hits.size(), 1U);
  EXPECT_THROW(sqlite_->search("notes", "sea", {.by = SearchBy::meaning}), Error);
  is_out = false;
  const EmbedReport some = sqlite_->embed("notes");
  EXPECT_EQ(some.stored, 1);
  EXPECT_EQ(some.failed, 1) << some.failure;
  EXPECT_EQ(some.left, 0);
  const EmbeddingStatus status = sqlite_->embedding_status("notes", 5);
  EXPECT_EQ(status.failed_keys, std::vector<std::string>{R"({"note_id":2})"});
  EXPECT_EQ(sqlite_->embed("notes").wanted, 0);
  EXPECT_EQ(sqlite_->embed("notes", {.retry_failed = true}).failed, 1);
  EXPECT_EQ(keys_of(sqlite_->search("notes", "sea", {.by = SearchBy::meaning})),
            std::vector<std::string>{R"({"note_id":1})"});
  EXPECT_EQ(sqlite_->embedding_status("notes").model, "small-model/1");
}

}  // namespace
}  // namespace reeve::testing
