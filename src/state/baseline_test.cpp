// Events of an adoption in their stored form.

#include "state/baseline.h"

#include "state/executor.h"
#include "state/vault_test.h"

#include <fmt/format.h>

#include <limits>

namespace reeve::state {
namespace {

blueprint::Sources of_one_table() {
  return {
      {{"blueprint.toml", "format = 1\nname = \"t\"\ntitle = \"T\"\n"},
       {"migrations/0001_t.up.sql",
        "CREATE TABLE t (id text PRIMARY KEY, n bigint, b bytea, r double precision, d date, y boolean);"},
       {"migrations/0001_t.down.sql", "DROP TABLE t;"}}};
}

class baseline : public ::testing::Test {
 protected:
  explicit baseline(const std::string& columns = "id text PRIMARY KEY, n bigint, b bytea") {
    blueprint::Sources sources = of_one_table();
    sources.files["migrations/0001_t.up.sql"] = "CREATE TABLE t (" + columns + ");";
    journal::Epoch first;
    first.level = 1;
    epoch = make_epoch(first, sources);
    for (const std::string& statement : sql::create_statements_sqlite(epoch->catalogue))
      scratch->execute(statement);
  }
  /// The changeset of a batch, hexadecimal.
  std::string executed(const std::string& payload) {
    Executor executor(
        *scratch, [](const Digest&) { return blueprint::Sources(); }, epoch);
    journal::Event event;
    event.sequence = 4;
    event.type = type_rows_adopted;
    event.payload = payload;
    std::string hex;
    for (const char byte : executor.execute(event))
      hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    executor.finish();
    return hex;
  }

  std::shared_ptr<const EpochState> epoch;
  std::unique_ptr<engine::Connection> scratch = engine::Connection::open_scratch();
};

TEST_F(baseline, has_the_form_of_the_worked_example) {
  const std::string bytes("\x00\xff", 2);
  const std::vector<ValueView> row{ValueView::of(std::string_view("a")),
                                   ValueView::of(std::int64_t{9007199254740993}),
                                   ValueView::of_bytes(bytes.data(), bytes.size())};
  RowsPayload payload(epoch->layout);
  EXPECT_TRUE(payload.is_empty());
  payload.add(0, row.data());
  const std::string text = payload.take();
  EXPECT_TRUE(payload.is_empty());
  EXPECT_EQ(json::canonical(text), text);
  const std::string document = testing::read_text(testing::project_file("docs/adoption.md"));
  EXPECT_NE(document.find("payload    " + text + "\n"), std::string::npos) << text;
  EXPECT_EQ(executed(text), "0003016103040200ff018280808080808020");
  EXPECT_NE(document.find("changeset  00 030161 03 040200ff 018280808080808020\n"), std::string::npos);
}

TEST_F(baseline, that_is_none_is_refused_and_named) {
  for (const char* payload :
       {"{}", R"({"tables":[{}]})", R"({"tables":[{"columns":["id"],"rows":[["a"]],"table":"u"}]})",
        R"({"tables":[{"columns":["x"],"rows":[["a"]],"table":"t"}]})",
        R"({"tables":[{"columns":["id","n"],"rows":[["a"]],"table":"t"}]})",
        R"({"tables":[{"columns":["id","b"],"rows":[["a","no base64!"]],"table":"t"}]})",
        R"({"tables":[{"columns":["id","n"],"rows":[["a","many"]],"table":"t"}]})"}) {
    EXPECT_THROW(executed(payload), Error) << payload;
  }
}

}  // namespace
}  // namespace reeve::state
