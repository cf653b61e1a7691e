// What an administrator may add to a schema that would open it to other ledgers' rows is found when an application
// opens its ledger; what a blueprint could say of the kind is refused when it is loaded.

#include "database.h"

#include "blueprint/blueprint.h"
#include "state/verify.h"

#include <string>
#include <vector>

namespace reeve::testing {
namespace {

class openings : public ::testing::Test {
 protected:
  static Database& database() {
    static Database made("openings");
    static const bool filled = [] {
      const Workshop workshop;
      const std::string blueprint = workshop.blueprint(vault_sources());
      for (const char* name : {"left", "right"}) {
        create_ledger(made.administrator(name), blueprint);
        Ledger ledger = Ledger::open(made.application(name));
        EXPECT_EQ(reason_of(ledger.commit(
                      "owner.joined", std::string(R"({"owner_id":"o","name":"owner of )") + name + "\"}")),
                  "");
        EXPECT_EQ(reason_of(ledger.commit("badge.given", R"({"owner_id":"o","number":1,"label":"first"})")),
                  "");
      }
      return true;
    }();
    EXPECT_TRUE(filled);
    return made;
  }
};

struct Opening {
  const char* made;     ///< by an administrator
  const char* removed;  ///< and taken back
  const char* object;   ///< as the refusal names it
};

const std::vector<Opening>& all_openings() {
  static const std::vector<Opening> all = {
      {"CREATE VIEW reeve.everybody AS SELECT * FROM reeve.owners; GRANT SELECT ON reeve.everybody TO "
       "reeve_writer",
       "DROP VIEW reeve.everybody", "view everybody does not run with its caller's rights"},
      {"CREATE VIEW reeve.everybody WITH (security_invoker = off) AS SELECT name FROM reeve.owners;"
       "GRANT SELECT (name) ON reeve.everybody TO PUBLIC",
       "DROP VIEW reeve.everybody", "view everybody does not run with its caller's rights"},
      {"CREATE VIEW public.inner_view WITH (security_invoker) AS SELECT * FROM reeve.owners;"
       "CREATE VIEW public.outer_view AS SELECT * FROM public.inner_view; GRANT SELECT ON public.outer_view "
       "TO app",
       "DROP VIEW public.outer_view, public.inner_view",
       "view public.outer_view does not run with its caller's rights"},
      {"CREATE MATERIALIZED VIEW reeve.totals AS SELECT * FROM reeve.owners; GRANT SELECT ON reeve.totals TO "
       "app",
       "DROP MATERIALIZED VIEW reeve.totals", "materialised view totals keeps rows of every ledger"},
      {"CREATE TABLE reeve.owners_copy AS SELECT * FROM reeve.owners; GRANT SELECT ON reeve.owners_copy TO "
       "app",
       "DROP TABLE reeve.owners_copy", "table owners_copy is not held to row-level security"},
      {"ALTER TABLE reeve.owners DISABLE ROW LEVEL SECURITY",
       "ALTER TABLE reeve.owners ENABLE ROW LEVEL SECURITY",
       "table owners is not held to row-level security"},
      {"ALTER TABLE reeve.reeve_events NO FORCE ROW LEVEL SECURITY",
       "ALTER TABLE reeve.reeve_events FORCE ROW LEVEL SECURITY",
       "table reeve_events is not held to row-level security"},
      {"CREATE POLICY support ON reeve.owners FOR SELECT USING (true)", "DROP POLICY support ON reeve.owners",
       "policy support of table owners is none of Reeve's"},
      {"ALTER POLICY reeve_tenant ON reeve.owners USING (true)",
       "ALTER POLICY reeve_tenant ON reeve.owners USING (ledger_id = "
       "nullif(current_setting('reeve.ledger_id', true), '')::uuid)",
       "policy reeve_tenant of table owners is none of Reeve's"},
      {"CREATE FUNCTION reeve.everybody() RETURNS SETOF reeve.owners LANGUAGE sql SECURITY DEFINER AS "
       "'SELECT * FROM reeve.owners'",
       "DROP FUNCTION reeve.everybody()", "function everybody() runs with its owner's rights"},
      {"CREATE FUNCTION public.everybody() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS "
       "'SELECT count(*) FROM reeve.owners'",
       "DROP FUNCTION public.everybody()", "function public.everybody() runs with its owner's rights"},
      {"CREATE FUNCTION public.looks_fine(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE LEAKPROOF AS "
       "'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'",
       "DROP FUNCTION public.looks_fine(text)", "function public.looks_fine(text) is said to leak nothing"},
      {"CREATE UNIQUE INDEX badges_label ON reeve.badges (label, ledger_id) WHERE number = 2",
       "DROP INDEX reeve.badges_label", "index badges_label is unique over all ledgers"},
      {"CREATE UNIQUE INDEX badges_label ON reeve.badges (lower(label)) WHERE number = 2",
       "DROP INDEX reeve.badges_label", "index badges_label is unique over all ledgers"},
      {"CREATE UNIQUE INDEX calendar_id ON reeve.reeve_sums (sequence) WHERE false; CREATE TABLE public.days "
       "(day "
       "bigint)",
       "DROP INDEX reeve.calendar_id; DROP TABLE public.days",
       "index calendar_id is unique over all ledgers"},
      {"CREATE TABLE public.notes (name text, owner uuid, FOREIGN KEY (name, owner) REFERENCES "
       "reeve.reeve_sums "
       "(table_name, ledger_id))",
       "DROP TABLE public.notes",
       "foreign key notes_name_owner_fkey of table public.notes points to rows of every ledger"},
      {"CREATE TABLE public.all_owners (LIKE reeve.owners); ALTER TABLE reeve.owners INHERIT "
       "public.all_owners",
       "ALTER TABLE reeve.owners NO INHERIT public.all_owners; DROP TABLE public.all_owners",
       "table owners is read through a parent, past its own policy"},
      {"CREATE TABLE public.seen (row text); CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql "
       "AS "
       "'BEGIN INSERT INTO public.seen VALUES (new::text); RETURN new; END';"
       "CREATE TRIGGER copied AFTER INSERT ON reeve.owners FOR EACH ROW EXECUTE FUNCTION public.note()",
       "DROP TRIGGER copied ON reeve.owners; DROP FUNCTION public.note(); DROP TABLE public.seen",
       "trigger copied of table owners is none of Reeve's"},
      {"CREATE TABLE public.seen (row text);"
       "CREATE RULE copied AS ON INSERT TO reeve.owners DO ALSO INSERT INTO public.seen VALUES (new.name)",
       "DROP RULE copied ON reeve.owners; DROP TABLE public.seen",
       "rule copied of table owners is none of Reeve's"},
      {"GRANT TRUNCATE ON reeve.owners TO reeve_writer", "REVOKE TRUNCATE ON reeve.owners FROM reeve_writer",
       "table owners can be emptied or pointed to, or given triggers, by "},
      {"GRANT REFERENCES ON reeve.owners TO app", "REVOKE REFERENCES ON reeve.owners FROM app",
       "table owners can be emptied or pointed to, or given triggers, by app"},
      {"GRANT SELECT (name) ON reeve.reeve_ledgers TO app",
       "REVOKE SELECT (name) ON reeve.reeve_ledgers FROM app",
       "table reeve_ledgers can be listed or written by app"},
      {"GRANT UPDATE ON reeve.reeve_sources TO app", "REVOKE UPDATE ON reeve.reeve_sources FROM app",
       "table reeve_sources can be written by app"},
      {"GRANT SELECT ON SEQUENCE reeve.reeve_captured_ordinal_seq TO app",
       "REVOKE SELECT ON SEQUENCE reeve.reeve_captured_ordinal_seq FROM app",
       "sequence reeve_captured_ordinal_seq counts for all ledgers and can be read by app"},
      {"ALTER ROLE app CREATEROLE", "ALTER ROLE app NOCREATEROLE", "role app may grant itself other roles"},
      {"ALTER ROLE app REPLICATION", "ALTER ROLE app NOREPLICATION", "role app may read all of the server"},
      // A role that it is a member of only by another one, and without inheriting from it.
      {"CREATE ROLE between NOINHERIT IN ROLE pg_read_server_files; GRANT between TO app",
       "DROP ROLE between", "role pg_read_server_files may read or write the server's files"},
      {"CREATE ROLE deeper; CREATE ROLE between NOINHERIT IN ROLE deeper; GRANT between TO app;"
       "CREATE TABLE reeve.owners_copy AS SELECT * FROM reeve.owners; GRANT SELECT ON reeve.owners_copy TO "
       "deeper",
       "DROP TABLE reeve.owners_copy; DROP ROLE between, deeper",
       "table owners_copy is not held to row-level security"},
      {"GRANT CREATE ON SCHEMA reeve TO reeve_writer", "REVOKE CREATE ON SCHEMA reeve FROM reeve_writer",
       "schema reeve takes new objects from "},
  };
  return all;
}

TEST_F(openings, made_by_hand_are_named_when_an_application_opens_its_ledger_or_verifies_it) {
  const std::string url = database().application("left");
  for (const Opening& opening : all_openings()) {
    database().execute(opening.made);
    const Error refused = error_of([&] { Ledger::open(url); });
    EXPECT_EQ(refused.code(), ErrorCode::denied) << opening.made;
    EXPECT_NE(std::string(refused.what()).find(opening.object), std::string::npos) << opening.made << "\n"
                                                                                   << refused.what();
    const Error unverified = error_of([&] { state::verify(url); });
    EXPECT_EQ(unverified.message(), refused.message());
    database().execute(opening.removed);
    EXPECT_NO_THROW(Ledger::open(url)) << opening.removed;
  }
}

TEST_F(openings, that_do_not_reach_the_application_are_nobodys_concern) {
  const std::string url = database().application("left");
  database().execute(
      "CREATE ROLE analyst LOGIN BYPASSRLS; GRANT USAGE ON SCHEMA reeve TO analyst;"
      "CREATE MATERIALIZED VIEW reeve.totals AS SELECT count(*) FROM reeve.owners;"
      "GRANT SELECT ON reeve.totals TO analyst;"
      "CREATE TABLE reeve.owners_copy AS SELECT * FROM reeve.owners;"
      "CREATE INDEX owners_by_name ON reeve.owners (name);"
      "CREATE VIEW public.mine WITH (security_invoker = on) AS SELECT * FROM reeve.owners;"
      "GRANT SELECT ON public.mine TO app;"
      "CREATE FUNCTION public.two() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';"
      "CREATE FUNCTION public.everybody() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS "
      "'SELECT count(*) FROM reeve.owners'; REVOKE ALL ON FUNCTION public.everybody() FROM PUBLIC");
  EXPECT_NO_THROW(Ledger::open(url));
  // `verify` names what no migration made, as it does in a file; the rows are those of the journal.
  const state::Verification found = state::verify(url);
  EXPECT_EQ(found.state_hash, found.state_hash_of_rows);
  for (const char* object : {"totals", "owners_copy", "owners_by_name"}) {
    EXPECT_NE(describe(found).find(object), std::string::npos) << object << "\n" << describe(found);
  }
  database().execute(
      "DROP MATERIALIZED VIEW reeve.totals; DROP TABLE reeve.owners_copy; DROP INDEX reeve.owners_by_name;"
      "DROP VIEW public.mine; DROP FUNCTION public.two(), public.everybody(); REVOKE ALL ON SCHEMA reeve "
      "FROM "
      "analyst; DROP ROLE analyst");
}

TEST_F(openings, are_none_that_another_schema_of_reeve_in_the_same_database_has) {
  const Workshop workshop;
  const std::string second = "&schema=second";
  create_ledger(database().administrator("left") + second, workshop.blueprint(vault_sources()));
  EXPECT_NO_THROW(Ledger::open(database().application("left")));
  EXPECT_NO_THROW(Ledger::open(database().application("left") + second));
  // One that only has the name of Reeve's own does something else with its owner's rights.
  database().execute(
      "CREATE OR REPLACE FUNCTION second.reeve_find_ledger(wanted text) RETURNS TABLE (ledger_id uuid, state "
      "text) "
      "LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT ledger_id, name FROM reeve.reeve_ledgers'");
  EXPECT_EQ(error_of([&] { Ledger::open(database().application("left")); }).code(), ErrorCode::denied);
  database().execute("DROP SCHEMA second CASCADE");
  EXPECT_NO_THROW(Ledger::open(database().application("left")));
}

TEST_F(openings, a_role_that_an_application_may_become_counts_however_far_away) {
  database().execute("CREATE ROLE far BYPASSRLS; CREATE ROLE near NOINHERIT IN ROLE far; GRANT near TO app");
  const Error refused = error_of([&] { Ledger::open(database().application("left")); });
  EXPECT_EQ(refused.code(), ErrorCode::denied);
  EXPECT_NE(std::string(refused.what()).find("bypass"), std::string::npos) << refused.what();
  database().execute("DROP ROLE near; DROP ROLE far");
  EXPECT_NO_THROW(Ledger::open(database().application("left")));
}

/// A blueprint can't say any of them.
TEST_F(openings, of_a_blueprint_are_refused_when_it_is_loaded) {
  for (const char* statement :
       {"CREATE MATERIALIZED VIEW totals AS SELECT owner_id FROM owners;",
        "CREATE FUNCTION f() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
        "CREATE TRIGGER t AFTER INSERT ON owners EXECUTE FUNCTION f();",
        "CREATE RULE r AS ON INSERT TO owners DO ALSO DELETE FROM accounts;",
        "CREATE POLICY p ON owners USING (true);",
        "ALTER TABLE owners DISABLE ROW LEVEL SECURITY;",
        "ALTER TABLE owners OWNER TO app;",
        "GRANT SELECT ON owners TO PUBLIC;",
        "CREATE SEQUENCE s;",
        "CREATE ROLE r BYPASSRLS;",
        "SET ROLE reeve_owner;",
        "SET reeve.ledger_id = 'x';",
        "CREATE TABLE t (id integer PRIMARY KEY, ledger_id uuid);",
        "DO $$ BEGIN END $$;",
        "CREATE TABLE t () INHERITS (owners);",
        "COPY owners FROM '/etc/passwd';",
        "CREATE VIEW v AS SELECT set_config('reeve.ledger_id', '', true) AS x;",
        "CREATE VIEW v AS SELECT current_setting('reeve.ledger_id') AS x;",
        "CREATE VIEW v AS SELECT relname FROM pg_class;",
        "CREATE VIEW v AS SELECT value FROM reeve_meta;",
        "CREATE VIEW v AS SELECT ledger_id FROM owners;",
        "CREATE VIEW v AS SELECT name FROM reeve.owners;",
        "CREATE VIEW v AS SELECT name FROM public.owners;",
        "CREATE VIEW v AS SELECT o.tableoid FROM owners o;",
        "CREATE VIEW v AS SELECT o.ctid FROM owners o;",
        "CREATE VIEW v AS SELECT pg_read_file('x') AS x;",
        "CREATE VIEW v AS SELECT query_to_xml('SELECT 1', true, true, '') AS x;"}) {
    blueprint::Sources sources = vault_sources();
    sources.files["migrations/0001_core.up.sql"] += statement;
    const Error refused = error_of([&] { blueprint::load(sources); });
    EXPECT_TRUE(refused.code() == ErrorCode::bad_statement || refused.code() == ErrorCode::invalid_input)
        << statement << " " << refused.what();
    EXPECT_EQ(refused.place().file, "migrations/0001_core.up.sql") << statement << " " << refused.what();
  }
  for (const char* query : {"SELECT set_config('reeve.ledger_id', :id::text, true) AS x",
                            "SELECT ledger_id FROM owners",
                            "SELECT value FROM reeve_meta",
                            "SELECT ledger_id FROM reeve_ledgers",
                            "SELECT name FROM pg_roles",
                            "SELECT name FROM reeve.owners",
                            "SELECT o.xmin FROM owners o",
                            "SELECT pg_sleep(1) AS x",
                            "SELECT content FROM reeve_sources",
                            "SELECT sum FROM reeve_sums",
                            "SELECT chain FROM reeve_groups",
                            "SELECT after FROM reeve_captured",
                            "SELECT ledger_id FROM reeve_events",
                            "SELECT state FROM reeve_find_ledger('right')",
                            "TABLE reeve_heads",
                            "SELECT o FROM owners o",
                            "SELECT query FROM pg_stat_activity",
                            "SELECT most_common_vals FROM pg_stats",
                            "SELECT dblink('', 'SELECT 1') AS x",
                            "SELECT lo_get(1) AS x",
                            "SELECT current_user AS x",
                            "SELECT version() AS x",
                            "SELECT nextval('s') AS x",
                            "SELECT txid_current() AS x"}) {
    blueprint::Sources sources = vault_sources();
    sources.files["queries/leak.sql"] = std::string("-- name: leak :many\n") + query + ";\n";
    const Error refused = error_of([&] { blueprint::load(sources); });
    EXPECT_TRUE(refused.code() == ErrorCode::bad_statement || refused.code() == ErrorCode::invalid_input)
        << query << " " << refused.what();
    EXPECT_EQ(refused.place().file, "queries/leak.sql") << query << " " << refused.what();
  }
}

}  // namespace
}  // namespace reeve::testing
