// Statements of every shape tell which rows they changed: the same as SQLite's hook does, and nothing is left behind.

#include "both_engines.h"

#include "state/verify.h"

#include <random>
#include <thread>

namespace reeve::testing {
namespace {

std::string object_of(const std::string& members, const std::string& required) {
  return R"({"type": "object", "properties": {)" + members + R"(}, "required": [)" + required + "]}";
}

/// Events named by what their statement is.
blueprint::Sources shapes() {
  blueprint::Sources sources{{
      {"blueprint.toml", "format = 1\nname = \"shapes\"\ntitle = \"Shapes\"\n"},
      {"migrations/0001_lots.up.sql",
       "CREATE TABLE shelves (shelf bigint PRIMARY KEY, label text);\n"
       "CREATE TABLE lots (lot bigint PRIMARY KEY, shelf bigint REFERENCES shelves, name text NOT NULL,\n"
       "  count bigint NOT NULL CHECK (count >= 0), twice bigint GENERATED ALWAYS AS (count * 2) STORED);\n"
       "CREATE UNIQUE INDEX lots_by_name ON lots (name);\n"
       "CREATE TABLE notes (note bigint PRIMARY KEY, lot bigint REFERENCES lots ON DELETE CASCADE ON UPDATE "
       "CASCADE);\n"},
      {"migrations/0001_lots.down.sql", "DROP TABLE notes; DROP TABLE lots; DROP TABLE shelves;\n"},
  }};
  const auto event = [&](const std::string& name, const std::string& sql) {
    sources.files["events/" + name + ".v1.sql"] = sql;
    sources.files["events/" + name + ".v1.json"] =
        object_of(R"("n": {"type": "integer"}, "name": {"type": "string"})", R"("n", "name")");
  };
  event("shelf.put", "INSERT INTO shelves (shelf, label) VALUES (:n, :name);\n");
  event("lot.put", "INSERT INTO lots (lot, shelf, name, count) VALUES (:n, 1, :name, :n);\n");
  event("note.put", "INSERT INTO notes (note, lot) VALUES (:n, :n);\n");
  event("one.set", "UPDATE lots SET name = :name WHERE lot = :n;\n");
  event("one.moved", "UPDATE shelves SET shelf = shelf + 100 WHERE shelf = :n AND :name <> '';\n");
  event("all.set", "UPDATE shelves SET label = label || :name WHERE shelf >= :n;\n");
  event("all.moved", "UPDATE shelves SET shelf = -shelf WHERE shelf >= :n AND :name <> '';\n");
  event("same.set", "UPDATE shelves SET label = label WHERE shelf >= :n AND :name <> '';\n");
  event("joined.set",
        "WITH high AS (SELECT shelf FROM shelves WHERE shelf >= :n)\n"
        "UPDATE lots SET name = lots.name || s.label || :name FROM shelves AS s\n"
        "WHERE s.shelf = lots.shelf AND s.shelf IN (SELECT shelf FROM high);\n");
  event("kept.put",
        "INSERT INTO shelves (shelf, label) VALUES (:n, :name), (:n + 1, NULL) ON CONFLICT DO NOTHING;\n");
  event("upsert.one",
        "INSERT INTO shelves (shelf, label) VALUES (:n, :name) ON CONFLICT (shelf) DO UPDATE SET label = "
        "excluded.label\n  WHERE shelves.label <> 'fixed';\n");
  event("upsert.many",
        "INSERT INTO shelves (shelf, label) SELECT count, :name FROM lots WHERE count >= :n GROUP BY count\n"
        "ON CONFLICT (shelf) DO UPDATE SET label = shelves.label || '!';\n");
  event("twice.set",
        "UPDATE shelves SET label = 'once' WHERE shelf = :n;\nUPDATE shelves SET label = :name WHERE shelf "
        ">= :n;\n"
        "DELETE FROM shelves WHERE shelf = :n AND label = 'gone';\n");
  event("lot.moved", "UPDATE lots SET lot = lot + 100 WHERE lot = :n AND :name <> '';\n");
  event(
      "lot.taken",
      "DELETE FROM lots USING shelves AS s WHERE s.shelf = lots.shelf AND lots.lot >= :n AND :name <> '';\n");
  event("all.taken", "DELETE FROM shelves WHERE shelf >= :n AND :name <> '';\n");
  return sources;
}

class returned_rows : public BothEngines {
 protected:
  void apply(const std::string& type, int n, const std::string& name, bool accepted = true) {
    commit(type, fmt::format(R"({{"n":{},"name":"{}"}})", n, name), accepted);
  }
};

TEST_F(returned_rows, are_those_that_statements_of_every_shape_change) {
  make(workshop_.blueprint(shapes()), "returned_rows");
  for (int n = 1; n <= 5; ++n) apply("shelf.put", n, "s");
  for (int n = 1; n <= 6; ++n) apply("lot.put", n, fmt::format("lot {}", n));
  for (int n = 1; n <= 3; ++n) apply("note.put", n, "");
  apply("shelf.put", 1, "there already", false);
  apply("one.set", 2, "two");
  apply("one.set", 99, "nobody");
  apply("one.set", 3, "two", false);
  apply("one.moved", 5, "x");
  apply("all.set", 2, "\\u00e4");
  apply("same.set", 1, "x");
  apply("joined.set", 1, "-");
  apply("kept.put", 4, "kept");
  apply("kept.put", 8, "new");
  apply("upsert.one", 8, "fixed");
  apply("upsert.one", 8, "not taken");
  apply("upsert.one", 10, "inserted");
  apply("upsert.one", 10, "updated");
  apply("upsert.many", 1, "of many");
  apply("twice.set", 2, "gone");
  apply("twice.set", 3, "stays");
  apply("lot.put", -7, "below zero", false);
  apply("lot.moved", 1, "x");  // its note goes with it
  apply("lot.taken", 2, "x");  // their notes are taken too
  apply("all.moved", 1, "x");
  apply("all.taken", -200, "x");
  apply("all.taken", -200, "x");
  EXPECT_EQ(database_->value("SELECT count(*) FROM reeve.reeve_captured"), Value(std::int64_t{0}));
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(returned_rows, of_many_events_in_one_batch_are_each_events_own) {
  make(workshop_.blueprint(shapes()), "returned_batch");
  constexpr int clients = 8;
  constexpr int events = 40;
  std::vector<std::thread> running;
  for (int client = 0; client < clients; ++client) {
    running.emplace_back([&, client] {
      std::mt19937 random(static_cast<unsigned>(client));
      const std::vector<std::string> types = {"shelf.put",  "upsert.one", "upsert.many", "all.set",
                                              "twice.set",  "lot.put",    "lot.moved",   "lot.taken",
                                              "joined.set", "kept.put",   "all.taken"};
      for (int i = 0; i < events; ++i) {
        const std::string& type = types[random() % types.size()];
        postgres_->commit(type, fmt::format(R"({{"n":{},"name":"{}"}})", random() % 9, client));
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const state::Verification found = state::verify(database_->application());
  EXPECT_TRUE(found.equal()) << (found.differences.empty() ? "" : found.differences[0].message);
  EXPECT_GT(found.events, 50);
  EXPECT_EQ(database_->value("SELECT count(*) FROM reeve.reeve_captured"), Value(std::int64_t{0}));
  // In a file the same events change the same rows, one by one.
  const std::string back = workshop_.path("back.db");
  EXPECT_TRUE(state::promote(database_->administrator(), back, {.progress = {}, .fence = false}).equal());
  EXPECT_TRUE(state::verify(back).equal());
}

}  // namespace
}  // namespace reeve::testing
