// A real pgvector over the wire: it proposes which rows to look at, is kept with the rows, and may come and go.

#include "notes.h"

#include "journal/directory.h"
#include "search/vector_copy.h"
#include "state/location.h"
#include "support/pglite_server.h"

#include <reeve/directory.h>

#include <future>

namespace reeve::testing {
namespace {

using state::KeepVectors;

class pgvector : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = PgliteServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "left out: there is no node or no npm";
    static int count = 0;
    schema_ = "s" + std::to_string(++count);
    execute("CREATE EXTENSION IF NOT EXISTS vector");
  }
  void TearDown() override {
    if (server_ != nullptr) clear();
  }
  void clear() {
    ledger_.reset();
    execute("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
  }

  void execute(const std::string& sql) { engine::Connection::open_postgres(server_->url())->execute(sql); }
  std::optional<Value> value(const std::string& sql) {
    return engine::Connection::open_postgres(server_->url())->value(sql);
  }
  std::string url(const std::string& user, const std::string& ledger = "a") {
    return server_->url(user) + "&schema=" + schema_ + "&ledger=" + ledger;
  }
  std::string administrator(const std::string& ledger = "a") { return url("postgres", ledger); }
  std::string application(const std::string& ledger = "a") {
    execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN "
        "CREATE ROLE app LOGIN IN ROLE reeve_writer; END IF; END $$");
    return url("app", ledger);
  }
  /// For a test's own SQL: of so few rows as a test has the server would sort all.
  std::string unsorted(const std::string& ledger = "a") {
    return application(ledger) + "&options=-c%20enable_sort%3Doff";
  }

