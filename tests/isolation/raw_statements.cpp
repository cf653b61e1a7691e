#include "raw_statements.h"

namespace reeve::testing {

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// RELATION, OWN and OTHER (ids of ledgers) are filled in.
const std::vector<const char*>& templates() {
  static const std::vector<const char*> all = {
      // Plain ways to read it.
      "SELECT * FROM RELATION",
      "TABLE RELATION",
      "SELECT count(*), max(RELATION::text) FROM RELATION",
      "SELECT row_to_json(x), x FROM RELATION x",
      "SELECT jsonb_agg(to_jsonb(x)) FROM RELATION x",
      "SELECT * FROM RELATION WHERE ledger_id = 'OTHER'",
      "SELECT * FROM RELATION WHERE ledger_id <> 'OWN'",
      "SELECT * FROM RELATION WHERE ledger_id = 'OTHER' OR true OR ledger_id IS NULL",
      "SELECT * FROM RELATION TABLESAMPLE BERNOULLI (90)",
      "SELECT * FROM RELATION FOR SHARE",
      "SELECT ctid, xmin, cmin, tableoid, * FROM RELATION WHERE ctid IN ('(0,1)', '(0,2)', '(0,3)', '(1,1)')",
      "SELECT * FROM RELATION a FULL JOIN RELATION b ON a.ledger_id <> b.ledger_id",
      "SELECT * FROM ONLY RELATION",
      "(TABLE RELATION) UNION ALL (TABLE RELATION)",
      ("WITH RECURSIVE r AS (SELECT x::text FROM RELATION x UNION SELECT r.x || '.' FROM r WHERE length(r.x) "
       "< 2) TABLE "
       "r"),
      "SELECT (SELECT string_agg(x::text, ',') FROM RELATION x)",
      "SELECT a.x, b.* FROM (VALUES (1)) a(x) CROSS JOIN LATERAL (SELECT * FROM RELATION) b",
      // Other ways out.
      "COPY (SELECT * FROM RELATION) TO STDOUT",
      "COPY RELATION TO STDOUT",
      "COPY RELATION FROM STDIN",
      "DECLARE c CURSOR FOR SELECT * FROM RELATION; FETCH ALL FROM c; CLOSE c",
      "DECLARE c SCROLL CURSOR FOR SELECT * FROM RELATION; SET LOCAL reeve.ledger_id = ''; FETCH LAST FROM c",
      "EXPLAIN (ANALYZE, VERBOSE, TIMING OFF) SELECT * FROM RELATION",
      "EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM RELATION WHERE ledger_id = 'OTHER'",
      "SELECT query_to_xml('SELECT * FROM RELATION', true, true, '')",
      "SELECT table_to_xml('RELATION', true, true, '')",
      "SELECT schema_to_xml('reeve', true, true, '')",
      "SELECT * FROM ts_stat('SELECT to_tsvector(''simple'', x::text) FROM RELATION x')",
      "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM RELATION; TABLE kept",
      "CREATE TEMP VIEW seen AS SELECT * FROM RELATION; TABLE seen",
      "PREPARE p AS SELECT * FROM RELATION; EXECUTE p; DEALLOCATE p",
      "DO $$ BEGIN RAISE EXCEPTION 'seen: %', (SELECT string_agg(x::text, ',') FROM RELATION x); END $$",
      ("DO $$ DECLARE row record; BEGIN FOR row IN SELECT * FROM RELATION LOOP RAISE NOTICE '%', row; END "
       "LOOP; END $$"),
      // Functions of one's own, which are cheap and leak; and errors that show a value.
      ("CREATE FUNCTION pg_temp.noisy(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST "
       "0.000001 AS "
       "'BEGIN RAISE NOTICE ''saw %'', $1; RETURN true; END'; SELECT count(*) FROM RELATION x WHERE "
       "pg_temp.noisy(x::text)"),
      ("CREATE FUNCTION pg_temp.cheap(text, uuid) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.000001 "
       "AS "
       "'BEGIN RAISE NOTICE ''saw %'', $1; RETURN true; END'; CREATE OPERATOR pg_temp.<<< (LEFTARG = text, "
       "RIGHTARG = "
       "uuid, FUNCTION = pg_temp.cheap); SELECT * FROM RELATION x WHERE x::text OPERATOR(pg_temp.<<<) "
       "ledger_id"),
      ("CREATE FUNCTION pg_temp.mine() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT x::text "
       "FROM RELATION "
       "x'; SELECT pg_temp.mine()"),
      "CREATE FUNCTION pg_temp.fine(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true'",
      "SELECT * FROM RELATION x WHERE x::text::integer = 1",
      "SELECT x::text::jsonb FROM RELATION x",
      "SELECT x::text::uuid FROM RELATION x",
      "SELECT * FROM RELATION x WHERE 1 / (length(x::text) * 0) = 1",
      "SELECT count(*) FROM RELATION x WHERE x::text ~ (x::text || '(')",
      // Settings.
      "SELECT set_config('reeve.ledger_id', '', true), x.* FROM RELATION x",
      "SELECT set_config('reeve.ledger_id', gen_random_uuid()::text, true), x.* FROM RELATION x",
      "SELECT x.* FROM RELATION x WHERE set_config('reeve.ledger_id', '', true) IS NOT NULL; TABLE RELATION",
      ("WITH s AS MATERIALIZED (SELECT set_config('reeve.ledger_id', 'nobody', true)) SELECT x.* FROM s, "
       "RELATION x"),
      ("SELECT set_config('reeve.ledger_id', 'OTHER', true), x.* FROM (SELECT * FROM RELATION WHERE "
       "ledger_id "
       "= "
       "'OWN'::uuid) x"),
      ("SELECT x.* FROM (SELECT * FROM RELATION WHERE ledger_id = 'OWN'::uuid) x WHERE "
       "set_config('reeve.ledger_id', "
       "'OTHER', true) IS NOT NULL"),
      ("WITH s AS MATERIALIZED (SELECT set_config('reeve.ledger_id', 'OTHER', true) AS y) SELECT x.* FROM s, "
       "(SELECT * "
       "FROM RELATION WHERE ledger_id = 'OWN'::uuid) x WHERE s.y IS NOT NULL"),
      "SET LOCAL row_security = off; SELECT * FROM RELATION",
      "SET LOCAL row_security = off; COPY RELATION TO STDOUT",
      "SET LOCAL session_replication_role = replica; SELECT * FROM RELATION",
      "SET LOCAL search_path = pg_temp; SELECT * FROM reeve.RELATION",
      "SET ROLE reeve_owner; SELECT * FROM RELATION",
      "SET SESSION AUTHORIZATION test; SELECT * FROM RELATION",
      "SET LOCAL reeve.ledger_id = '%'; SELECT * FROM RELATION",
      "RESET reeve.ledger_id; SELECT * FROM RELATION",
      "RESET ALL; SELECT * FROM reeve.RELATION",
      // Writes; the transaction is rolled back.
      "UPDATE RELATION SET ledger_id = ledger_id RETURNING *",
      "UPDATE RELATION SET ledger_id = 'OTHER' RETURNING *",
      "UPDATE RELATION SET ledger_id = 'OWN' WHERE ledger_id = 'OTHER' RETURNING *",
      "DELETE FROM RELATION WHERE ledger_id = 'OTHER' RETURNING *",
      "DELETE FROM RELATION RETURNING *",
      "INSERT INTO RELATION SELECT * FROM RELATION",
      "INSERT INTO RELATION SELECT * FROM RELATION ON CONFLICT DO NOTHING",
      ("INSERT INTO RELATION SELECT (jsonb_populate_record(x, '{\"ledger_id\": \"OTHER\"}')).* FROM RELATION "
       "x"),
      "TRUNCATE RELATION",
      "LOCK TABLE RELATION IN ACCESS EXCLUSIVE MODE",
      "MERGE INTO RELATION x USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET ledger_id = x.ledger_id",
      "ALTER TABLE RELATION DISABLE ROW LEVEL SECURITY",
      "CREATE POLICY p ON RELATION USING (true)",
      "CREATE INDEX ON RELATION ((pg_temp.noisy(ledger_id::text)))",
      "ANALYZE VERBOSE RELATION",
      "VACUUM RELATION",
      "CREATE STATISTICS st ON ledger_id, ctid FROM RELATION",
      "CREATE TABLE reeve.mine AS SELECT * FROM RELATION",
      "CREATE RULE r AS ON SELECT TO RELATION DO INSTEAD SELECT 1",
      "CREATE TEMP TABLE points (l uuid, k text, FOREIGN KEY (l, k) REFERENCES RELATION)",
      "GRANT SELECT ON RELATION TO PUBLIC",
      "COMMENT ON TABLE RELATION IS 'x'",
      // What the server knows of it.
      "SELECT * FROM pg_stats WHERE schemaname = 'reeve' AND tablename = 'RELATION'",
      "SELECT * FROM pg_stats_ext",
      "SELECT * FROM pg_stats_ext_exprs",
      "SELECT * FROM pg_statistic",
      "SELECT pid, query FROM pg_stat_activity",
      "SELECT * FROM pg_prepared_statements",
      "SELECT * FROM pg_cursors",
      "SELECT * FROM pg_stat_user_tables",
      "SELECT * FROM pg_locks",
      "SELECT pg_current_logfile(), pg_ls_logdir()",
      "SELECT pg_read_binary_file(pg_relation_filepath('RELATION'))",
      "SELECT pg_ls_dir('base')",
      "SELECT lo_import('/etc/passwd')",
      "COPY RELATION TO '/tmp/reeve_isolation'",
      "COPY RELATION TO PROGRAM 'cat'",
      "SELECT * FROM pg_logical_slot_peek_changes('x', NULL, NULL)",
      "SELECT pg_create_physical_replication_slot('x')",
      "SELECT * FROM reeve_ledgers",
      "SELECT * FROM reeve_only_ledger()",
      "SELECT * FROM reeve_find_ledger('nobody')",
      "SELECT * FROM reeve_find_ledger('%')",
      "SELECT last_value FROM reeve_captured_ordinal_seq",
      "INSERT INTO reeve_captured (ledger_id, table_name) VALUES ('OTHER', 'owners')",
      "INSERT INTO owners (ledger_id, owner_id, name) VALUES ('OTHER', 'shared', 'x')",
      "INSERT INTO owners (ledger_id, owner_id, name) VALUES ('OWN', 'shared', 'x')",
      "INSERT INTO badges (ledger_id, owner_id, number, label) VALUES ('OWN', 'shared', 2, 'shared')",
      "INSERT INTO badges (ledger_id, owner_id, number, label) VALUES ('OTHER', 'shared', 2, 'shared')",
      "UPDATE reeve_heads SET fence = 'x' WHERE ledger_id = 'OTHER' RETURNING *",
  };
  return all;
}

}  // namespace

const std::vector<std::string>& readable_relations() {
  static const std::vector<std::string> all = {"owners",
                                               "accounts",
                                               "members",
                                               "badges",
                                               "calendar",
                                               "holdings",
                                               "reeve_heads",
                                               "reeve_meta",
                                               "reeve_events",
                                               "reeve_groups",
                                               "reeve_epochs",
                                               "reeve_sums",
                                               "reeve_captured",
                                               "reeve_search",
                                               "reeve_search_documents",
                                               "reeve_search_postings"};
  return all;
}

std::vector<std::string> raw_statements(const std::string& relation, const Tenant& own, const Tenant& other) {
  std::vector<std::string> all;
  for (const char* text : templates()) {
    std::string statement = text;
    replace_all(statement, "RELATION", relation);
    replace_all(statement, "OWN", own.ledger_id);
    replace_all(statement, "OTHER", other.ledger_id);
    all.push_back(std::move(statement));
  }
  return all;
}

}  // namespace reeve::testing
