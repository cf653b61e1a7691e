-- Who may do what: the owner changes the schema, the writer commits, the reader reads. None of them can pass by
-- the policies: security is forced on the owner as well.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reeve_heads', 'reeve_meta', 'reeve_events', 'reeve_groups', 'reeve_epochs',
                              'reeve_sums', 'reeve_captured'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY reeve_tenant ON %I '
                   'USING (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid) '
                   'WITH CHECK (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid)',
                   name);
  END LOOP;
  -- Dice can be foreseen by who knows the seed: not for those who only read.
  EXECUTE 'CREATE POLICY reeve_seed ON reeve_meta AS RESTRICTIVE FOR SELECT TO reeve_reader '
          'USING (name <> ''seed'')';
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO reeve_writer, reeve_reader', current_schema());
END $$;

GRANT SELECT ON reeve_format, reeve_heads, reeve_meta, reeve_events, reeve_groups, reeve_epochs, reeve_sums,
  reeve_epoch_files, reeve_sources, reeve_layouts TO reeve_writer, reeve_reader;

GRANT INSERT ON reeve_events, reeve_groups, reeve_sums TO reeve_writer;

-- What closes a ledger is not the writer's to change.
GRANT UPDATE (sequence, chain_hash, state_hash) ON reeve_heads TO reeve_writer;

GRANT UPDATE ON reeve_sums TO reeve_writer;

GRANT DELETE ON reeve_sums TO reeve_writer;

GRANT SELECT, INSERT, DELETE ON reeve_captured TO reeve_writer;

REVOKE ALL ON FUNCTION reeve_find_ledger(text), reeve_only_ledger(), reeve_list_ledgers(),
  reeve_erase_rows(text, bigint), reeve_erase_sources() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION reeve_find_ledger(text), reeve_only_ledger() TO reeve_writer, reeve_reader;

-- A ledger that nobody may see: each application proves at opening that it does not (self_test.sql).
DO $$
BEGIN
  PERFORM set_config('reeve.ledger_id', 'ffffffff-ffff-4fff-bfff-ffffffffffff', true);
  INSERT INTO reeve_heads (ledger_id, sequence, chain_hash, state_hash)
  VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 0, '', '');
  INSERT INTO reeve_meta (ledger_id, name, value) VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 'canary', '');
  INSERT INTO reeve_events (ledger_id, sequence, id, type, version, time, actor, span, payload)
  VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 0, 'ffffffff-ffff-4fff-bfff-ffffffffffff', 'canary', 1,
          '1970-01-01Z', '', 1, '{}');
  INSERT INTO reeve_groups (ledger_id, last_sequence, first_sequence, chain_hash, state_hash, chain, changesets)
  VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 0, 0, '', '', '', '');
  INSERT INTO reeve_epochs (ledger_id, epoch, first_sequence, level, sources_hash)
  VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 0, 0, 0, '');
  INSERT INTO reeve_sums (ledger_id, table_name, sequence, sum)
  VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 'canary', 0, '');
  PERFORM set_config('reeve.ledger_id', '', true);
END $$;