  /// Notes with vectors, written to a file and promoted.
  void make(int count, int seed, std::int64_t dimensions = 64, const std::string& metric = "cosine",
            const std::string& ledger = "a") {
    const std::string file = workshop_.path(ledger + ".db");
    blueprint::Sources sources = notes_sources(dimensions);
    sources.files["search/notes.toml"] += "metric = \"" + metric + "\"\n";
    create_ledger(file, workshop_.blueprint(sources));
    Ledger written = Ledger::open(file);
    NoteMaker maker(seed);
    std::vector<std::future<Outcome>> outcomes;
    for (int id = 0; id < count; ++id) {
      outcomes.push_back(written.submit("note.written", "{\"note_id\":" + std::to_string(id) +
                                                            ",\"kind\":\"" + maker.kind() + "\",\"text\":\"" +
                                                            maker.text() + " " + std::to_string(id) + "\"}"));
    }
    for (auto& outcome : outcomes) ASSERT_TRUE(outcome.get());
    written.embed("notes", {.batch = 500});
    ASSERT_TRUE(state::promote(file, administrator(ledger), {.progress = {}, .fence = false}).equal());
  }
  void open() { ledger_.emplace(Ledger::open(application())); }
  void rebuild(KeepVectors vectors = KeepVectors::as_before) {
    state::rebuild_search(state::Location::of(administrator()), {}, vectors);
  }
  std::string differences(const std::string& ledger = "a") {
    std::string out;
    for (const search::IndexCheck& check : state::verify_search(state::Location::of(application(ledger)))) {
      out += check.fault;
      if (!check.is_equal()) out += std::to_string(check.on_server_otherwise) + " otherwise\n";
      for (const std::string& example : check.examples) out += example + "\n";
    }
    return out;
  }
  SearchAnswer near(const std::string& words, const std::string& path, SearchOptions options = {}) {
    options.by = SearchBy::meaning;
    options.path = path;
    return ledger_->search("notes", words, options);
  }
  static std::string shown(const SearchAnswer& answer) {
    std::string out;
    for (const SearchHit& hit : answer.hits) out += fmt::format("{} {}\n", hit.key, hit.score);
    return out;
  }
  /// Of the ten nearest by every vector, how many the server's index leads to; their scores are the same.
  double recall(const SearchOptions& given = {}) {
    NoteMaker maker(99);
    int found = 0;
    int all = 0;
    for (int i = 0; i < 20; ++i) {
      SearchOptions options = given;
      options.limit = 10;
      const std::string words = maker.text() + " " + std::to_string(maker.below(1'000));
      const SearchAnswer exact = near(words, "scan", options);
      const SearchAnswer answer = near(words, "pgvector", options);
      explained_ = answer.paths.at(0);
      EXPECT_EQ(answer.hits.size(), exact.hits.size()) << explained_;
      for (const SearchHit& hit : exact.hits) {
        const auto same = std::find_if(answer.hits.begin(), answer.hits.end(),
                                       [&](const SearchHit& one) { return one.key == hit.key; });
        if (same == answer.hits.end()) continue;
        ++found;
        EXPECT_EQ(same->score, hit.score);
      }
      all += static_cast<int>(exact.hits.size());
    }
    return static_cast<double>(found) / all;
  }

  PgliteServer* server_ = nullptr;
  std::string schema_;
  Workshop workshop_;
  std::optional<Ledger> ledger_;
  std::string explained_;
};

TEST_F(pgvector, proposes_rows_and_their_own_vectors_score) {
  for (const std::string metric : {"cosine", "inner_product", "l2"}) {
    SCOPED_TRACE(metric);
    make(1'200, 5, 64, metric);
    rebuild(KeepVectors::server);
    open();
    EXPECT_GE(recall(), 0.95) << explained_;
    EXPECT_EQ(explained_.find("approximate, pgvector: 72 candidates of 1200 rows"), 0U) << explained_;
    EXPECT_EQ(differences(), "");
    clear();
    std::filesystem::remove(workshop_.path("a.db"));
  }
}

TEST_F(pgvector, index_is_asked_behind_row_level_security) {
  make(1'200, 6);
  rebuild(KeepVectors::server);
  const auto connection = state::Location::of(unsorted()).open(engine::OpenMode::read_only, {}, {});
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  std::string zeros = "0.5";
  for (int i = 1; i < 64; ++i) zeros += ",0.5";
  engine::Statement plan = connection->prepare(fmt::format(
      "EXPLAIN SELECT key FROM reeve_vectors_1 WHERE ledger_id = '{}' ORDER BY embedding OPERATOR("
      "public.<=>) '[{}]'::public.vector LIMIT 64",
      connection->ledger(), zeros));
  std::string lines;
  while (plan.step()) lines += std::string(plan.text(0)) + "\n";
  EXPECT_NE(lines.find("Index Scan using reeve_vectors_1_embedding_idx"), std::string::npos) << lines;
}

TEST_F(pgvector, gives_as_many_rows_as_there_are) {
  make(1'200, 7);
  rebuild(KeepVectors::server);
  open();
  // Behind a filter, more is proposed, and at last the process looks itself.
  EXPECT_GE(recall({.filters = {{"kind", "canon"}}}), 0.95) << explained_;
  EXPECT_NE(explained_.find("pgvector"), std::string::npos) << explained_;
  for (int id = 0; id < 12; ++id)
    ASSERT_TRUE(ledger_->commit(
        "note.written",
        fmt::format(R"({{"note_id":{},"kind":"rare","text":"a bread {}"}})", 5'000 + id, id)));
  ledger_->embed("notes");
  const SearchOptions rare{.limit = 12, .filters = {{"kind", "rare"}}};
  const SearchAnswer few = near("violin clock", "pgvector", rare);
  EXPECT_EQ(few.hits.size(), 12U) << few.paths.at(0);
  EXPECT_EQ(shown(few), shown(near("violin clock", "scan", rare)));
  EXPECT_EQ(near("storm", "pgvector", {.limit = 900}).hits.size(), 900U);
  EXPECT_EQ(near("storm", "pgvector", {.limit = 1'212}).hits.size(), 1'212U);
  EXPECT_EQ(near("storm", "pgvector", {.limit = 5'000}).hits.size(), 1'212U);
  // So few rows are looked at one by one, if nothing else is asked for.
  EXPECT_EQ(near("storm", "").paths.at(0).find("exact, scan"), 0U);
}

TEST_F(pgvector, is_kept_with_the_rows_whatever_happens_to_them) {
  make(60, 8);
  rebuild(KeepVectors::server);
  open();
  NoteMaker maker(8);
  for (int i = 0; i < 240; ++i) {
    const auto [type, payload] = maker.event();
    (void)ledger_->commit(type, payload);
    if (i % 40 == 39) ledger_->embed("notes");
    if (i % 80 == 79) {
      EXPECT_EQ(differences(), "");
      // By another process, and by this one again.
      ASSERT_TRUE(Ledger::open(application())
                      .commit("note.written", fmt::format(R"({{"note_id":{},"text":"sea"}})", 9'000 + i)));
    }
  }
  EXPECT_EQ(differences(), "");
  const std::string before = shown(near("storm at sea", "pgvector", {.limit = 20}));
  EXPECT_EQ(before, shown(near("storm at sea", "scan", {.limit = 20})));
  rebuild();
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(shown(near("storm at sea", "pgvector", {.limit = 20})), before);
  rebuild(KeepVectors::process);
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(std::get<std::int64_t>(
                *value("SELECT count(*) FROM pg_class WHERE relname LIKE 'reeve\\_vectors\\_%'")),
            0);
  EXPECT_THROW(near("storm at sea", "pgvector"), Error);
  EXPECT_EQ(shown(near("storm at sea", "", {.limit = 20})), before);
}

TEST_F(pgvector, who_writes_already_takes_up_a_copy_that_is_made) {
  make(40, 9);
  open();
  ASSERT_TRUE(ledger_->commit("note.written", R"({"note_id":100,"text":"a violin in the lighthouse"})"));
  rebuild(KeepVectors::server);
  ASSERT_TRUE(ledger_->commit("note.written", R"({"note_id":101,"text":"a mirror in the tower"})"));
  ASSERT_TRUE(ledger_->commit("note.removed", R"({"note_id":3})"));
  EXPECT_EQ(ledger_->embed("notes").stored, 2);
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(near("a mirror in the tower", "pgvector", {.limit = 1}).hits.at(0).key, R"({"note_id":101})");
}

TEST_F(pgvector, differences_are_counted_both_ways) {
  make(40, 10);
  rebuild(KeepVectors::server);
  const std::string table = schema_ + ".reeve_vectors_1";
  execute("DELETE FROM " + table + " WHERE key = '[1]'");
  execute("UPDATE " + table + " SET embedding = (SELECT embedding FROM " + table +
          " WHERE key = '[5]') WHERE key = '[6]'");
  execute("INSERT INTO " + table + " SELECT ledger_id, '[99]', embedding FROM " + table +
          " WHERE key = '[5]'");
  const std::string told = differences();
  EXPECT_EQ(told.find("3 otherwise"), 0U) << told;
  for (const std::string line : {"lacks a vector: {\"note_id\":1}", "has another vector: {\"note_id\":6}",
                                 "has a vector of no row: {\"note_id\":99}"})
    EXPECT_NE(told.find(line), std::string::npos) << told;
  rebuild();
  EXPECT_EQ(differences(), "");
  execute("UPDATE " + schema_ + ".reeve_search_copies SET rows = 7");
  EXPECT_NE(differences().find("said to have 7 vectors, and has 40"), std::string::npos) << differences();
  execute("UPDATE " + schema_ + ".reeve_search_copies SET rows = 40, sequence = 3, chain_hash = 'other'");
  EXPECT_NE(differences().find("it is of event 3"), std::string::npos) << differences();
  open();
  EXPECT_THROW(near("storm", "pgvector"), Error);
  // Whoever writes next finds out by comparison what is missing.
  execute("DELETE FROM " + schema_ +
          ".reeve_vectors_2 WHERE key = '[2]'");  // made before the one of before went
  execute("UPDATE " + schema_ + ".reeve_search_copies SET rows = 39");
  ledger_.reset();
  open();
  ASSERT_TRUE(ledger_->commit("note.removed", R"({"note_id":3})"));
  EXPECT_EQ(differences(), "");
}

TEST_F(pgvector, ledgers_of_a_schema_never_see_each_other) {
  make(50, 11, 64, "cosine", "a");
  make(30, 12, 64, "cosine", "b");
  for (const std::string name : {"a", "b"})
    state::rebuild_search(state::Location::of(administrator(name)), {}, KeepVectors::server);
  const auto as_app = [&](const std::string& ledger, const std::string& sql) {
    const auto connection = state::Location::of(unsorted(ledger)).open(engine::OpenMode::read_only, {}, {});
    const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
    return std::get<std::int64_t>(*connection->value(sql));
  };
  for (const auto& [ledger, table, rows] : {std::tuple("a", 1, 50), {"a", 2, 0}, {"b", 1, 0}, {"b", 2, 30}}) {
    EXPECT_EQ(as_app(ledger, fmt::format("SELECT count(*) FROM reeve_vectors_{}", table)), rows) << ledger;
    EXPECT_EQ(
        as_app(ledger,
               fmt::format("SELECT count(*) FROM (SELECT key FROM reeve_vectors_{} ORDER BY embedding "
                           "OPERATOR(public.<=>) (SELECT array_fill(1, ARRAY[64])::real[]::public.vector) "
                           "LIMIT 100) AS found",
                           table)),
        std::min(rows, 40))
        << ledger;
    EXPECT_EQ(as_app(ledger, "SELECT count(*) FROM reeve_search_copies"), 1);
  }
  // Neither their names nor their definitions tell of whom they are.
  EXPECT_EQ(std::get<std::int64_t>(*value(
                "SELECT count(*) FROM pg_class c CROSS JOIN " + schema_ +
                ".reeve_ledgers l WHERE position(replace(l.ledger_id::text, '-', '') IN c.relname) > 0")),
            0);
  open();
  EXPECT_EQ(near("storm", "pgvector", {.limit = 100}).hits.size(), 50U);
  ledger_.reset();
  // Erased, its table goes with it.
  erase_ledger(administrator("b"), {.confirm = "b"});
  EXPECT_EQ(std::get<std::int64_t>(*value("SELECT count(*) FROM pg_class WHERE relname = 'reeve_vectors_2'")),
            0);
  EXPECT_EQ(differences("a"), "");
}

TEST_F(pgvector, server_may_lose_it_and_get_it_back) {
  make(40, 13);
  rebuild(KeepVectors::server);
  open();
  const std::string before = shown(near("storm at sea", "pgvector", {.limit = 5}));
  execute("DROP EXTENSION vector CASCADE");
  EXPECT_THROW(near("storm at sea", "pgvector"), Error);
  EXPECT_EQ(shown(near("storm at sea", "", {.limit = 5})), before);
  EXPECT_NE(differences().find("its table is gone, or pgvector is"), std::string::npos) << differences();
  // No commit is refused for it.
  ASSERT_TRUE(ledger_->commit("note.written", R"({"note_id":100,"text":"a storm at sea"})"));
  EXPECT_EQ(ledger_->embed("notes").stored, 1);
  EXPECT_THROW(rebuild(KeepVectors::server), Error);
  rebuild();
  EXPECT_EQ(differences(), "");
  execute("CREATE EXTENSION vector");
  rebuild(KeepVectors::server);
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(near("a storm at sea", "pgvector", {.limit = 1}).hits.at(0).key, R"({"note_id":100})");
  // A file has none.
  EXPECT_THROW(state::rebuild_search(state::Location::of(workshop_.path("a.db")), {}, KeepVectors::server),
               Error);
}

TEST_F(pgvector, that_refuses_in_the_middle_of_a_search_leaves_it_to_the_process) {
  make(40, 14);
  rebuild(KeepVectors::server);
  open();
  const std::string before = shown(near("storm at sea", "pgvector", {.limit = 5}));
  execute("REVOKE EXECUTE ON FUNCTION cosine_distance(vector, vector) FROM PUBLIC");
  const SearchAnswer answer = near("storm at sea", "pgvector", {.limit = 5});
  execute("GRANT EXECUTE ON FUNCTION cosine_distance(vector, vector) TO PUBLIC");
  EXPECT_EQ(shown(answer), before);
  EXPECT_NE(answer.paths.at(0).find("the server refuses to search it"), std::string::npos)
      << answer.paths.at(0);
  EXPECT_EQ(near("storm at sea", "pgvector", {.limit = 5}).paths.at(0).find("approximate, pgvector"), 0U);
}

TEST_F(pgvector, copy_that_was_given_up_is_left_alone_until_it_is_made_anew) {
  make(40, 15);
  rebuild(KeepVectors::server);
  execute("UPDATE " + schema_ + ".reeve_search_copies SET definition = ''");
  open();
  EXPECT_THROW(near("storm at sea", "pgvector"), Error);
  ASSERT_TRUE(ledger_->commit("note.written", R"({"note_id":100,"text":"a storm at sea"})"));
  EXPECT_EQ(ledger_->embed("notes").stored, 1);
  EXPECT_EQ(value("SELECT count(*) FROM " + schema_ + ".reeve_vectors_1"), Value(std::int64_t{40}));
  EXPECT_NE(differences().find("more vectors changed at once"), std::string::npos) << differences();
  rebuild();
  EXPECT_EQ(differences(), "");
  EXPECT_EQ(near("a storm at sea", "pgvector", {.limit = 1}).hits.at(0).key, R"({"note_id":100})");
}

}  // namespace
}  // namespace reeve::testing
