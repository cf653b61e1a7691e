// The directory of a schema: listed, suspended, resumed, erased; and of a folder.

#include "database.h"
#include "support/dark_tower_campaign.h"
#include "support/reeve_run.h"

#include "state/promote.h"

#include <reeve/directory.h>

#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

std::string state_of(const Database& database, const std::string& name) {
  try {
    for (const DirectoryEntry& entry : list_ledgers(database.administrator())) {
      if (entry.name == name) return entry.state;
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);  // there is no schema yet
  }
  return "absent";
}

/// At least so many commands, and until one is accepted: nothing is before an organization is founded.
void play(Ledger& ledger, const std::string& seed, int commands) {
  DarkTowerCampaign campaign(test_seed(seed));
  const auto before = ledger.head().sequence;
  for (int i = 0; i < commands || ledger.head().sequence == before; ++i) submit(ledger, campaign.next());
}

/// Rows of a ledger in any table of the schema, found by the superuser.
std::string tables_with(const Database& database, const std::string& ledger_id) {
  database.execute(
      "CREATE OR REPLACE FUNCTION public.tables_with(wanted uuid) RETURNS text LANGUAGE plpgsql AS $$ "
      "DECLARE name text; n bigint; found text := ''; BEGIN "
      "FOR name IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
      "AND a.attname = 'ledger_id' WHERE c.relnamespace = 'reeve'::regnamespace AND c.relkind = 'r' "
      "ORDER BY 1 LOOP EXECUTE format('SELECT count(*) FROM reeve.%I WHERE ledger_id = $1', name) INTO n "
      "USING wanted; IF n > 0 THEN found := found || name || ' '; END IF; END LOOP; RETURN found; END $$");
  return std::get<std::string>(*database.value("SELECT public.tables_with('" + ledger_id + "')"));
}

class directory : public ::testing::Test {
 protected:
  static void create(const Database& database, const std::string& name) {
    create_ledger(database.administrator(name), project_file("blueprints/dark_tower").string());
  }
  Workshop workshop;
};

TEST_F(directory, lists_names_states_and_where_the_journals_end) {
  const Database database("directory_list");
  create(database, "umbrella");
  create(database, "acme");
  {
    Ledger ledger = Ledger::open(database.application("acme"));
    play(ledger, "listed", 80);
    const auto entries = list_ledgers(database.administrator());
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].name, "acme");
    EXPECT_EQ(entries[0].state, "active");
    EXPECT_EQ(entries[0].events, ledger.head().sequence);
    EXPECT_EQ(entries[1].name, "umbrella");
    EXPECT_LT(entries[1].events, entries[0].events);
    EXPECT_EQ(entries[0].created.size(), std::string("2026-01-02T03:04:05.000006Z").size());
  }
  // Who serves an application lists nothing.
  EXPECT_EQ(error_of([&] { list_ledgers(database.application()); }).code(), ErrorCode::denied);
}

TEST_F(directory, ledgers_that_are_made_at_once_in_an_empty_database_are_all_made) {
  const Database database("directory_at_once");
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  std::deque<ReeveRun> runs;
  for (const std::string& name : names) {
    // With jobs and a search index: tables of their own, which the first of them makes.
    runs.emplace_back(std::vector<std::string>{"init", database.administrator(name), "--blueprint",
                                               project_file("blueprints/great_work").string()});
  }
  for (ReeveRun& run : runs) {
    EXPECT_EQ(run.wait(), 0);
  }
  for (const std::string& name : names) {
    EXPECT_EQ(state_of(database, name), "active");
    EXPECT_TRUE(state::verify(database.application(name)).equal()) << name;
  }
}

