-- Takes away what rows can be brought over without, and notes how it is made again, in the order in which it was made: of
-- the state's tables and reeve_events. Whatever a statement needs meanwhile stays: primary keys; unique keys and indexes
-- of the state; indexes of a tree, in which its trigger looks for each row. So do indexes over expressions or with a
-- condition, which call functions that PostgreSQL 17 does not find while it makes an index of rows.
CREATE TABLE reeve_postponed (
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  relation text COLLATE "C" NOT NULL,
  statement text COLLATE "C" NOT NULL
);

DO $$
DECLARE
  own oid := (SELECT oid FROM pg_namespace WHERE nspname = current_schema());
  owner oid := (SELECT oid FROM pg_roles WHERE rolname = current_user);
  one record;
BEGIN
  FOR one IN
    SELECT 1 AS kind, i.indexrelid AS id, t.relname AS relation,
      CASE WHEN c.oid IS NULL THEN format('DROP INDEX %I', x.relname)
           ELSE format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, c.conname) END AS unmake,
      CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
           ELSE format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
      END AS make
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
    WHERE t.relnamespace = own AND t.relkind = 'r' AND t.relowner = owner AND NOT i.indisprimary
      AND (t.relname = 'reeve_events' OR
           t.relname !~ '^reeve_' AND NOT i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
           AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = t.oid AND tgname = 'reeve_tree'))
    UNION ALL
    SELECT 2, c.oid, t.relname, format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, c.conname),
      format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c
    JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.connamespace = own AND c.contype = 'f' AND t.relowner = owner AND t.relname !~ '^reeve_'
    UNION ALL
    SELECT 3, g.oid, t.relname, format('DROP TRIGGER %I ON %I', g.tgname, t.relname), pg_get_triggerdef(g.oid)
    FROM pg_trigger g
    JOIN pg_class t ON t.oid = g.tgrelid
    WHERE t.relnamespace = own AND t.relowner = owner AND g.tgname = '0_reeve_capture'
    ORDER BY kind, id
  LOOP
    INSERT INTO reeve_postponed (relation, statement) VALUES (one.relation, one.make);
    EXECUTE one.unmake;
  END LOOP;
END $$;
