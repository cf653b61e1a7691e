-- Tries what must not work, as a session that is to serve one ledger. It runs by itself: its settings are gone and
-- what it wrote, if anything, is undone when it ends with an error.
DO $reeve$
DECLARE
  own CONSTANT text := '{{ledger}}';
  canary CONSTANT text := 'ffffffff-ffff-4fff-bfff-ffffffffffff';
  all_rows text;
  blueprint_rows text;
  fault text;
BEGIN
  -- A table without a row for the session must not be read through to find that.
  PERFORM set_config('enable_seqscan', 'off', true);
  SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I)', c.relname, c.relname), ' UNION ALL '),
    string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I)', c.relname, c.relname), ' UNION ALL ')
      FILTER (WHERE c.relname NOT LIKE 'reeve\_%')
  INTO all_rows, blueprint_rows
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ledger_id' AND NOT a.attisdropped
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    -- Copies of vectors are made and dropped while others work; that they have a policy is looked at below, as of all.
    AND c.relname <> 'reeve_ledgers' AND c.relname NOT LIKE 'reeve\_vectors\_%' AND has_table_privilege(c.oid, 'SELECT');

  PERFORM set_config('reeve.ledger_id', '', true);
  EXECUTE all_rows || ' LIMIT 1' INTO fault;
  fault := 'without a ledger it sees rows of ' || fault;

  -- The canary ledger has a row in Reeve's own tables and none in the blueprint's.
  PERFORM set_config('reeve.ledger_id', canary, true);
  IF fault IS NULL AND NOT (
    EXISTS (SELECT FROM reeve_heads) AND EXISTS (SELECT FROM reeve_meta) AND EXISTS (SELECT FROM reeve_events)
    AND EXISTS (SELECT FROM reeve_groups) AND EXISTS (SELECT FROM reeve_epochs) AND EXISTS (SELECT FROM reeve_sums))
  THEN
    fault := 'the canary is gone, or the policy of a table of Reeve''s: nothing can be proven';
  END IF;
  IF fault IS NULL AND blueprint_rows IS NOT NULL THEN
    EXECUTE blueprint_rows || ' LIMIT 1' INTO fault;
    fault := 'bound to another ledger it sees rows of ' || fault;
  END IF;

  PERFORM set_config('reeve.ledger_id', own, true);
  IF fault IS NULL THEN
    SELECT 'bound to its ledger it sees the canary of ' || name INTO fault FROM (
      SELECT 'reeve_heads' FROM reeve_heads WHERE ledger_id = canary::uuid
      UNION ALL SELECT 'reeve_meta' FROM reeve_meta WHERE ledger_id = canary::uuid
      UNION ALL SELECT 'reeve_events' FROM reeve_events WHERE ledger_id = canary::uuid
      UNION ALL SELECT 'reeve_groups' FROM reeve_groups WHERE ledger_id = canary::uuid
      UNION ALL SELECT 'reeve_epochs' FROM reeve_epochs WHERE ledger_id = canary::uuid
      UNION ALL SELECT 'reeve_sums' FROM reeve_sums WHERE ledger_id = canary::uuid
    ) AS others (name) LIMIT 1;
  END IF;
  IF fault IS NULL THEN
    BEGIN
      INSERT INTO reeve_sums (ledger_id, table_name, sequence, sum) VALUES (canary::uuid, 'written', 0, '');
      fault := 'it writes rows of another ledger to reeve_sums';
    EXCEPTION WHEN insufficient_privilege OR read_only_sql_transaction THEN
      NULL;
    END;
  END IF;

  -- A table without a policy shows nothing, and so no application can work with it.
  IF fault IS NULL THEN
    SELECT format('the policy reeve_tenant of table %s is missing', c.relname) INTO fault
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'reeve_tenant')
    ORDER BY c.relname COLLATE "C" LIMIT 1;
  END IF;
  -- What was written stays, and what closes a ledger is the owner's.
  IF fault IS NULL THEN
    SELECT format('it may change %s', name) INTO fault
    FROM unnest(ARRAY['reeve_events', 'reeve_groups', 'reeve_epochs', 'reeve_meta']) AS own_tables (name)
    WHERE has_any_column_privilege(name, 'UPDATE') OR has_table_privilege(name, 'DELETE')
    UNION ALL
    SELECT 'it may open a ledger that is closed'
    WHERE has_column_privilege('reeve_heads', 'closed', 'UPDATE') OR has_column_privilege('reeve_heads', 'fence', 'UPDATE')
      OR has_table_privilege('reeve_heads', 'INSERT, DELETE')
    LIMIT 1;
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = fault;
  END IF;
END $reeve$;