TEST_F(directory, a_suspended_ledger_refuses_who_opens_it_and_who_has_it_open) {
  const Database database("directory_suspend");
  create(database, "acme");
  create(database, "umbrella");
  Ledger open_before = Ledger::open(database.application("acme"));
  play(open_before, "suspended", 10);
  { Rows rows = open_before.query("organization"); }
  const Sequence head = open_before.head().sequence;

  suspend_ledger(database.administrator("acme"));
  EXPECT_EQ(state_of(database, "acme"), "suspended");
  const std::string founding = R"({"subdomain":"x","display_name":"x"})";
  for (int i = 0; i < 2; ++i) {
    const Error written = error_of([&] { open_before.command("found_organization", founding); });
    EXPECT_EQ(written.code(), ErrorCode::denied) << written.message();
    EXPECT_NE(written.remedy().find("reeve ledger resume"), std::string::npos);
  }
  EXPECT_EQ(error_of([&] { open_before.query("organization"); }).code(), ErrorCode::denied);
  EXPECT_EQ(error_of([&] { Ledger::open(database.application("acme")); }).code(), ErrorCode::denied);
  EXPECT_EQ(error_of([&] { suspend_ledger(database.administrator("acme")); }).code(), ErrorCode::conflict);
  // It can still be proven and carried away, and its neighbour goes on.
  EXPECT_TRUE(state::verify(database.application("acme")).equal());
  Ledger neighbour = Ledger::open(database.application("umbrella"));
  play(neighbour, "neighbour", 5);

  resume_ledger(database.administrator("acme"));
  EXPECT_EQ(state_of(database, "acme"), "active");
  EXPECT_EQ(open_before.head().sequence, head);
  { Rows rows = open_before.query("organization"); }
  play(open_before, "resumed", 5);
  EXPECT_EQ(error_of([&] { resume_ledger(database.administrator("acme")); }).code(), ErrorCode::conflict);
}

TEST_F(directory, an_application_can_not_resume_what_was_suspended) {
  const Database database("directory_lift");
  create(database, "acme");
  const std::string id = list_ledgers(database.administrator())[0].ledger_id;
  const std::string url = database.application("acme");
  suspend_ledger(database.administrator("acme"));
  EXPECT_EQ(error_of([&] { resume_ledger(url); }).code(), ErrorCode::denied);
  auto application =
      engine::Connection::open_postgres(url.substr(0, url.find("ledger=") - 1), {.schema = "reeve"});
  application->set_ledger(id);
  for (const char* statement :
       {"UPDATE reeve_heads SET closed = NULL", "UPDATE reeve_heads SET fence = 'x'"}) {
    engine::Transaction tx(*application, engine::Transaction::Mode::write);
    EXPECT_EQ(error_of([&] { application->execute(statement); }).code(), ErrorCode::denied) << statement;
  }
}

TEST_F(directory, an_erased_ledger_leaves_no_row_and_a_trail_that_names_nobody) {
  const Database database("directory_erase");
  create(database, "acme");
  create(database, "umbrella");
  std::int64_t events = 0;
  {
    Ledger ledger = Ledger::open(database.application("acme"));
    play(ledger, "erased", 150);
    events = ledger.head().sequence.value;
  }
  Ledger neighbour = Ledger::open(database.application("umbrella"));
  play(neighbour, "stays", 30);
  const std::string id = list_ledgers(database.administrator())[0].ledger_id;
  EXPECT_NE(tables_with(database, id), "");

  // Said by its name, or nothing happens.
  EraseOptions options;
  options.batch_rows = 37;
  for (const char* confirm : {"", "umbrella", "Acme"}) {
    options.confirm = confirm;
    EXPECT_EQ(error_of([&] { erase_ledger(database.administrator("acme"), options); }).code(),
              ErrorCode::invalid_input);
  }
  options.confirm = "acme";
  EXPECT_EQ(error_of([&] { erase_ledger(database.administrator(), options); }).code(),
            ErrorCode::invalid_input);
  EXPECT_EQ(state_of(database, "acme"), "active");

  const Erasure done = erase_ledger(database.administrator("acme"), options);
  EXPECT_GT(done.rows, events);
  EXPECT_EQ(tables_with(database, id), "");
  EXPECT_TRUE(state::verify(database.application("umbrella")).equal());
  play(neighbour, "goes on", 5);

  const auto trail = read_trails(database.administrator());
  std::int64_t counted = 0;
  for (const TrailEntry& entry : trail) {
    counted += entry.events;
    EXPECT_EQ(entry.trail, trail[0].trail);
    EXPECT_NE(entry.trail, id);
    EXPECT_TRUE(entry.actor.empty() || entry.actor.size() == 36) << entry.actor;
    EXPECT_TRUE(entry.month.ends_with("-01")) << entry.month;
  }
  EXPECT_EQ(counted, events);
  // Whatever is left of the schema, as text, does not hold the id or an actor.
  const std::string left = std::get<std::string>(*database.value(
      "SELECT string_agg(t::text, ' ') FROM (SELECT l::text FROM reeve.reeve_ledgers l UNION ALL "
      "SELECT r::text FROM reeve.reeve_trails r) AS t"));
  EXPECT_EQ(left.find(id), std::string::npos);
  EXPECT_EQ(error_of([&] { Ledger::open(database.application("acme")); }).code(), ErrorCode::not_found);
}

TEST_F(directory, who_has_an_erased_ledger_open_is_refused) {
  const Database database("directory_erase_open");
  create(database, "acme");
  Ledger ledger = Ledger::open(database.application("acme"));
  play(ledger, "open", 10);
  { Rows rows = ledger.query("organization"); }
  EraseOptions options;
  options.confirm = "acme";
  erase_ledger(database.administrator("acme"), options);
  const Error written =
      error_of([&] { ledger.command("found_organization", R"({"subdomain":"x","display_name":"x"})"); });
  EXPECT_EQ(written.code(), ErrorCode::not_found) << written.message();
  EXPECT_EQ(error_of([&] { ledger.query("organization"); }).code(), ErrorCode::not_found);
}

TEST_F(directory, the_name_of_an_erased_ledger_is_free_only_when_asked_for) {
  const Database database("directory_name");
  create(database, "acme");
  EraseOptions options;
  options.confirm = "acme";
  erase_ledger(database.administrator("acme"), options);
  EXPECT_EQ(state_of(database, "acme"), "erased");
  EXPECT_EQ(error_of([&] { create(database, "acme"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { erase_ledger(database.administrator("acme"), options); }).code(),
            ErrorCode::conflict);
  options.free_name = true;
  erase_ledger(database.administrator("acme"), options);
  EXPECT_EQ(state_of(database, "acme"), "absent");
  create(database, "acme");
  play(*std::make_unique<Ledger>(Ledger::open(database.application("acme"))), "again", 5);
  // Two trails would show two pseudonyms; the new ledger has none yet.
  erase_ledger(database.administrator("acme"), options);
  const auto trails = read_trails(database.administrator());
  EXPECT_NE(trails.front().trail, trails.back().trail);
}

TEST_F(directory, an_erasure_that_was_killed_is_gone_on_with) {
  const Database database("directory_kill");
  create(database, "acme");
  {
    Ledger ledger = Ledger::open(database.application("acme"));
    play(ledger, "killed erasure", 600);
  }
  const std::string id = list_ledgers(database.administrator())[0].ledger_id;
  std::mt19937_64 random(test_seed("erasure kills"));
  const auto events = engine::Connection::open_postgres(database.plain("test"));
  const auto left = [&] {
    return std::get<std::int64_t>(*events->value("SELECT count(*) FROM reeve.reeve_events"));
  };
  const Kills kills = run_with_kills(
      {"ledger", "erase", "--batch", "3", "--confirm", "acme", database.administrator("acme")}, 5, 20, random,
      {[&] { return -left(); }, [&] { return left() > 20; }}, [&] {
        EXPECT_EQ(state_of(database, "acme"), "erasing");
        EXPECT_EQ(error_of([&] { Ledger::open(database.application("acme")); }).code(), ErrorCode::denied);
      });
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  EXPECT_EQ(tables_with(database, id), "");
  const auto trail = read_trails(database.administrator());
  EXPECT_EQ(trail.front().trail, trail.back().trail) << "each run wrote a trail of its own";
}

TEST_F(directory, rows_that_point_to_each_other_are_erased) {
  const Database database("directory_circle");
  create_ledger(database.administrator("vault"), workshop.blueprint(vault_sources()));
  const std::string id = list_ledgers(database.administrator())[0].ledger_id;
  database.execute(
      "SET search_path = reeve; INSERT INTO reeve.members (ledger_id, member_id, partner_id) SELECT '" + id +
      "', 'm' || i, 'm' || (i + 1) % 100 FROM generate_series(0, 99) i");
  EraseOptions options;
  options.confirm = "vault";
  options.batch_rows = 7;
  erase_ledger(database.administrator("vault"), options);
  EXPECT_EQ(tables_with(database, id), "");
}

TEST_F(directory, sources_that_no_other_ledger_has_go_with_it) {
  const Database database("directory_sources");
  create(database, "acme");
  create(database, "umbrella");
  const auto sources = [&] {
    return std::get<std::int64_t>(*database.value("SELECT count(*) FROM reeve.reeve_sources"));
  };
  const std::int64_t before = sources();
  database.execute(
      "INSERT INTO reeve.reeve_sources VALUES ('aa', 'of acme alone'); "
      "INSERT INTO reeve.reeve_epoch_files VALUES ('bb', 'x', 'aa'); "
      "INSERT INTO reeve.reeve_epochs SELECT ledger_id, 0, 0, 0, 'bb' FROM reeve.reeve_ledgers WHERE name = "
      "'acme'");
  EraseOptions options;
  options.confirm = "acme";
  erase_ledger(database.administrator("acme"), options);
  EXPECT_EQ(sources(), before);
  EXPECT_TRUE(state::verify(database.application("umbrella")).equal());
}

TEST_F(directory, a_name_that_a_killed_arrival_left_is_found_and_freed) {
  const Database database("directory_arriving");
  const std::string file = workshop.path("tower.db");
  {
    Ledger ledger = Ledger::create(file, project_file("blueprints/dark_tower").string());
    play(ledger, "arriving", 400);
  }
  {
    ReeveRun run({"promote", "--copy", "--batch", "1", file, database.administrator("acme")});
    for (int look = 0; look < 2000 && state_of(database, "acme") == "absent"; ++look) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ASSERT_EQ(state_of(database, "acme"), "arriving");
  const Error arriving = error_of([&] { Ledger::open(database.application("acme")); });
  EXPECT_EQ(arriving.code(), ErrorCode::conflict);
  EXPECT_NE(arriving.remedy().find("reeve ledger erase"), std::string::npos);
  const std::string id = list_ledgers(database.administrator())[0].ledger_id;
  EraseOptions options;
  options.confirm = "acme";
  erase_ledger(database.administrator("acme"), options);
  EXPECT_EQ(state_of(database, "acme"), "absent");
  EXPECT_EQ(tables_with(database, id), "");
  EXPECT_TRUE(read_trails(database.administrator()).empty()) << "nothing was ever served from it";
  // The same ledger may come again.
  state::PromoteOptions copy;
  copy.fence = false;
  EXPECT_TRUE(state::promote(file, database.administrator("acme"), copy).equal());
}

TEST_F(directory, of_a_folder_are_the_files_that_are_ledgers) {
  std::filesystem::create_directory(workshop.path("ledgers"));
  const std::string folder = workshop.path("ledgers");
  Ledger::create(folder + "/winter.db", project_file("blueprints/dark_tower").string());
  Ledger::create(folder + "/sommer ☀.db", project_file("blueprints/dark_tower").string());
  workshop.write("ledgers/notes.db", "no database");
  workshop.write("ledgers/empty.db", "");
  engine::Connection::open(folder + "/other.db", engine::OpenMode::create)->execute("CREATE TABLE t (a)");
  const auto entries = list_ledgers(folder);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "sommer ☀");
  EXPECT_EQ(entries[1].name, "winter");
  EXPECT_EQ(entries[1].state, "active");
  EXPECT_GT(entries[1].events.value, 0);
  EXPECT_FALSE(entries[1].created.empty());
  EXPECT_EQ(error_of([&] { list_ledgers(folder + "/none"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { suspend_ledger(folder + "/winter.db"); }).code(), ErrorCode::invalid_input);
}

}  // namespace
}  // namespace reeve::testing
